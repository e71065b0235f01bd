//go:build linux || darwin

package sense

import (
	"os"

	"golang.org/x/sys/unix"
)

// statfs counts what an unprivileged user may write: ext4 keeps a reserve.
func statfs(dir string) (free, total uint64, err error) {
	var st unix.Statfs_t
	for {
		if err = unix.Statfs(dir, &st); err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return 0, 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	unit := uint64(st.Bsize)
	return uint64(st.Bavail) * unit, uint64(st.Blocks) * unit, nil
}
