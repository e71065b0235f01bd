//go:build !linux && !darwin

package main

import "os"

// tty has nothing to do: a console of Windows echoes only what somebody reads.
type tty struct{}

func quiet(*os.File, func()) *tty { return &tty{} }
func (*tty) foreground() bool     { return true }
func (*tty) restore()             {}
func (*tty) close()               {}
