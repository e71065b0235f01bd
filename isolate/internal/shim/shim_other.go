//go:build !linux

// Package shim is the init process for programs. Only Linux has use for one.
package shim

import (
	"errors"
	"io"
	"os"
)

// Main returns an error.
func Main(io.Reader, *os.File, []string) (int, error) {
	return 0, errors.New("no init process on this system")
}
