//go:build linux

package forgetfs

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var long = flag.Bool("long", false, "run slow tests")

// mounted mounts an empty directory, or skips the test where there is no FUSE.
func mounted(t *testing.T, cfg Config) (f *FS, dir string) {
	t.Helper()
	dir, backing := t.TempDir(), t.TempDir()
	f, err := Mount(dir, backing, cfg)
	if errors.Is(err, ErrUnavailable) && !slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "fuse") {
		t.Skipf("SKIPPED, NOTHING TESTED: %v (LULL_REQUIRE=fuse makes this a failure)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return f, dir
}

// power cuts and restores.
func power(t *testing.T, f *FS) {
	t.Helper()
	must(t, f.Cut())
	f.Restore()
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// edit opens a file, creating it if need be, runs op and closes it. Nothing is synced.
func edit(t *testing.T, path string, op func(file *os.File) error) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	must(t, err)
	must(t, op(file), file.Close())
}

func write(t *testing.T, path, text string, off int64) {
	t.Helper()
	edit(t, path, func(file *os.File) error {
		_, err := file.WriteAt([]byte(text), off)
		return err
	})
}

// syncPath makes a file or a directory durable.
func syncPath(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	must(t, file.Sync(), file.Close())
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// tree returns the content of all files below dir; directories end in a slash, symbolic
// links show their target.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir():
			found[rel+"/"] = ""
		case e.Type() == os.ModeSymlink:
			found[rel], err = os.Readlink(path)
		default:
			var text []byte
			text, err = os.ReadFile(path)
			found[rel] = string(text)
		}
		return err
	}))
	return found
}

// eventually waits for what the kernel does after close has returned.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func wantErrno(t *testing.T, what string, err error, want syscall.Errno) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestMountRefusesBadInput(t *testing.T) {
	mounted(t, Config{}) // or skip
	dir := t.TempDir()
	inner, file := filepath.Join(dir, "inner"), filepath.Join(dir, "file")
	must(t, os.Mkdir(inner, 0o755), os.WriteFile(file, nil, 0o644))
	for _, c := range []struct {
		name, dir, backing string
		cfg                Config
		want               string
	}{
		{"no mount point", dir + "-none", dir, Config{}, "no such file"},
		{"no backing", dir, dir + "-none", Config{}, "no such file"},
		{"backing is a file", t.TempDir(), file, Config{}, "not a directory"},
		{"backing inside", dir, inner, Config{}, "inside the other"},
		{"mount point inside", inner, dir, Config{}, "inside the other"},
		{"same", dir, dir, Config{}, "inside the other"},
		{
			"config", dir, inner,
			Config{Loss: 9, FailFsyncAfter: -1, NoSpaceAfter: -1, SlowFsync: -1},
			"loss 9",
		},
	} {
		f, err := Mount(c.dir, c.backing, c.cfg)
		if err == nil {
			f.Unmount()
			t.Errorf("%s: mounted", c.name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q does not say %q", c.name, err, c.want)
		}
	}
	err := Config{Loss: 9, FailFsyncAfter: -1, NoSpaceAfter: -1, SlowFsync: -1}.check()
	for _, want := range []string{"loss", "FailFsyncAfter", "NoSpaceAfter", "SlowFsync"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

// What is in backing at the start is durable, and a clean unmount keeps what is not.
func TestUnmountKeepsAll(t *testing.T) {
	dir, backing := t.TempDir(), t.TempDir()
	mounted(t, Config{}) // or skip
	must(t, os.WriteFile(filepath.Join(backing, "old"), []byte("1"), 0o644))
	f, err := Mount(dir, backing, Config{})
	must(t, err)
	write(t, filepath.Join(dir, "old"), "2", 1)
	write(t, filepath.Join(dir, "new"), "3", 0)
	write(t, filepath.Join(dir, "gone"), "4", 0)
	syncPath(t, filepath.Join(dir, "gone"))
	must(t, os.Remove(filepath.Join(dir, "gone")))
	must(t, f.Unmount(), f.Unmount())
	got := tree(t, backing)
	if len(got) != 2 || got["old"] != "12" || got["new"] != "3" {
		t.Errorf("backing holds %q", got)
	}
	if err := f.Cut(); err == nil {
		t.Error("a cut after Unmount is not an error")
	}
}

func TestUnmountNamesOpenFiles(t *testing.T) {
	f, dir := mounted(t, Config{})
	file, err := os.Create(filepath.Join(dir, "x"))
	must(t, err)
	if err := f.Unmount(); err == nil || !strings.Contains(err.Error(), "close what is open") {
		t.Errorf("unmount with an open file: %v", err)
	}
	_, err = file.Write([]byte("x"))
	wantErrno(t, "write after unmount", err, syscall.EIO)
	file.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the mount is still there: %v %v", left, err)
	}
}

func TestHandlesDieAtTheCut(t *testing.T) {
	f, dir := mounted(t, Config{})
	path := filepath.Join(dir, "x")
	write(t, path, "kept", 0)
	syncPath(t, path)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	d, err := os.Open(dir)
	must(t, err)
	defer file.Close()
	defer d.Close()
	if _, err := file.ReadAt(make([]byte, 4), 0); err != nil { // into the kernel's cache
		t.Fatal(err)
	}
	must(t, f.Cut(), f.Cut())
	check := func(when string) {
		t.Helper()
		_, err := file.ReadAt(make([]byte, 4), 0)
		wantErrno(t, "read "+when, err, syscall.EIO)
		_, err = file.WriteAt([]byte("x"), 0)
		wantErrno(t, "write "+when, err, syscall.EIO)
		wantErrno(t, "fsync "+when, file.Sync(), syscall.EIO)
		wantErrno(t, "truncate "+when, file.Truncate(0), syscall.EIO)
		_, err = file.Stat()
		wantErrno(t, "stat "+when, err, syscall.EIO)
		_, err = d.Readdirnames(1)
		wantErrno(t, "readdir "+when, err, syscall.EIO)
		wantErrno(t, "fsync of the directory "+when, d.Sync(), syscall.EIO)
	}
	check("after the cut")
	_, err = os.Open(path)
	wantErrno(t, "open after the cut", err, syscall.EIO)
	_, err = os.ReadDir(dir)
	wantErrno(t, "list after the cut", err, syscall.EIO)
	f.Restore()
	check("after restore")
	if got := read(t, path); got != "kept" {
		t.Errorf("a new handle reads %q", got)
	}
}

// The lock of a process that did not survive the cut does not block its successor.
func TestLocksEndAtTheCut(t *testing.T) {
	f, dir := mounted(t, Config{})
	path := filepath.Join(dir, "lock")
	write(t, path, "x", 0)
	syncPath(t, path)
	lock := func() (*os.File, error) {
		file, err := os.Open(path)
		must(t, err)
		t.Cleanup(func() { file.Close() })
		return file, syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	_, err := lock()
	must(t, err)
	_, err = lock()
	wantErrno(t, "second lock", err, syscall.EWOULDBLOCK)
	power(t, f)
	_, err = lock()
	must(t, err)
}

// Cuts and restores in the midst of everything: no hang, no panic, and all that is
// left in backing is what the mount shows.
func TestCutsUnderLoad(t *testing.T) {
	for _, loss := range []Loss{LoseAll, LoseRandom, Torn} {
		f, dir := mounted(t, Config{Loss: loss, SlowFsync: time.Microsecond})
		must(t, os.Mkdir(dir+"/d", 0o755))
		syncPath(t, dir)
		stop := make(chan struct{})
		var workers sync.WaitGroup
		var done atomic.Int64
		for w := range 4 {
			workers.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(w), 0))
				for {
					select {
					case <-stop:
						return
					default:
					}
					if anyOperation(rng, dir) == nil {
						done.Add(1)
					}
				}
			})
		}
		for range 15 {
			time.Sleep(10 * time.Millisecond)
			must(t, f.Cut())
			f.Restore()
		}
		close(stop)
		workers.Wait()
		must(t, f.Cut())
		below := tree(t, f.backing)
		f.Restore()
		if diff := cmp.Diff(below, tree(t, dir)); diff != "" {
			t.Errorf("loss %d: (-backing +mount):\n%s", loss, diff)
		}
		if done.Load() < 100 {
			t.Errorf("loss %d: only %d operations succeeded", loss, done.Load())
		}
	}
}

// anyOperation does something to one or two of ten names.
func anyOperation(rng *rand.Rand, dir string) error {
	name := func() string { return fmt.Sprintf("%s/%s%d", dir, []string{"", "d/"}[rng.IntN(2)], rng.IntN(5)) }
	switch rng.IntN(8) {
	case 0:
		return os.Remove(name())
	case 1:
		return os.Rename(name(), name())
	case 2:
		return os.Link(name(), name())
	case 3:
		return os.Truncate(name(), rng.Int64N(9000))
	case 4:
		d, err := os.Open(filepath.Dir(name()))
		if err != nil {
			return err
		}
		return errors.Join(d.Sync(), d.Close())
	}
	file, err := os.OpenFile(name(), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(make([]byte, rng.IntN(6000)), rng.Int64N(9000))
	if rng.IntN(2) == 0 {
		err = errors.Join(err, file.Sync())
	}
	return errors.Join(err, file.Close())
}
