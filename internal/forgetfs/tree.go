//go:build linux

package forgetfs

import (
	"errors"
	"io"
	"os"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// owner is who asks for a new inode.
type owner struct{ uid, gid uint32 }

// add creates name in d with mk, for who, with exactly mode.
func (f *FS) add(d *object, name string, mode uint32, who owner, mk func() error) (*object, error) {
	if there, err := f.find(d, name); err != nil {
		return nil, err
	} else if there != nil || d == f.root && name == stashName {
		return nil, unix.EEXIST
	}
	if err := mk(); err != nil {
		return nil, err
	}
	o, err := f.find(d, name)
	if err != nil {
		return nil, err
	}
	o.fresh = true
	d.entry(name, nil).bind(o)
	if o.kind == unix.S_IFREG {
		err = o.content(true) // while the mode allows it
	}
	if err == nil && os.Geteuid() == 0 {
		err = unix.Fchownat(d.fd, name, int(who.uid), int(who.gid), unix.AT_SYMLINK_NOFOLLOW)
	}
	if err == nil && o.kind != unix.S_IFLNK {
		err = unix.Chmod(o.proc(), mode&0o7777) // our own umask took bits off
	}
	return o, err
}

func (f *FS) unlink(d *object, name string) error {
	o, err := f.find(d, name)
	if err != nil {
		return err
	}
	if o == nil {
		return unix.ENOENT
	}
	return f.remove(d, name, o)
}

func (f *FS) rmdir(d *object, name string) error {
	o, err := f.find(d, name)
	if err != nil {
		return err
	}
	if err := emptyDir(o); err != nil {
		return err
	}
	return f.remove(d, name, o)
}

func (f *FS) remove(d *object, name string, o *object) error {
	e := d.entry(name, o)
	if err := f.detach(d, name, o, false); err != nil {
		return err
	}
	e.bind(nil)
	f.settle(o)
	return nil
}

// emptyDir says why o cannot be removed as a directory.
func emptyDir(o *object) error {
	if o == nil {
		return unix.ENOENT
	}
	dir, err := os.Open(o.proc())
	if err != nil {
		return err
	}
	defer dir.Close()
	if _, err := dir.Readdirnames(1); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return unix.ENOTEMPTY
}

// rename moves a name. The kernel has checked that the kinds agree, that the names are not
// two of one file, and RENAME_NOREPLACE.
func (f *FS) rename(d1 *object, n1 string, d2 *object, n2 string, flags uint32) error {
	if flags&^(unix.RENAME_NOREPLACE|unix.RENAME_EXCHANGE) != 0 {
		return unix.EINVAL
	}
	o1, err := f.find(d1, n1)
	if err != nil {
		return err
	}
	o2, err := f.find(d2, n2)
	if err != nil {
		return err
	}
	exchange := flags&unix.RENAME_EXCHANGE != 0
	switch {
	case o1 == nil || exchange && o2 == nil:
		return unix.ENOENT
	case d2 == f.root && n2 == stashName:
		return unix.EPERM
	case o2 != nil && !exchange && o1.isDir():
		err = emptyDir(o2)
	}
	if err != nil {
		return err
	}
	e1, e2 := d1.entry(n1, o1), d2.entry(n2, o2)
	if exchange {
		if err := unix.Renameat2(d1.fd, n1, d2.fd, n2, unix.RENAME_EXCHANGE); err != nil {
			return err
		}
		e1.bind(o2)
		e2.bind(o1)
		f.moved(o2, e1, e2)
	} else {
		if o2 != nil {
			if err := f.detach(d2, n2, o2, true); err != nil {
				return err
			}
		}
		if err := unix.Renameat(d1.fd, n1, d2.fd, n2); err != nil {
			if o2 != nil {
				err = errors.Join(err, f.attach(d2, n2, o2))
			}
			return err
		}
		e2.bind(o1)
		e1.bind(nil)
	}
	f.moved(o1, e1, e2)
	f.settle(o2)
	return nil
}

// moved orders the moves of directories from one to another: durable one without the
// other, two of them could put each of two directories inside the other.
func (f *FS) moved(o *object, from, to *entry) {
	if !o.isDir() || from.dir == to.dir {
		return
	}
	if last := f.dirMoved; last != nil && last.group != nil {
		to.group.merge(last.group)
	}
	f.dirMoved = to
}

func (f *FS) link(o, d *object, name string) error {
	st, err := o.stat()
	if err != nil {
		return err
	}
	if st.Nlink == 0 {
		return unix.ENOENT
	}
	if there, err := f.find(d, name); err != nil {
		return err
	} else if there != nil || d == f.root && name == stashName {
		return unix.EEXIST
	}
	if err := unix.Linkat(unix.AT_FDCWD, o.proc(), d.fd, name, unix.AT_SYMLINK_FOLLOW); err != nil {
		return err
	}
	d.entry(name, nil).bind(o)
	return nil
}

// list reads the names in d.
func (f *FS) list(d *object) ([]fuse.DirEntry, error) {
	names, err := os.ReadDir(d.proc())
	if err != nil {
		return nil, err
	}
	var all []fuse.DirEntry
	for _, n := range names {
		if d == f.root && n.Name() == stashName {
			continue
		}
		all = append(all, fuse.DirEntry{Name: n.Name(), Mode: typeBits(n.Type()), Off: uint64(len(all) + 1)})
	}
	return all, nil
}

func typeBits(m os.FileMode) uint32 {
	switch m.Type() {
	case os.ModeDir:
		return unix.S_IFDIR
	case os.ModeSymlink:
		return unix.S_IFLNK
	case os.ModeNamedPipe:
		return unix.S_IFIFO
	case os.ModeSocket:
		return unix.S_IFSOCK
	case 0:
		return unix.S_IFREG
	}
	return 0
}
