//go:build !linux

package confine

import (
	"errors"
	"runtime"
)

// Probe finds nothing.
func Probe() Support {
	why := runtime.GOOS + " has no means that a program may use"
	return Support{LandlockWhy: why, SeccompWhy: why}
}

// Lay is not asked for here.
func (s *Sandbox) Lay() error { return laid("sandbox", errors.ErrUnsupported) }
