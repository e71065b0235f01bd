package confine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// readOnly gives the calling thread mounts of its own, of which all are read-only but what
// lies below Write. Landlock has no say in who owns a file, in its mode, its times and its
// attributes: to root they would be open everywhere.
func (s *Sandbox) readOnly() error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	// Or what is mounted here would be mounted for everybody.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount", err)
	}
	type writable struct {
		fd   int
		path string
	}
	var list []writable
	defer func() {
		for _, w := range list {
			_ = unix.Close(w.fd)
		}
	}()
	for _, path := range s.Write {
		fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		switch {
		case errors.Is(err, unix.ENOENT):
			continue
		case err != nil:
			return &os.PathError{Op: "open_tree", Path: path, Err: err}
		}
		list = append(list, writable{fd, path})
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &attr); err != nil {
		return os.NewSyscallError("mount_setattr", err)
	}
	for _, w := range list {
		err := unix.MoveMount(w.fd, "", unix.AT_FDCWD, w.path, unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_SYMLINKS)
		if err != nil {
			return &os.PathError{Op: "move_mount", Path: w.path, Err: err}
		}
	}
	// The working folder may lie below what was just mounted over it.
	return os.NewSyscallError("chdir", unix.Chdir(dir))
}

// tryReadOnly looks whether mounts can be made read-only, and are then.
func tryReadOnly() bool {
	return (&Sandbox{}).readOnly() == nil && errors.Is(unix.Access("/", unix.W_OK), unix.EROFS)
}
