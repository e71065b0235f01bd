//go:build linux

package faulttest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/forgetfs"
	"github.com/lullwork/lull/work"
)

// forgetful makes a scene whose state lies on a disk that forgets, and the folder that
// holds what is durable. Nothing of this process may map a file there.
func forgetful(t *testing.T) (s script, f *forgetfs.FS, durable string) {
	t.Helper()
	s = scene(t)
	durable = filepath.Join(filepath.Dir(s.State), "durable")
	must(t, os.Mkdir(durable, 0o700))
	f, err := forgetfs.Mount(s.State, durable, forgetfs.Config{})
	if errors.Is(err, forgetfs.ErrUnavailable) {
		lacking(t, "fuse", err)
	}
	must(t, err)
	t.Cleanup(func() { leave(t, s, f) })
	return s, f, durable
}

// leave unmounts a forgetful disk. A child that a killed engine had just forked has the
// engine's files open until it executes.
func leave(t *testing.T, s script, f *forgetfs.FS) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		open := false
		fds, _ := filepath.Glob("/proc/[0-9]*/fd/*")
		for _, fd := range fds {
			to, _ := os.Readlink(fd) // most likely it is gone
			open = open || strings.HasPrefix(to, s.State+"/")
		}
		if !open {
			break
		}
	}
	if err := f.Unmount(); err != nil {
		t.Error(err)
	}
}

// TestPowerCut cuts the power while an engine enqueues and runs works, again and again
// on one state. What a cut does to a database that is not synced as ours is, shows
// forgetfs's own TestControl: with synchronous=NORMAL it must lose rows.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	cuts := 3
	if *long {
		cuts = 30
	}
	s, f, durable := forgetful(t)
	a := &acks{}
	for n := range cuts {
		loss := []forgetfs.Loss{forgetfs.LoseAll, forgetfs.LoseRandom, forgetfs.Torn}[n%3]
		must(t, f.Configure(forgetfs.Config{Loss: loss, Seed: uint64(n)}))
		before := a.len()
		s := s
		s.Load = 4
		v := launch(t, s, a)
		v.awaitAcks(12)
		time.Sleep(time.Duration(n%7) * 30 * time.Millisecond)
		cut(t, f, v)
		t.Logf("cut %d (loss %d): %d acknowledged, %d in all", n, loss, a.len()-before, a.len())
		if missing := missingIn(t, copyOf(t, durable), a); len(missing) > 0 {
			t.Fatalf("cut %d (loss %d): %d of %d acknowledged works are lost", n, loss, len(missing), a.len())
		}
	}
	drain(t, s, a)
	leave(t, s, f)
	s.State = durable
	h := check(t, s, a)
	t.Logf("%d cuts, %d works acknowledged: %v", cuts, a.len(), h)
}

// awaitAcks waits until a victim has acknowledged so many requests.
func (v *victim) awaitAcks(n int) {
	v.t.Helper()
	late := time.After(patience)
	for range n {
		select {
		case <-v.acked:
		case <-late:
			v.stacks()
			v.kill()
			v.t.Fatalf("it acknowledges nothing: %q", v.rest())
		}
	}
}

// copyOf copies a state, so that it can be opened without changing it.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"work.db", "work.db-wal", "work.db.mark"} {
		in, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		must(t, err)
		out, err := os.Create(filepath.Join(to, name))
		must(t, err)
		_, err = io.Copy(out, in)
		must(t, err, in.Close(), out.Close())
	}
	return to
}

// missingIn lists what was acknowledged and is not in a state, which must be sound.
func missingIn(t *testing.T, dir string, a *acks) (missing []work.ID) {
	t.Helper()
	quickCheck(t, filepath.Join(dir, "work.db"))
	works, _ := readWorks(t, dir)
	a.Lock()
	defer a.Unlock()
	for _, id := range slices.Concat(a.once, a.parked) {
		if _, ok := works[id]; !ok {
			missing = append(missing, id)
		}
	}
	return missing
}

// TestFsyncFails lets one sync of a file fail, which forgets what it should have made
// durable. The engine goes on without a restart, or is killed at once and started again;
// beside it the state is read, or not. What was acknowledged before and after survives a
// power cut.
func TestFsyncFails(t *testing.T) {
	most := 2
	if *long {
		most = 60
	}
	for _, c := range []struct {
		name   string
		watch  bool
		killed bool
	}{{"alone", false, false}, {"watched", true, false}, {"killed", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, f, durable := forgetful(t)
			a := &acks{}
			failed := 0
			for nth := 1; nth <= most; nth += 1 + nth/4 {
				s := s
				s.Load, s.Watch = 3, c.watch
				if c.killed {
					s.Crash, s.Nth = onRescue, 1
				}
				v := launch(t, s, a)
				v.awaitAcks(5)
				must(t, f.Configure(forgetfs.Config{FailFsyncAfter: nth}))
				if c.killed {
					v.ended()
					s.Crash = ""
					v = launch(t, s, a)
				} else {
					v.expect("log the state can be written again")
				}
				failed++
				v.awaitAcks(6)
				cut(t, f, v)
				must(t, f.Configure(forgetfs.Config{}))
				if missing := missingIn(t, copyOf(t, durable), a); len(missing) > 0 {
					t.Fatalf("sync %d failed: %d of %d acknowledged works are lost", nth, len(missing), a.len())
				}
			}
			drain(t, s, a)
			leave(t, s, f)
			s.State = durable
			t.Logf("%d failed syncs: %v", failed, check(t, s, a))
		})
	}
}

// cut is a power cut under an engine, and the power's return.
func cut(t *testing.T, f *forgetfs.FS, v *victim) {
	t.Helper()
	must(t, f.Cut())
	v.kill()
	v.rest()
	f.Restore()
}
