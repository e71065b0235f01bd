//go:build linux

package faulttest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/forgetfs"
	"github.com/lullwork/lull/work"
)

// enqueue makes a victim enqueue works and returns those it acknowledged.
func (v *victim) enqueue(a *acks, do string, n int) []work.ID {
	v.t.Helper()
	before := len(a.once)
	v.tell("enqueue %s %d 0", do, n)
	v.expect("enqueued")
	a.Lock()
	defer a.Unlock()
	return slices.Clone(a.once[before:])
}

// awaitTraces waits until each work's run has left a word.
func awaitTraces(t *testing.T, s script, ids []work.ID, word string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		missing := slices.IndexFunc(ids, func(id work.ID) bool { return !strings.Contains(readTrace(t, s.Trace, id), word) })
		switch {
		case missing < 0:
			return
		case time.Now().After(end):
			t.Fatalf("run of %s leaves no %q", ids[missing], word)
		}
	}
}

// awaitState waits until a work is in a state, after one run.
func (v *victim) awaitState(id work.ID, want string) {
	v.t.Helper()
	var got string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		v.tell("state %s", id)
		if got = v.expect("state"); got == want+" 1" {
			return
		}
	}
	v.t.Fatalf("work %s is %s, want %s after one run", id, got, want)
}

// TestDiskFull fills the disk under an engine with runs going on, once so that the
// reserve is there to write down how they end, once more without. It never restarts.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s, f, durable := forgetful(t)
	full := forgetfs.Config{NoSpaceAfter: 1}
	a := &acks{}
	v := launch(t, s, a)
	going := v.enqueue(a, gate, 3)
	awaitTraces(t, s, going, "start\n")

	reserve := filepath.Join(durable, "work.db.reserve")
	if !exists(reserve) {
		t.Fatal("there is no reserve")
	}
	must(t, f.Configure(full))
	v.tell("enqueue park 1 8000")
	refused := v.expectAll("refused", "log the state can be written again")[0]
	if !strings.HasPrefix(refused, "no-space:") || !strings.Contains(refused, "hint: free some space") {
		t.Errorf("enqueue on a full disk: %s", refused)
	}
	if exists(reserve) {
		t.Error("the reserve was not given back")
	}
	must(t, writeFile(filepath.Join(s.Trace, "open")))
	for _, id := range going {
		v.awaitState(id, "SUCCEEDED")
	}

	must(t, os.Remove(filepath.Join(s.Trace, "open")))
	going = v.enqueue(a, gate, 2)
	awaitTraces(t, s, going, "start\n")
	v.tell("enqueue %s 1 0", hang)
	hung := work.ID(v.expect("hung"))
	awaitTraces(t, s, []work.ID{hung}, "stays\n")
	over := time.Now().Add(time.Second + grace + slack)
	for refused := 0; refused < 2; {
		must(t, f.Configure(full)) // takes what room the last failure gave back
		v.tell("enqueue park 1 9000")
		if v.expect("enqueued") == "0" {
			refused++
		} else {
			refused = 0
		}
	}
	must(t, writeFile(filepath.Join(s.Trace, "open")))
	awaitTraces(t, s, going, "end\n")
	awaitFree(t, s, string(hung), over) // killed for its budget, though that cannot be written
	must(t, f.Configure(forgetfs.Config{}))
	for _, id := range going {
		v.awaitState(id, "SUCCEEDED")
	}
	v.awaitState(hung, "FAILED")
	v.enqueue(a, "nap", 3)
	v.tell("stop")
	if lines := v.ended(); len(lines) == 0 || lines[len(lines)-1] != "closed" {
		t.Errorf("it did not end in good order: %q", lines)
	}
	drain(t, s, a)
	leave(t, s, f)
	s.State = durable
	h := check(t, s, a)
	if len(h.works) != a.len()+1 {
		t.Errorf("%d works, %d were acknowledged: what was refused is there", len(h.works), a.len()+1)
	}
	if last := h.works[hung].Last; last.Outcome != work.BudgetExceeded {
		t.Errorf("the run that hung: %+v", last)
	}
	t.Log(h)
}

// starts counts the runs that ever began.
func starts(t *testing.T, s script) (n int) {
	t.Helper()
	names, err := os.ReadDir(s.Trace)
	must(t, err)
	for _, e := range names {
		n += strings.Count(readTrace(t, s.Trace, work.ID(e.Name())), "start\n")
	}
	return n
}

// TestReadOnly takes the right to write away while the engine runs, gives it back, and
// takes it away before a start.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	s, f, durable := forgetful(t)
	a := &acks{}
	loaded := s
	loaded.Load = 2
	v := launch(t, loaded, a)
	v.awaitAcks(10)
	f.SetReadOnly(true)
	v.tell("enqueue nap 1 0")
	if refused := v.expect("refused"); !strings.HasPrefix(refused, "read-only:") || !strings.Contains(refused, "mounted read-only") {
		t.Errorf("enqueue on a read-only disk: %s", refused)
	}
	time.Sleep(time.Second)
	before := starts(t, s)
	time.Sleep(500 * time.Millisecond)
	if after := starts(t, s); after != before {
		t.Errorf("%d runs began after the disk was read-only for a second", after-before)
	}
	f.SetReadOnly(false)
	v.expect("log the state can be written again")
	for len(v.acked) > 0 {
		<-v.acked
	}
	v.awaitAcks(10)
	v.tell("stop")
	v.ended()

	f.SetReadOnly(true)
	lines := launch(t, s, a).ended()
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "refused read-only:") || !strings.Contains(lines[0], "hint: check the owner") {
		t.Errorf("start on a read-only disk: %q", lines)
	}
	f.SetReadOnly(false)
	drain(t, s, a)
	leave(t, s, f)
	s.State = durable
	t.Log(check(t, s, a))
}

// spoil overwrites a file with noise, from an offset.
func spoil(t *testing.T, path string, from int) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	for i := from; i < len(b); i++ {
		b[i] = byte(rand.Uint32())
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(b, 0)
	must(t, err, f.Close())
	return b
}

// TestDamaged starts an engine on a damaged database, and damages that of one that
// runs: it says so and what to do, dispatches nothing, and leaves the file alone.
func TestDamaged(t *testing.T) {
	t.Parallel()
	told := func(line, word string) {
		t.Helper()
		if !strings.HasPrefix(line, word) || !strings.Contains(line, "work.db: ") || !strings.Contains(line, ".recover") {
			t.Errorf("a damaged database: %s", line)
		}
	}
	s, f, _ := forgetful(t)
	a := &acks{}
	filled := s
	filled.Load, filled.Works = 2, 100
	launch(t, filled, a).ended()

	loaded := s
	loaded.Load = 2
	v := launch(t, loaded, a)
	v.awaitAcks(5)
	spoil(t, filepath.Join(s.State, "work.db"), 0)
	must(t, f.Configure(forgetfs.Config{FailFsyncAfter: 1}))
	lines := v.ended()
	told(lines[len(lines)-1], "error damaged:")
	if v.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v", v.cmd.ProcessState)
	}
	leave(t, s, f)

	s = scene(t)
	filled.State, filled.Trace = s.State, s.Trace
	launch(t, filled, a).ended()
	path := filepath.Join(s.State, "work.db")
	spoilt := spoil(t, path, 4096)
	before := starts(t, s)
	lines = launch(t, s, a).ended()
	if len(lines) != 1 {
		t.Fatalf("%q", lines)
	}
	told(lines[0], "refused damaged:")
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, spoilt) {
		t.Error("the damaged file was changed", err)
	}
	if starts(t, s) != before {
		t.Error("something was started")
	}
}

// TestTwoEngines starts many engines on one state at once: one has it, and the others
// name its process. When it is killed, the next one may have it.
func TestTwoEngines(t *testing.T) {
	t.Parallel()
	s, a := scene(t), &acks{}
	for range 2 {
		sits := s
		sits.Sit = true
		var all []*victim
		for range 20 {
			all = append(all, launch(t, sits, a))
		}
		winner, refused := "", []string{}
		for _, v := range all {
			line, ok := <-v.said
			switch {
			case !ok:
				t.Error("an engine ended without a word")
			case strings.HasPrefix(line, "open "):
				if winner != "" {
					t.Error("two engines have the state")
				}
				winner = strings.TrimPrefix(line, "open ")
			default:
				refused = append(refused, line)
			}
		}
		if winner == "" {
			t.Fatalf("nobody has the state: %q", refused)
		}
		for _, line := range refused {
			if !strings.HasPrefix(line, "refused locked:") || !strings.Contains(line, "pid "+winner+" ") {
				t.Errorf("%s has the state; another one says: %s", winner, line)
			}
		}
		for _, v := range all {
			v.kill()
		}
	}
	drain(t, s, a)
}
