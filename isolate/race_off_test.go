//go:build linux && !race

package isolate_test

const raceEnabled = false
