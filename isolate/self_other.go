//go:build !linux

package isolate

import "os"

// selfPath is the running executable.
func selfPath() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// hideDescriptors is for Linux.
func hideDescriptors(uint) bool { return false }
