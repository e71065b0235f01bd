//go:build !linux

package httpapi

import "fmt"

// longest is how long a socket's path may be on every system (104 bytes of sun_path
// on BSD and macOS, with a 0 at the end).
const longest = 103

func reach(path string, f func(path string) error) error {
	if len(path) > longest {
		return fmt.Errorf("the path has %d bytes, a socket's may have %d: name a folder with a shorter path with --state: %s", len(path), longest, path)
	}
	return f(path)
}
