//go:build linux

package forgetfs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	gofuse "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// ErrUnavailable is returned by [Mount] where there is no FUSE: no /dev/fuse, or neither
// root nor fusermount3. Tests skip on it.
var ErrUnavailable = errors.New("fuse is not available")

// FS is a mounted file system. All methods may be called at any time, from any goroutine.
type FS struct {
	dir, backing string
	server       *fuse.Server

	mu       sync.RWMutex
	cfg      Config
	down     bool          // after Cut, until Restore
	downCh   chan struct{} // closed at Cut
	gone     bool          // unmounted
	cuts     uint64
	fsyncs   int    // of files, since the last Configure
	used     int64  // bytes in all files
	atStart  int64  // used at the last Configure
	writes   uint64 // numbers writes, over all files
	dev      uint64
	root     *object
	objects  map[uint64]*object // by inode number in backing
	lastID   uint64
	dirMoved *entry // the last pending move of a directory to another one
	stash    int    // descriptor, -1: none
}

// Mount shows backing at dir, both existing directories, neither inside the other. What
// backing holds counts as durable. Nothing else may change backing until Unmount; reading
// it is fine, and after Cut it holds exactly what was durable.
func Mount(dir, backing string, cfg Config) (*FS, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("forgetfs config: %w", err)
	}
	if err := available(); err != nil {
		return nil, err
	}
	dir, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	backing, err = realDir(backing)
	if err != nil {
		return nil, err
	}
	if within(dir, backing) || within(backing, dir) {
		return nil, fmt.Errorf("mount point %s and backing directory %s: one is inside the other", dir, backing)
	}
	f := &FS{
		dir: dir, backing: backing, cfg: cfg, downCh: make(chan struct{}),
		lastID: 1, stash: -1, // the root answers as inode 1
	}
	if err := f.dropStash(); err != nil { // left by a server that was killed
		return nil, err
	}
	if err := f.begin(); err != nil {
		return nil, err
	}
	f.atStart = f.used
	root := os.Geteuid() == 0
	f.server, err = gofuse.Mount(dir, &node{fs: f}, &gofuse.Options{
		// No timeouts: the kernel asks for each name and size anew, so that nothing of
		// the time before a cut is answered from its caches.
		NullPermissions: true,
		RootStableAttr:  &gofuse.StableAttr{Ino: 1},
		MountOptions: fuse.MountOptions{
			Name: "forgetfs", FsName: "forgetfs",
			Options:            []string{"default_permissions"},
			AllowOther:         root,
			DirectMountStrict:  root, // its error tells why, fusermount3's does not
			DisableXAttrs:      true,
			DisableReadDirPlus: true,
		},
	})
	if err != nil {
		f.forgetAll(unix.EIO)
		if errors.Is(err, unix.EPERM) || !root { // fusermount3 says why on stderr only
			return nil, fmt.Errorf("%w: mounting %s: %w", ErrUnavailable, dir, err)
		}
		return nil, fmt.Errorf("mounting %s: %w", dir, err)
	}
	closeOnExec("/dev/fuse")
	return f, nil
}

func available() error {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%w: /dev/fuse: %w", ErrUnavailable, err)
	}
	unix.Close(fd)
	if os.Geteuid() == 0 {
		return nil
	}
	if _, err := exec.LookPath("fusermount3"); err != nil {
		return fmt.Errorf("%w: not root, and no fusermount3 (package fuse3)", ErrUnavailable)
	}
	return nil
}

func realDir(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	abs, err = filepath.EvalSymlinks(abs)
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(abs); err != nil || !st.IsDir() {
		return "", errors.Join(err, fmt.Errorf("%s is not a directory", abs))
	}
	return abs, nil
}

func within(dir, parent string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// closeOnExec keeps children from inheriting the descriptors that are open on path: go-fuse
// leaves its own inheritable on a direct mount, and a child that holds it keeps the mount
// waiting for a server that has died.
func closeOnExec(path string) {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, e := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && to == path {
			if fd, err := strconv.Atoi(e.Name()); err == nil {
				unix.CloseOnExec(fd)
			}
		}
	}
}

// begin starts an epoch: all that backing holds now is durable.
func (f *FS) begin() error {
	var err error
	f.root, f.objects, f.dirMoved = nil, map[uint64]*object{}, nil
	if f.used, err = f.measure(); err != nil {
		return err
	}
	f.root, err = f.open(unix.AT_FDCWD, f.backing)
	return err
}

func (f *FS) forgetAll(why unix.Errno) {
	for _, o := range f.objects {
		o.forget(why)
	}
	f.objects = nil
}

// Configure replaces the config of a mounted file system. Counts start from now.
func (f *FS) Configure(cfg Config) error {
	if err := cfg.check(); err != nil {
		return fmt.Errorf("forgetfs config: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cfg, f.fsyncs, f.atStart = cfg, 0, f.used
	return nil
}

// SetReadOnly switches Config.ReadOnly alone.
func (f *FS) SetReadOnly(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cfg.ReadOnly = on
}

// Cut is the power loss. When it returns, backing holds what was durable, as Config.Loss
// has it, and every operation in dir answers EIO until Restore. An fsync that was under way
// fails, unless it had made its file durable already. A second Cut without a Restore
// changes nothing.
func (f *FS) Cut() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return fmt.Errorf("forgetfs on %s is unmounted", f.dir)
	}
	if f.down {
		return nil
	}
	f.down = true
	close(f.downCh)
	rng := rand.New(rand.NewPCG(f.cfg.Seed, f.cuts))
	f.cuts++
	if f.cfg.Loss == LoseRandom {
		f.commitRandom(rng)
	}
	err := errors.Join(f.rewind(rng), f.revert(), f.dropStash())
	f.forgetAll(unix.EIO)
	if err = errors.Join(err, f.begin()); err != nil {
		return fmt.Errorf("cut of %s: %w", f.backing, err)
	}
	return nil
}

// rewind turns the data of all files back.
func (f *FS) rewind(rng *rand.Rand) error {
	var torn *object
	var dirty []*object
	for _, o := range f.sorted() {
		if !o.dirty {
			continue
		}
		dirty = append(dirty, o)
		if f.cfg.Loss == Torn && !o.fresh && o.last.seq > 0 && (torn == nil || o.last.seq > torn.last.seq) {
			torn = o
		}
	}
	random := rng
	if f.cfg.Loss != LoseRandom {
		random = nil
	}
	var errs []error
	for _, o := range dirty {
		if o == torn {
			unit := []int64{512, 4096}[rng.IntN(2)]
			errs = append(errs, o.tear(o.data, o.contentFd(), o.now, unit))
		} else {
			errs = append(errs, o.rewind(o.contentFd(), o.now, random))
		}
	}
	return errors.Join(errs...)
}

// Restore gives the power back. Files have to be opened anew.
func (f *FS) Restore() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down && !f.gone {
		f.down, f.downCh = false, make(chan struct{})
	}
}

// Unmount ends the mount and keeps everything that was written. Files that are still open
// in dir make it an error; then the mount is detached all the same, and they answer EIO.
// Further calls do nothing.
func (f *FS) Unmount() error {
	f.mu.RLock()
	gone := f.gone
	f.mu.RUnlock()
	if gone {
		return nil
	}
	busy := f.server.Unmount() // without the lock: the kernel writes its dirty pages back
	if busy != nil {
		busy = fmt.Errorf("unmounting %s: %w; close what is open there", f.dir, busy)
		if err := detachMount(f.dir); err != nil {
			return errors.Join(busy, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	if !f.down {
		f.down = true
		close(f.downCh)
	}
	f.forgetAll(unix.EIO)
	return errors.Join(busy, f.dropStash())
}

func detachMount(dir string) error {
	if os.Geteuid() == 0 {
		return unix.Unmount(dir, unix.MNT_DETACH)
	}
	return exec.Command("fusermount3", "-u", "-z", dir).Run()
}

// holder is what an operation comes through: a node or a handle.
type holder interface{ held() *object }

// enter finds the object of an operation, or why it cannot run. The lock is held.
func (f *FS) enter(h holder) (*object, syscall.Errno) {
	if f.down {
		return nil, unix.EIO
	}
	o := h.held()
	return o, o.gone
}

// view runs an operation that reads.
func (f *FS) view(h holder, op func(o *object) error) syscall.Errno {
	f.mu.RLock()
	defer f.mu.RUnlock()
	o, errno := f.enter(h)
	if errno != 0 {
		return errno
	}
	return gofuse.ToErrno(op(o))
}

// touch runs an operation that changes our tables only.
func (f *FS) touch(h holder, op func(o *object) error) syscall.Errno {
	f.mu.Lock()
	defer f.mu.Unlock()
	o, errno := f.enter(h)
	if errno != 0 {
		return errno
	}
	return gofuse.ToErrno(op(o))
}

// change runs an operation that changes backing.
func (f *FS) change(h holder, op func(o *object) error) syscall.Errno {
	return f.touch(h, func(o *object) error {
		if f.cfg.ReadOnly {
			return unix.EROFS
		}
		return op(o)
	})
}

// syncing counts one fsync of a file, waits as long as it takes, and reports whether it is
// the one to fail.
func (f *FS) syncing() (fails bool) {
	f.mu.Lock()
	f.fsyncs++
	fails = f.fsyncs == f.cfg.FailFsyncAfter
	slow, down := f.cfg.SlowFsync, f.downCh
	f.mu.Unlock()
	if slow > 0 {
		timer := time.NewTimer(slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-down:
		}
	}
	return fails
}

// room is by how much files may still grow.
func (f *FS) room() int64 {
	if f.cfg.NoSpaceAfter == 0 {
		return 1 << 62
	}
	return max(f.cfg.NoSpaceAfter-(f.used-f.atStart), 0)
}
