package sqlitestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// File systems on which several machines, or a virtual machine and its host, may
// write at once. Locks and shared memory do not reach across, so two engines could
// own one state. Overlay, which containers live on, is one kernel's and works as
// long as the state is not below a read-only layer that others write to.
func networkName(magic uint32) (string, bool) {
	switch magic {
	case 0x6969:
		return "NFS", true
	case 0x517b, 0xfe534d42, 0xff534d42:
		return "SMB", true
	case 0x01021997:
		return "9P", true
	case 0x5346414f:
		return "AFS", true
	case 0x00c36400:
		return "Ceph", true
	case 0x47504653:
		return "GPFS", true
	case 0x0bd00bd0:
		return "Lustre", true
	}
	return "", false
}

// checkDisk refuses a folder on such a file system.
func checkDisk(path string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &st); err != nil {
		return nil // opening says it better
	}
	if name, ok := networkName(uint32(st.Type)); ok {
		return &Error{
			Path: path, Err: fmt.Errorf("it is on a network file system (%s), where locks do not keep a second engine out", name),
			Hint: "put the state on a local disk",
		}
	}
	return nil
}

func allocate(f *os.File, n int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, n)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fill(f, n)
	}
	return err
}
