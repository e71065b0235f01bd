//go:build !linux && !darwin && !windows

package live

import "time"

var began = time.Now()

// On other systems there is no telling sleep from work: neither clock counts it.
func asleepAndAwake() int64 { return awakeOnly() }
func awakeOnly() int64      { return time.Since(began).Microseconds() }
