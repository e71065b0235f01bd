//go:build linux

package faulttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

const (
	budget = 2 * time.Second // long enough for a process to begin on a busy machine
	grace  = 200 * time.Millisecond
	slack  = 3 * time.Second // promised on top of both
)

// ending is what becomes of a work whose runs all end in the same way.
type ending struct {
	name    string
	do      string // a function's errand, or
	run     string // the keys of a direct command
	request work.Request
	outcome work.Outcome
	state   work.State
	runs    int
	message string // part of it
}

var endings = []ending{
	{name: "success", outcome: work.Success, state: work.Succeeded, runs: 1},
	{name: "retry", do: retry, request: work.Request{Attempts: 2}, outcome: work.Retry, state: work.Failed, runs: 2, message: "not yet; no more attempts: 2 failed"},
	{name: "failure", do: failure, outcome: work.Failure, state: work.Failed, runs: 1, message: "never"},
	{name: "error", do: failing, request: work.Request{Attempts: 2}, outcome: work.Errored, state: work.Failed, runs: 2, message: "no luck; no more attempts"},
	{name: "error-that-ends", do: failing, request: work.Request{OnFailure: work.OnFailureFail}, outcome: work.Errored, state: work.Failed, runs: 1, message: "no luck"},
	{name: "crash-loop", do: crash, outcome: work.Crashed, state: work.Failed, runs: 5, message: "panic: as it was told; given up: it crashed 5 times in a row"},
	{name: "no-result", do: exit, request: work.Request{Attempts: 1}, outcome: work.Crashed, state: work.Failed, runs: 1, message: "exit status 0 without a result"},
	{name: "protocol", do: huge, request: work.Request{Attempts: 1}, outcome: work.ProtocolError, state: work.Failed, runs: 1, message: "output too large"},
	{name: "hung", do: hang, request: work.Request{Attempts: 1, Budget: budget, Grace: grace}, outcome: work.BudgetExceeded, state: work.Failed, runs: 1, message: "longer than its budget"},

	{name: "p-success", run: "run: 'true'", outcome: work.Success, state: work.Succeeded, runs: 1},
	{name: "p-retry", run: "run: exit 75\n    attempts: 2", outcome: work.Retry, state: work.Failed, runs: 2, message: "75"},
	{name: "p-error", run: "run: exit 3\n    attempts: 2", outcome: work.Errored, state: work.Failed, runs: 2, message: "exit status 3"},
	{name: "p-signal-loop", run: "run: kill -9 $$", outcome: work.Signalled, state: work.Failed, runs: 5, message: "given up: it crashed 5 times in a row"},
	{name: "p-missing", run: "run: [/no/such/program]", outcome: work.NotStarted, state: work.Failed, runs: 1, message: "/no/such/program"},
	{name: "p-flood", run: "run: 'yes'\n    limits: {output: 100KiB}\n    attempts: 1", outcome: work.OutputLimit, state: work.Failed, runs: 1, message: "102400 bytes"},
	{name: "p-memory", run: "run: [EXE]\n    env: {FAULTTEST_CHORE: '{\"Trace\": \"TRACE\", \"Name\": \"p-memory\", \"Do\": \"eat\"}'}\n    limits: {memory: 64MiB}\n    attempts: 1", outcome: work.OutOfMemory, state: work.Failed, runs: 1, message: "67108864 bytes"},
	{name: "p-hung", run: "run: [EXE]\n    env: {FAULTTEST_CHORE: '{\"Trace\": \"TRACE\", \"Name\": \"p-hung\", \"Do\": \"hang\"}'}\n    budget: 2s\n    grace: 200ms\n    attempts: 1", outcome: work.BudgetExceeded, state: work.Failed, runs: 1, message: "longer than its budget"},
}

// TestOutcomes runs works that end in each way that there is, and looks at what is
// recorded of them. (A run lost with its engine is TestEngineKilled's.)
func TestOutcomes(t *testing.T) {
	t.Parallel()
	s := scene(t)
	exe, err := os.Executable()
	must(t, err)
	plan := "tasks:\n"
	for _, x := range endings {
		if x.run != "" {
			plan += fmt.Sprintf("  %s:\n    %s\n    backoff: {delay: 1ms}\n", x.name, strings.NewReplacer("EXE", exe, "TRACE", s.Trace).Replace(x.run))
		}
	}
	must(t, os.WriteFile(filepath.Join(s.State, "lull.yaml"), []byte(plan), 0o600))
	c := s.config()
	c.Jobs, c.Log, c.Device = len(endings), t.Logf, lulltest.NewDevice()
	e, err := lull.Open(t.Context(), c)
	must(t, err)
	began := time.Now()
	ids := map[string]work.ID{}
	for _, x := range endings {
		if x.run == "" {
			q := x.request
			q.Task, q.ID, q.Backoff.Delay = chore.Name(), work.ID(x.name), time.Millisecond
			q.Input = chore.Request(errand{s.Trace, x.name, x.do}).Input
			ids[x.name] = q.ID
			_, err := e.Enqueue(t.Context(), q)
			must(t, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- e.Run(ctx) }()
	for _, name := range []string{"hung", "p-hung"} {
		awaitTraces(t, s, []work.ID{work.ID(name)}, "stays\n")
		from := time.Now()
		awaitFree(t, s, name, from.Add(budget+grace+slack))
	}
	awaitFinished(t, e)
	t.Logf("all over after %v", time.Since(began))
	stop()
	must(t, <-ran, e.Close())

	h := check(t, s, &acks{})
	for id, w := range h.works {
		if w.Task != chore.Name() {
			ids[w.Task] = id
		}
	}
	for _, x := range endings {
		t.Run(x.name, func(t *testing.T) { x.check(t, s, h, ids[x.name]) })
	}
}

// awaitFinished waits for the end of every work. An engine is idle also while a work
// waits for its next try.
func awaitFinished(t *testing.T, e *lull.Engine) {
	t.Helper()
	r, err := e.Reader(t.Context())
	must(t, err)
	defer r.Close()
	unfinished := lull.Filter{States: []work.State{work.Enqueued, work.Running, work.Blocked}}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		n, err := r.Count(t.Context(), unfinished)
		must(t, err)
		if n == 0 {
			must(t, e.WaitIdle(t.Context()))
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d works are not finished", n)
		}
	}
}

func (x ending) check(t *testing.T, s script, h history, id work.ID) {
	w, ok := h.works[id]
	if !ok || w.Last == nil {
		t.Fatalf("it never ran: %+v", w)
	}
	host := hostOf(t, s, id)
	// Where a limit only refuses memory, nobody but the program itself knows why it ended.
	if x.outcome == work.OutOfMemory && (strings.Contains(host.Limits, "not enforced") || strings.Contains(host.Limits, "RLIMIT_DATA")) {
		lacking(t, "cgroup", host.Limits)
	}
	if w.Last.Outcome != x.outcome || w.State != x.state || w.Attempts != x.runs || !strings.Contains(w.Last.Message, x.message) {
		t.Errorf("%s after %d runs, %s: %q\nwant %s after %d, %s: %q\n%s", w.State, w.Attempts, w.Last.Outcome, w.Last.Message,
			x.state, x.runs, x.outcome, x.message, host.Tail)
	}
	if x.outcome != work.NotStarted && host.Tier == "" {
		t.Error("it is not recorded how its processes are killed")
	}
	if x.do == crash && !strings.Contains(host.Tail, "goroutine ") {
		t.Errorf("the output of the crash is not recorded: %q", host.Tail)
	}
	told := 0
	for _, e := range h.entries {
		if e.Work == id && e.Outcome == x.outcome && e.Run > 0 {
			told++
		}
	}
	if told != x.runs {
		t.Errorf("the journal tells %d times of %s, want %d", told, x.outcome, x.runs)
	}
}

// hostOf returns what is recorded of a work's last run on the host.
func hostOf(t *testing.T, s script, id work.ID) (h record.Host) {
	t.Helper()
	b, err := sqlite.File(filepath.Join(s.State, "work.db")).Browse(t.Context())
	must(t, err)
	defer b.Close()
	hosts, err := b.Hosts(t.Context(), id)
	must(t, err)
	if len(hosts) > 0 {
		h = hosts[len(hosts)-1]
	}
	return h
}

// free reports whether no process of any run of that name is left.
func free(t *testing.T, s script, name string) bool {
	t.Helper()
	f, err := os.Open(filepath.Join(s.Trace, name))
	must(t, err)
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}

func awaitFree(t *testing.T, s script, name string, by time.Time) {
	t.Helper()
	for !free(t, s, name) {
		if time.Now().After(by) {
			t.Errorf("processes of %s are still there", name)
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// TestEngineKilled kills an engine whose runs would go on for good. Functions are gone
// within a second; direct commands before they are run again; each work is run again.
func TestEngineKilled(t *testing.T) {
	t.Parallel()
	spawner, err := isolate.NewSpawner(isolate.Config{})
	must(t, err)
	tiers := spawner.Tiers()
	must(t, spawner.Close())
	if !slices.Contains(tiers, isolate.TierNamespace) {
		lacking(t, "ns", "functions outlive their engine")
	}
	rounds := 1
	if *long {
		rounds = 20
	}
	for range rounds {
		s, a := scene(t), &acks{}
		s.plan(t, map[string]struct{ Do, Keys string }{"command": {hangOnce, "grace: 1s"}})
		v := launch(t, s, a)
		ids := v.enqueue(a, hangOnce, 2)
		awaitTraces(t, s, append([]work.ID{"command"}, ids...), "stays\n")
		v.kill()
		dead := time.Now()
		for _, id := range ids {
			awaitFree(t, s, string(id), dead.Add(time.Second))
		}
		took := time.Since(dead)
		survived := !free(t, s, "command")
		drain(t, s, a) // its runs find the locks free, or leave word of an overlap
		h := check(t, s, a)
		lost := 0
		for _, e := range h.entries {
			if e.Kind == record.EntryEnded && e.Outcome == work.Lost && e.State == work.Enqueued.String() {
				lost++
			}
		}
		if lost != 3 || h.runs != 6 {
			t.Errorf("%d runs were lost of %d, want 3 of 6", lost, h.runs)
		}
		for _, w := range h.works {
			if w.State != work.Succeeded || w.Attempts != 2 {
				t.Errorf("work of %s is %s after %d runs", w.Task, w.State, w.Attempts)
			}
		}
		t.Logf("functions gone after %v; the command outlived its engine until the next one: %v", took, survived)
	}
}
