//go:build !linux

// Package shim is the init process for programs. Only Linux has use for one.
package shim

import (
	"errors"
	"os"
)

// Main returns an error.
func Main(_, _ *os.File, _ []string) (int, error) {
	return 0, errors.New("no init process on this system")
}
