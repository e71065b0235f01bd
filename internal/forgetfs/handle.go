//go:build linux

package forgetfs

import (
	"context"
	"errors"
	"io"
	"syscall"

	gofuse "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// handle is an open file.
type handle struct {
	fs *FS
	o  *object
}

func (h *handle) held() *object { return h.o }

func (f *FS) openFile(h *handle, flags uint32) (gofuse.FileHandle, syscall.Errno) {
	errno := f.touch(h, func(o *object) error {
		write := flags&unix.O_ACCMODE != unix.O_RDONLY
		if write && f.cfg.ReadOnly {
			return unix.EROFS
		}
		if err := o.content(write); err != nil {
			return err
		}
		o.handles++
		return nil
	})
	if errno != 0 {
		return nil, errno
	}
	return h, 0
}

func (h *handle) Release(context.Context) syscall.Errno {
	return h.fs.touch(h, func(o *object) error {
		o.handles--
		h.fs.settle(o)
		return nil
	})
}

func (h *handle) Flush(context.Context) syscall.Errno {
	return h.fs.view(h, func(*object) error { return nil })
}

func (h *handle) Read(_ context.Context, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	n := 0
	errno := h.fs.view(h, func(o *object) (err error) {
		n, err = o.data.ReadAt(dest, off)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	})
	return fuse.ReadResultData(dest[:n]), errno
}

func (h *handle) Write(_ context.Context, data []byte, off int64) (uint32, syscall.Errno) {
	n := 0
	errno := h.fs.change(h, func(o *object) (err error) {
		n, err = h.fs.write(o, data, off)
		return err
	})
	return uint32(n), errno
}

func (f *FS) write(o *object, data []byte, off int64) (int, error) {
	if over := off + int64(len(data)) - o.now - f.room(); over > 0 {
		if over >= int64(len(data)) {
			return 0, unix.ENOSPC
		}
		data = data[:int64(len(data))-over]
	}
	end := off + int64(len(data))
	if err := o.touch(o.data, o.now, off, end); err != nil {
		return 0, err
	}
	n, err := unix.Pwrite(o.contentFd(), data, off)
	if err != nil {
		return 0, err
	}
	f.writes++
	o.last = extent{seq: f.writes, off: off, end: off + int64(n)}
	f.resized(o, max(o.now, o.last.end))
	return n, nil
}

func (f *FS) resized(o *object, now int64) {
	f.used += now - o.now
	o.now = now
}

func (f *FS) truncate(o *object, size int64) error {
	if err := o.content(true); err != nil {
		return err
	}
	if size-o.now > f.room() {
		return unix.ENOSPC
	}
	if err := o.touch(o.data, o.now, size, max(o.now, size)); err != nil {
		return err
	}
	if err := unix.Ftruncate(o.contentFd(), size); err != nil {
		return err
	}
	f.resized(o, size)
	return nil
}

func (h *handle) Fsync(context.Context, uint32) syscall.Errno {
	fails := h.fs.syncing()
	return h.fs.touch(h, func(o *object) error {
		if fails {
			o.syncFailed()
			return unix.EIO
		}
		o.synced(o.now)
		h.fs.commitNew(o)
		return nil
	})
}

// dirHandle is an open directory.
type dirHandle struct {
	fs      *FS
	d       *object
	entries []fuse.DirEntry // read at the first request, and after each rewind
	loaded  bool
	at      int
}

func (h *dirHandle) held() *object { return h.d }

func (h *dirHandle) Readdirent(context.Context) (*fuse.DirEntry, syscall.Errno) {
	errno := h.fs.view(h, func(d *object) (err error) {
		if !h.loaded {
			h.entries, err = h.fs.list(d)
			h.loaded = err == nil
		}
		return err
	})
	if errno != 0 || h.at >= len(h.entries) {
		return nil, errno
	}
	h.at++
	return &h.entries[h.at-1], 0
}

func (h *dirHandle) Seekdir(_ context.Context, off uint64) syscall.Errno {
	if off == 0 {
		h.loaded = false
	} else if off > uint64(len(h.entries)) {
		return unix.EINVAL
	}
	h.at = int(off)
	return 0
}

func (h *dirHandle) Fsyncdir(context.Context, uint32) syscall.Errno {
	return h.fs.touch(h, func(d *object) error {
		h.fs.commitNames(d)
		return nil
	})
}
