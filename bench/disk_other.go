//go:build !linux

package main

import "os"

func fdatasync(f *os.File) error { return f.Sync() }

func settle() {}

func diskOf(string) (string, error) { return "file system not asked for on this system", nil }
