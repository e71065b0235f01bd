//go:build linux

package forgetfs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// stashName is a directory in backing, hidden from the mount, for removed files that a
// cut may have to bring back. It exists from the first removal to the next cut.
const stashName = ".forgetfs-stash"

// object is a file, directory or other inode of backing. It is known from its first
// lookup until it is gone from backing or a cut ends the epoch.
type object struct {
	id   uint64 // never used twice, unlike ino
	ino  uint64 // in backing
	kind uint32 // S_IFMT bits
	fd   int    // O_PATH

	gone    unix.Errno // answer to every operation: EIO after a cut, ESTALE after removal
	fresh   bool       // created, and none of its names is durable yet
	stashed bool       // has a link in the stash
	freed   bool       // has no name and no handle, so its bytes do not count
	handles int

	uses  []*entry          // pending names that are or were bound to it
	names map[string]*entry // of a directory: pending changes

	data   *os.File // of a regular file: its content, while open or not durable
	sealed bool     // data cannot be written
	now    int64    // size of data
	journal
}

func (o *object) isDir() bool { return o.kind == unix.S_IFDIR }

func (o *object) proc() string { return "/proc/self/fd/" + strconv.Itoa(o.fd) }

func (o *object) stat() (syscall.Stat_t, error) {
	var st syscall.Stat_t
	err := syscall.Fstat(o.fd, &st)
	if err == nil && o.stashed && !o.isDir() {
		st.Nlink--
	}
	return st, err
}

// content opens the data of a file. All handles share it, and a journal has to read what a
// writer overwrites, so it is opened for both, unless backing allows no more than reading.
func (o *object) content(write bool) error {
	if o.data == nil {
		file, err := os.OpenFile(o.proc(), os.O_RDWR, 0)
		o.sealed = errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS)
		if o.sealed {
			file, err = os.OpenFile(o.proc(), os.O_RDONLY, 0)
		}
		if err != nil {
			return err
		}
		st, err := file.Stat()
		if err != nil {
			file.Close()
			return err
		}
		o.data, o.now = file, st.Size()
	}
	if write && o.sealed {
		return unix.EACCES
	}
	return nil
}

func (o *object) contentFd() int { return int(o.data.Fd()) }

func (o *object) closeContent() {
	if o.data != nil {
		o.data.Close() // all was written with pwrite; there is nothing left to fail
		o.data = nil
	}
}

func (o *object) forget(why unix.Errno) {
	o.gone = why
	o.closeContent()
	unix.Close(o.fd)
}

// open takes the object at name in d into the table.
func (f *FS) open(dirfd int, name string) (*object, error) {
	fd, err := unix.Openat(dirfd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	o := &object{fd: fd}
	st, err := o.stat()
	if err == nil && f.root != nil && st.Dev != f.dev {
		err = unix.EXDEV // inode numbers would mean nothing
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	if known := f.objects[st.Ino]; known != nil {
		unix.Close(fd)
		return known, nil
	}
	f.lastID++
	o.id, o.ino, o.kind = f.lastID, st.Ino, st.Mode&unix.S_IFMT
	if f.root == nil {
		f.dev = st.Dev
	}
	f.objects[o.ino] = o
	return o, nil
}

// find returns the object at name in d, nil if there is none.
func (f *FS) find(d *object, name string) (*object, error) {
	if d == f.root && name == stashName {
		return nil, nil
	}
	o, err := f.open(d.fd, name)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	return o, err
}

func (f *FS) sorted() []*object {
	return slices.SortedFunc(maps.Values(f.objects), func(a, b *object) int { return cmp.Compare(a.id, b.id) })
}

// detach takes o's name away. With keep, or if o is owed to an old name, the stash gets it.
func (f *FS) detach(d *object, name string, o *object, keep bool) error {
	if !o.stashed && (keep || o.owed()) {
		if err := f.makeStash(); err != nil {
			return err
		}
		if err := unix.Renameat(d.fd, name, f.stash, o.stashLink()); err != nil {
			return err
		}
		o.stashed = true
		return nil
	}
	flags := 0
	if o.isDir() {
		flags = unix.AT_REMOVEDIR
	}
	return unix.Unlinkat(d.fd, name, flags)
}

// attach gives a stashed object a name again. A directory has one name only, so it leaves
// the stash.
func (f *FS) attach(d *object, name string, o *object) error {
	var err error
	if o.isDir() {
		err = unix.Renameat(f.stash, o.stashLink(), d.fd, name)
		o.stashed = false
	} else {
		err = unix.Linkat(f.stash, o.stashLink(), d.fd, name, 0)
	}
	if gone, _ := d.stat(); errors.Is(err, unix.ENOENT) && gone.Nlink == 0 {
		return nil // d itself was created and removed unsynced; o comes back elsewhere
	}
	return err
}

func (o *object) stashLink() string { return strconv.FormatUint(o.id, 10) }

func (f *FS) makeStash() error {
	if f.stash >= 0 {
		return nil
	}
	if err := unix.Mkdirat(f.root.fd, stashName, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	fd, err := unix.Openat(f.root.fd, stashName, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		f.stash = fd
	}
	return err
}

func (f *FS) dropStash() error {
	if f.stash >= 0 {
		unix.Close(f.stash)
		f.stash = -1
	}
	return os.RemoveAll(filepath.Join(f.backing, stashName))
}

// settle lets go of what o no longer needs: its stash link once no name is owed to it,
// its open content once it is durable and not in use, and o itself once nothing is left.
func (f *FS) settle(o *object) {
	if o == nil || o.gone != 0 || o == f.root {
		return
	}
	if o.stashed && !o.owed() {
		if o.isDir() && !o.fresh { // its removal is durable: so is what happened in it before
			f.commitNames(o)
		}
		f.unstash(o)
	}
	if o.handles == 0 && !o.dirty {
		o.closeContent()
	}
	st, err := o.stat()
	if err != nil || st.Nlink > 0 || o.handles > 0 {
		return
	}
	if !o.freed && o.kind == unix.S_IFREG {
		o.freed = true
		f.used -= st.Size
	}
	if len(o.uses) == 0 && len(o.names) == 0 && !o.stashed {
		delete(f.objects, o.ino)
		o.forget(unix.ESTALE)
	}
}

func (f *FS) unstash(o *object) {
	flags := 0
	if o.isDir() {
		flags = unix.AT_REMOVEDIR
	}
	if unix.Unlinkat(f.stash, o.stashLink(), flags) == nil {
		o.stashed = false
	}
}

// measure sums up the sizes of the files in backing.
func (f *FS) measure() (int64, error) {
	var sum int64
	seen := map[uint64]bool{}
	err := filepath.WalkDir(f.backing, func(_ string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("no inode number for %s", e.Name())
		}
		if !seen[st.Ino] {
			seen[st.Ino] = true
			sum += st.Size
		}
		return nil
	})
	return sum, err
}
