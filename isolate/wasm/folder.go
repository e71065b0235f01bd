package wasm

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	expsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// folder is a Dir, opened. Everything goes through an os.Root, which follows no link
// and no ".." out of it; wazero's own folders do (FSConfig.WithDirMount says so).
type folder struct {
	expsys.UnimplementedFS // no links
	root                   *os.Root
	readOnly               bool
}

func openFolder(d Dir) (*folder, error) {
	root, err := os.OpenRoot(d.Host)
	if err != nil {
		return nil, fmt.Errorf("folder for %s: %w", d.Guest, err)
	}
	return &folder{root: root, readOnly: d.ReadOnly}, nil
}

// inside makes a guest's path one of the root.
func inside(p string) string {
	p = strings.TrimPrefix(path.Clean("/"+p), "/")
	if p == "" {
		return "."
	}
	return filepath.FromSlash(p)
}

func (d *folder) OpenFile(p string, flag expsys.Oflag, perm fs.FileMode) (expsys.File, expsys.Errno) {
	if escapes(p) {
		return nil, expsys.EPERM
	}
	const writes = expsys.O_RDWR | expsys.O_WRONLY | expsys.O_CREAT | expsys.O_TRUNC
	if d.readOnly && flag&writes != 0 {
		return nil, expsys.EROFS
	}
	osFlag := openFlags(flag)
	f, err := d.root.OpenFile(inside(p), osFlag|nonblock, perm.Perm())
	if err != nil {
		return nil, errnoOf(err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		_ = f.Close()
		return nil, errnoOf(err)
	case !info.Mode().IsRegular() && !info.IsDir():
		_ = f.Close() // a pipe or a device could hold up the guest, and so its end
		return nil, expsys.EACCES
	case flag&expsys.O_DIRECTORY != 0 && !info.IsDir():
		_ = f.Close()
		return nil, expsys.ENOTDIR
	}
	adapted, errno := adapt(f, func() (fs.File, error) { return d.root.Open(inside(p)) })
	if errno != 0 {
		_ = f.Close()
		return nil, errno
	}
	return &hostFile{File: adapted, f: f, info: info, flag: flag, dir: d, path: p}, 0
}

// escapes is true for a path that climbs out by its words alone.
func escapes(p string) bool {
	return !isTop(p) && !fs.ValidPath(strings.TrimPrefix(path.Clean(p), "/"))
}

func openFlags(flag expsys.Oflag) int {
	out := os.O_RDONLY
	switch {
	case flag&expsys.O_RDWR != 0:
		out = os.O_RDWR
	case flag&expsys.O_WRONLY != 0:
		out = os.O_WRONLY
	}
	for _, m := range []struct {
		from expsys.Oflag
		to   int
	}{
		{expsys.O_APPEND, os.O_APPEND},
		{expsys.O_CREAT, os.O_CREATE},
		{expsys.O_EXCL, os.O_EXCL},
		{expsys.O_TRUNC, os.O_TRUNC},
		{expsys.O_SYNC, os.O_SYNC},
		{expsys.O_DSYNC, os.O_SYNC},
	} {
		if flag&m.from != 0 {
			out |= m.to
		}
	}
	return out
}

// errnoOf turns an error of the system into one of WASI's; the root's own, for a path
// that leads outside, is EPERM.
func errnoOf(err error) expsys.Errno {
	if err == nil {
		return 0
	}
	errno := expsys.UnwrapOSError(err)
	if errno == expsys.EIO && strings.Contains(err.Error(), "escapes") {
		return expsys.EPERM
	}
	return errno
}

// change does what a read-only folder refuses.
func (d *folder) change(f func(*os.Root) error, paths ...string) expsys.Errno {
	if d.readOnly {
		return expsys.EROFS
	}
	for _, p := range paths {
		if escapes(p) {
			return expsys.EPERM
		}
	}
	return errnoOf(f(d.root))
}

func (d *folder) look(p string, f func(string) (fs.FileInfo, error)) (sys.Stat_t, expsys.Errno) {
	if escapes(p) {
		return sys.Stat_t{}, expsys.EPERM
	}
	info, err := f(inside(p))
	if err != nil {
		return sys.Stat_t{}, errnoOf(err)
	}
	return sys.NewStat_t(info), 0
}

func (d *folder) Stat(p string) (sys.Stat_t, expsys.Errno)  { return d.look(p, d.root.Stat) }
func (d *folder) Lstat(p string) (sys.Stat_t, expsys.Errno) { return d.look(p, d.root.Lstat) }

func (d *folder) Mkdir(p string, perm fs.FileMode) expsys.Errno {
	return d.change(func(r *os.Root) error { return r.Mkdir(inside(p), perm.Perm()) }, p)
}

func (d *folder) Chmod(p string, perm fs.FileMode) expsys.Errno {
	return d.change(func(r *os.Root) error { return r.Chmod(inside(p), perm.Perm()) }, p)
}

func (d *folder) Rename(from, to string) expsys.Errno {
	return d.change(func(r *os.Root) error { return r.Rename(inside(from), inside(to)) }, from, to)
}

func (d *folder) Rmdir(p string) expsys.Errno {
	st, errno := d.Lstat(p)
	switch {
	case errno != 0:
		return errno
	case !st.Mode.IsDir():
		return expsys.ENOTDIR
	}
	return d.change(func(r *os.Root) error { return r.Remove(inside(p)) }, p)
}

func (d *folder) Unlink(p string) expsys.Errno {
	st, errno := d.Lstat(p)
	switch {
	case errno != 0:
		return errno
	case st.Mode.IsDir():
		return expsys.EISDIR
	}
	return d.change(func(r *os.Root) error { return r.Remove(inside(p)) }, p)
}

func (d *folder) Readlink(p string) (string, expsys.Errno) {
	if escapes(p) {
		return "", expsys.EPERM
	}
	to, err := d.root.Readlink(inside(p))
	return filepath.ToSlash(to), errnoOf(err)
}

func (d *folder) Utimens(p string, atim, mtim int64) expsys.Errno {
	// A time that is to stay as it is needs the old one.
	st, errno := d.Stat(p)
	if errno != 0 {
		return errno
	}
	at, mt := newTime(atim, st.Atim), newTime(mtim, st.Mtim)
	return d.change(func(r *os.Root) error { return r.Chtimes(inside(p), at, mt) }, p)
}

func newTime(t, old int64) time.Time {
	if t == expsys.UTIME_OMIT {
		t = old
	}
	return time.Unix(0, t)
}

// hostFile is a file or folder of the host, opened.
type hostFile struct {
	expsys.File
	f    *os.File
	info fs.FileInfo
	flag expsys.Oflag
	dir  *folder
	path string
}

func (h *hostFile) IsAppend() bool { return h.flag&expsys.O_APPEND != 0 }

// SetAppend opens the file anew: a descriptor's mode cannot be changed everywhere.
func (h *hostFile) SetAppend(on bool) expsys.Errno {
	flag := h.flag &^ (expsys.O_APPEND | expsys.O_CREAT | expsys.O_EXCL | expsys.O_TRUNC)
	if on {
		flag |= expsys.O_APPEND
	}
	again, errno := h.dir.OpenFile(h.path, flag, 0)
	if errno != 0 {
		return errno
	}
	fresh := again.(*hostFile)
	at, err := h.f.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = fresh.f.Seek(at, io.SeekStart)
	}
	if err != nil || !os.SameFile(h.info, fresh.info) {
		_ = fresh.Close()
		return expsys.EIO
	}
	_ = h.Close()
	*h = *fresh
	return 0
}

// Pwrite differs from that of os.File, which refuses a file opened to append.
func (h *hostFile) Pwrite(p []byte, off int64) (int, expsys.Errno) {
	if h.IsAppend() {
		return h.Write(p)
	}
	return h.File.Pwrite(p, off)
}

func (h *hostFile) Truncate(size int64) expsys.Errno {
	if size < 0 {
		return expsys.EINVAL
	}
	return errnoOf(h.f.Truncate(size))
}

func (h *hostFile) Sync() expsys.Errno     { return errnoOf(h.f.Sync()) }
func (h *hostFile) Datasync() expsys.Errno { return errnoOf(h.f.Sync()) }

func (h *hostFile) Utimens(atim, mtim int64) expsys.Errno { return h.dir.Utimens(h.path, atim, mtim) }
