//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// own reports whether a file belongs to this user, or to one who may read everything
// anyway.
func own(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || st.Uid == 0 || int(st.Uid) == os.Geteuid()
}
