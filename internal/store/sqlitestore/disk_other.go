//go:build unix && !linux

package sqlitestore

import "os"

func checkDisk(string) error { return nil }

func allocate(f *os.File, n int64) error { return fill(f, n) }
