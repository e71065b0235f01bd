//go:build linux

package forgetfs

import (
	"context"
	"syscall"

	gofuse "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// node is what the kernel knows of an object. The root node outlives cuts, so it has no
// object of its own; the others end with their epoch.
type node struct {
	gofuse.Inode
	fs *FS
	o  *object
}

func (n *node) held() *object {
	if n.o == nil {
		return n.fs.root
	}
	return n.o
}

// child answers with the node of o.
func (n *node) child(ctx context.Context, o *object, out *fuse.EntryOut) (*gofuse.Inode, error) {
	st, err := o.stat()
	if err != nil {
		return nil, err
	}
	out.FromStat(&st)
	return n.NewInode(ctx, &node{fs: n.fs, o: o}, gofuse.StableAttr{Mode: o.kind, Ino: o.id}), nil
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*gofuse.Inode, syscall.Errno) {
	var child *gofuse.Inode
	errno := n.fs.touch(n, func(d *object) error {
		o, err := n.fs.find(d, name)
		if err != nil {
			return err
		}
		if o == nil {
			return unix.ENOENT
		}
		child, err = n.child(ctx, o, out)
		return err
	})
	return child, errno
}

// added makes a new inode in n and answers with its node.
func (n *node) added(ctx context.Context, name string, mode uint32, out *fuse.EntryOut, mk func(d *object) error) (*gofuse.Inode, *object, syscall.Errno) {
	var child *gofuse.Inode
	var o *object
	var who owner
	if caller, ok := fuse.FromContext(ctx); ok {
		who = owner{caller.Uid, caller.Gid}
	}
	errno := n.fs.change(n, func(d *object) error {
		var err error
		if o, err = n.fs.add(d, name, mode, who, func() error { return mk(d) }); err != nil {
			return err
		}
		child, err = n.child(ctx, o, out)
		return err
	})
	return child, o, errno
}

func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*gofuse.Inode, gofuse.FileHandle, uint32, syscall.Errno) {
	child, o, errno := n.added(ctx, name, mode, out, func(d *object) error {
		return unix.Mknodat(d.fd, name, unix.S_IFREG|0o600, 0)
	})
	if errno != 0 {
		return nil, nil, 0, errno
	}
	h, errno := n.fs.openFile(&handle{fs: n.fs, o: o}, flags)
	return child, h, fuse.FOPEN_KEEP_CACHE, errno
}

func (n *node) Mknod(ctx context.Context, name string, mode, dev uint32, out *fuse.EntryOut) (*gofuse.Inode, syscall.Errno) {
	child, _, errno := n.added(ctx, name, mode, out, func(d *object) error {
		return unix.Mknodat(d.fd, name, mode, int(dev))
	})
	return child, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*gofuse.Inode, syscall.Errno) {
	child, _, errno := n.added(ctx, name, mode, out, func(d *object) error {
		return unix.Mkdirat(d.fd, name, mode&0o7777)
	})
	return child, errno
}

func (n *node) Symlink(ctx context.Context, target, name string, out *fuse.EntryOut) (*gofuse.Inode, syscall.Errno) {
	child, _, errno := n.added(ctx, name, 0, out, func(d *object) error {
		return unix.Symlinkat(target, d.fd, name)
	})
	return child, errno
}

func (n *node) Link(ctx context.Context, target gofuse.InodeEmbedder, name string, out *fuse.EntryOut) (*gofuse.Inode, syscall.Errno) {
	to, ok := target.(*node)
	if !ok {
		return nil, unix.EXDEV
	}
	var child *gofuse.Inode
	errno := n.fs.change(n, func(d *object) error {
		o, errno := n.fs.enter(to)
		if errno != 0 {
			return errno
		}
		err := n.fs.link(o, d, name)
		if err == nil {
			child, err = n.child(ctx, o, out)
		}
		return err
	})
	return child, errno
}

func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	return n.fs.change(n, func(d *object) error { return n.fs.unlink(d, name) })
}

func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	return n.fs.change(n, func(d *object) error { return n.fs.rmdir(d, name) })
}

func (n *node) Rename(_ context.Context, name string, newParent gofuse.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	to, ok := newParent.(*node)
	if !ok {
		return unix.EXDEV
	}
	return n.fs.change(n, func(d1 *object) error {
		d2, errno := n.fs.enter(to)
		if errno != 0 {
			return errno
		}
		return n.fs.rename(d1, name, d2, newName, flags)
	})
}

func (n *node) Readlink(context.Context) ([]byte, syscall.Errno) {
	buf := make([]byte, unix.PathMax)
	errno := n.fs.view(n, func(o *object) error {
		size, err := unix.Readlinkat(o.fd, "", buf)
		buf = buf[:max(size, 0)]
		return err
	})
	return buf, errno
}

func (n *node) Getattr(_ context.Context, _ gofuse.FileHandle, out *fuse.AttrOut) syscall.Errno {
	return n.fs.view(n, func(o *object) error {
		st, err := o.stat()
		out.FromStat(&st)
		return err
	})
}

func (n *node) Setattr(_ context.Context, _ gofuse.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	return n.fs.change(n, func(o *object) error {
		if size, ok := in.GetSize(); ok {
			if err := n.fs.truncate(o, int64(size)); err != nil {
				return err
			}
		}
		if err := setAttributes(o, in); err != nil {
			return err
		}
		st, err := o.stat()
		out.FromStat(&st)
		return err
	})
}

func setAttributes(o *object, in *fuse.SetAttrIn) error {
	uid, hasUID := in.GetUID()
	gid, hasGID := in.GetGID()
	if hasUID || hasGID {
		u, g := -1, -1
		if hasUID {
			u = int(uid)
		}
		if hasGID {
			g = int(gid)
		}
		if err := unix.Fchownat(o.fd, "", u, g, unix.AT_EMPTY_PATH); err != nil {
			return err
		}
	}
	if mode, ok := in.GetMode(); ok { // after the owner: chown clears set-id bits
		if err := unix.Chmod(o.proc(), mode&0o7777); err != nil {
			return err
		}
	}
	atime, hasA := in.GetATime()
	mtime, hasM := in.GetMTime()
	if !hasA && !hasM {
		return nil
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Nsec: unix.UTIME_OMIT}}
	if hasA {
		times[0] = unix.NsecToTimespec(atime.UnixNano())
	}
	if hasM {
		times[1] = unix.NsecToTimespec(mtime.UnixNano())
	}
	if o.kind == unix.S_IFLNK { // an O_PATH descriptor leads to the link's target
		return unix.EOPNOTSUPP
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, o.proc(), times, 0)
}

func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	return n.fs.view(n, func(o *object) error {
		var st syscall.Statfs_t
		if err := syscall.Fstatfs(o.fd, &st); err != nil {
			return err
		}
		if st.Bsize > 0 {
			left := uint64(n.fs.room() / st.Bsize)
			st.Bfree, st.Bavail = min(st.Bfree, left), min(st.Bavail, left)
		}
		out.FromStatfsT(&st)
		return nil
	})
}

func (n *node) Open(_ context.Context, flags uint32) (gofuse.FileHandle, uint32, syscall.Errno) {
	h, errno := n.fs.openFile(&handle{fs: n.fs, o: n.o}, flags)
	return h, fuse.FOPEN_KEEP_CACHE, errno
}

func (n *node) OpendirHandle(context.Context, uint32) (gofuse.FileHandle, uint32, syscall.Errno) {
	h := &dirHandle{fs: n.fs}
	errno := n.fs.view(n, func(d *object) error {
		h.d = d
		return nil
	})
	if errno != 0 {
		return nil, 0, errno
	}
	return h, 0, 0
}
