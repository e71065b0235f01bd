package wasm

import (
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	expsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// scratch is a folder in memory, without folders inside, for a command's result and
// what it needs to write it, such as a file that is renamed at the end.
type scratch struct {
	expsys.UnimplementedFS
	files map[string]*blob
	left  int // bytes that may still be written
	made  uint64
}

// Bounds of a scratch folder.
const (
	scratchRoom  = 1 << 20 // beside a result of the largest size
	scratchFiles = 64
)

// blob is the content of a file.
type blob struct {
	ino  uint64
	data []byte
}

func newScratch(resultLimit int) *scratch {
	return &scratch{files: map[string]*blob{}, left: resultLimit + scratchRoom}
}

func (s *scratch) read(name string) ([]byte, bool) {
	b, ok := s.files[name]
	if !ok {
		return nil, false
	}
	return b.data, true
}

func isTop(path string) bool { return path == "" || path == "." || path == "/" }

func (s *scratch) OpenFile(path string, flag expsys.Oflag, _ fs.FileMode) (expsys.File, expsys.Errno) {
	if isTop(path) {
		if flag&(expsys.O_RDWR|expsys.O_WRONLY|expsys.O_CREAT|expsys.O_TRUNC) != 0 {
			return nil, expsys.EISDIR
		}
		return adapt(&scratchTop{s: s}, func() (fs.File, error) { return &scratchTop{s: s}, nil })
	}
	b, ok := s.files[path]
	switch {
	case strings.Contains(path, "/"):
		return nil, expsys.ENOENT
	case ok && flag&expsys.O_CREAT != 0 && flag&expsys.O_EXCL != 0:
		return nil, expsys.EEXIST
	case ok && flag&expsys.O_DIRECTORY != 0:
		return nil, expsys.ENOTDIR
	case ok:
	case flag&expsys.O_CREAT == 0:
		return nil, expsys.ENOENT
	case len(s.files) >= scratchFiles || len(path) > 255:
		return nil, expsys.ENAMETOOLONG
	default:
		s.made++
		b = &blob{ino: s.made + topStat.Ino}
		s.files[path] = b
	}
	f := &scratchFile{s: s, b: b, flag: flag}
	if flag&expsys.O_TRUNC != 0 {
		if err := f.resize(0); err != nil {
			return nil, errnoOf(err)
		}
	}
	adapted, errno := adapt(f, nil)
	return &scratchHandle{adapted, f}, errno
}

func (s *scratch) Stat(path string) (sys.Stat_t, expsys.Errno) {
	if isTop(path) {
		return topStat, 0
	}
	b, ok := s.files[path]
	if !ok {
		return sys.Stat_t{}, expsys.ENOENT
	}
	return b.stat(), 0
}

func (s *scratch) Lstat(path string) (sys.Stat_t, expsys.Errno) { return s.Stat(path) }

func (s *scratch) Rename(from, to string) expsys.Errno {
	b, ok := s.files[from]
	switch {
	case !ok:
		return expsys.ENOENT
	case isTop(to) || strings.Contains(to, "/") || len(to) > 255:
		return expsys.EINVAL
	case from == to:
		return 0
	}
	delete(s.files, from)
	s.files[to] = b
	return 0
}

// Unlink removes a file. What is open stays readable, and its bytes stay counted: a guest
// that plays with that has less room, not more.
func (s *scratch) Unlink(path string) expsys.Errno {
	if _, ok := s.files[path]; !ok {
		return expsys.ENOENT
	}
	delete(s.files, path)
	return 0
}

func (s *scratch) Chmod(path string, _ fs.FileMode) expsys.Errno {
	_, errno := s.Stat(path)
	return errno
}

func (s *scratch) Utimens(path string, _, _ int64) expsys.Errno {
	_, errno := s.Stat(path)
	return errno
}

var topStat = sys.Stat_t{Ino: 1, Mode: fs.ModeDir | 0o700, Nlink: 1}

func (b *blob) stat() sys.Stat_t {
	return sys.Stat_t{Ino: b.ino, Mode: 0o600, Nlink: 1, Size: int64(len(b.data))}
}

// info is what Stat tells of a file.
type info struct {
	name string
	st   sys.Stat_t
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.st.Size }
func (i info) Mode() fs.FileMode          { return i.st.Mode }
func (i info) ModTime() time.Time         { return time.Unix(0, 0) }
func (i info) IsDir() bool                { return i.st.Mode.IsDir() }
func (i info) Sys() any                   { return &i.st }
func (i info) Type() fs.FileMode          { return i.st.Mode.Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

// scratchTop is the folder, opened.
type scratchTop struct {
	s    *scratch
	todo []fs.DirEntry
	read bool
}

func (*scratchTop) Stat() (fs.FileInfo, error) { return info{".", topStat}, nil }
func (*scratchTop) Read([]byte) (int, error)   { return 0, expsys.EISDIR }
func (*scratchTop) Close() error               { return nil }

// ReadDir lists the folder once, by name.
func (d *scratchTop) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		d.read = true
		for _, name := range slices.Sorted(maps.Keys(d.s.files)) {
			d.todo = append(d.todo, info{name, d.s.files[name].stat()})
		}
	}
	if n <= 0 || n > len(d.todo) {
		n = len(d.todo)
	}
	list := d.todo[:n]
	d.todo = d.todo[n:]
	return list, nil
}

// scratchFile is a file, opened.
type scratchFile struct {
	s    *scratch
	b    *blob
	flag expsys.Oflag
	at   int64
}

func (f *scratchFile) Stat() (fs.FileInfo, error) { return info{"file", f.b.stat()}, nil }
func (f *scratchFile) Close() error               { return nil }

func (f *scratchFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	return n, err
}

// ReadAt leaves it to the caller to tell a short read from the end.
func (f *scratchFile) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case f.flag&expsys.O_WRONLY != 0:
		return 0, expsys.EBADF
	case off < 0:
		return 0, expsys.EINVAL
	case off >= int64(len(f.b.data)):
		return 0, io.EOF
	}
	return copy(p, f.b.data[off:]), nil
}

func (f *scratchFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += int64(len(f.b.data))
	default:
		return 0, expsys.EINVAL
	}
	if offset < 0 {
		return 0, expsys.EINVAL
	}
	f.at = offset
	return offset, nil
}

func (f *scratchFile) Write(p []byte) (int, error) {
	if f.flag&expsys.O_APPEND != 0 {
		f.at = int64(len(f.b.data))
	}
	n, err := f.WriteAt(p, f.at)
	f.at += int64(n)
	return n, err
}

func (f *scratchFile) WriteAt(p []byte, off int64) (int, error) {
	switch end := off + int64(len(p)); {
	case !f.writable():
		return 0, expsys.EBADF
	case off < 0 || end < 0:
		return 0, expsys.EINVAL
	case end > int64(len(f.b.data)):
		if err := f.resize(end); err != nil {
			return 0, err
		}
	}
	return copy(f.b.data[off:], p), nil
}

func (f *scratchFile) writable() bool { return f.flag&(expsys.O_WRONLY|expsys.O_RDWR) != 0 }

// resize takes the room for a longer file from the folder's, and gives it back for a
// shorter one.
func (f *scratchFile) resize(size int64) error {
	more := size - int64(len(f.b.data))
	switch {
	case !f.writable():
		return expsys.EBADF
	case size < 0:
		return expsys.EINVAL
	case more > int64(f.s.left):
		return expsys.EIO // ENOSPC is not among wazero's
	case more > 0:
		f.b.data = append(f.b.data, make([]byte, more)...)
	default:
		f.b.data = f.b.data[:size:size]
	}
	f.s.left -= int(more)
	return nil
}

// scratchHandle adds what files of package fs do not have.
type scratchHandle struct {
	expsys.File
	f *scratchFile
}

func (h *scratchHandle) IsAppend() bool { return h.f.flag&expsys.O_APPEND != 0 }

func (h *scratchHandle) SetAppend(on bool) expsys.Errno {
	h.f.flag &^= expsys.O_APPEND
	if on {
		h.f.flag |= expsys.O_APPEND
	}
	return 0
}

func (h *scratchHandle) Truncate(size int64) expsys.Errno { return errnoOf(h.f.resize(size)) }
func (h *scratchHandle) Sync() expsys.Errno               { return 0 }
func (h *scratchHandle) Datasync() expsys.Errno           { return 0 }
func (h *scratchHandle) Utimens(_, _ int64) expsys.Errno  { return 0 }
