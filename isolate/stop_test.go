//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// How a run takes the request to stop.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			t.Parallel()
			s, _ := forced(t, tier)
			fn := func(how string) isolate.Spec {
				return isolate.Spec{Func: behave.Name(), Input: []byte(strconv.Quote(how))}
			}
			for _, test := range []struct {
				name    string
				spec    isolate.Spec
				grace   time.Duration
				outcome isolate.Outcome
				killed  bool
				tail    string
			}{
				{"function that returns the cause", fn("wait"), time.Minute, isolate.Stopped, false, "ready"},
				{"function that finishes", fn("finish"), time.Minute, isolate.Success, false, "ready"},
				{"function that ignores it", fn("stubborn"), time.Second, isolate.Stopped, true, "ignoring"},
				{"program that knows nothing of it", isolate.Spec{Shell: "echo ready; exec sleep 600"}, time.Minute, isolate.Stopped, false, "ready"},
				{"program that cleans up", isolate.Spec{Shell: "trap 'echo clean; exit 3' TERM; echo ready; while :; do sleep 0.01; done"}, time.Minute, isolate.Stopped, false, "clean"},
				{"program that asks for a retry", isolate.Spec{Shell: "trap 'exit 75' TERM; echo ready; while :; do sleep 0.01; done"}, time.Minute, isolate.Retried, false, "ready"},
				{"program that exits 0", isolate.Spec{Shell: "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"}, time.Minute, isolate.Stopped, false, "ready"},
				{"program that exits 0 with a result", isolate.Spec{Shell: `trap 'echo 1 > "$LULL_OUTPUT"; exit 0' TERM; echo ready; while :; do sleep 0.01; done`}, time.Minute, isolate.Success, false, "ready"},
				{"shell whose child cleans up", isolate.Spec{Shell: "sh -c 'trap \"sleep 0.1; echo clean; exit\" TERM; echo ready; while :; do sleep 0.01; done'; true"}, time.Minute, isolate.Stopped, false, "clean"},
				{"program that ignores it", isolate.Spec{Shell: "trap 'echo ignoring' TERM; echo ready; while :; do sleep 0.01; done"}, time.Second, isolate.Stopped, true, "ignoring"},
				{"limited program that ignores it", isolate.Spec{Shell: "trap 'echo ignoring' TERM; echo ready; while :; do sleep 0.01; done", MemoryBytes: 256 << 20}, time.Second, isolate.Stopped, true, "ignoring"},
			} {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.spec.OutputLog = logFile(t)
					p := start(t, s, test.spec)
					awaitText(t, test.spec.OutputLog, "ready")
					began := time.Now()
					p.Stop("because", test.grace)
					p.Stop("another reason", time.Hour)
					e := wait(t, p)
					took := time.Since(began)
					if e.Outcome != test.outcome || e.Killed != test.killed || e.StopReason != "because" {
						t.Errorf("%s, killed %t, reason %q\n%s", e, e.Killed, e.StopReason, e.Tail)
					}
					if !strings.Contains(string(e.Tail), test.tail) {
						t.Errorf("output %q, want %q in it", e.Tail, test.tail)
					}
					if test.killed && took < test.grace {
						t.Errorf("gone after %v, the grace was %v", took, test.grace)
					}
				})
			}
		})
	}
}

func TestShorterGraceWins(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	log := logFile(t)
	p := start(t, s, isolate.Spec{Func: behave.Name(), Input: []byte(`"stubborn"`), OutputLog: log})
	awaitText(t, log, "ready")
	p.Stop("first", time.Hour)
	awaitText(t, log, "ignoring")
	p.Stop("second", time.Millisecond)
	if e := wait(t, p); e.Outcome != isolate.Stopped || !e.Killed || e.StopReason != "first" {
		t.Errorf("%s, killed %t, reason %q", e, e.Killed, e.StopReason)
	}
	p.Stop("late", 0) // after the end: nothing
	p.Kill()
	if e := p.Wait(); e.StopReason != "first" {
		t.Error(e)
	}
}

func TestStopAtOnce(t *testing.T) {
	// The request may reach the child before it runs.
	s := newSpawner(t, isolate.Config{})
	for i := range 20 {
		for _, spec := range []isolate.Spec{
			{Func: behave.Name(), Input: []byte(`"wait"`)},
			{Func: behave.Name(), Input: []byte(`"wait"`), Sandbox: &isolate.Sandbox{}}, // in either of its stages
			{Shell: "sleep 600; true", MemoryBytes: 256 << 20},
			{Shell: "sleep 600; true", Sandbox: &isolate.Sandbox{}},
		} {
			p := start(t, s, spec)
			time.Sleep(time.Duration(i/2) * time.Millisecond) // at every point of the start
			p.Stop("at once", time.Minute)
			if e := wait(t, p); e.Outcome != isolate.Stopped || e.Killed {
				t.Fatal(e, e.Code)
			}
		}
	}
}

func TestKillAtOnce(t *testing.T) {
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			s, _ := forced(t, tier)
			for _, spec := range []isolate.Spec{
				{Func: behave.Name(), Input: []byte(`"wait"`)},
				{Shell: "sleep 600; true"},
				{Shell: "sleep 600; true", MemoryBytes: 256 << 20},
				{Func: behave.Name(), Input: []byte(`"wait"`), Sandbox: &isolate.Sandbox{}},
				{Shell: "sleep 600; true", Sandbox: &isolate.Sandbox{}},
			} {
				for i := range 5 {
					p := start(t, s, spec)
					time.Sleep(time.Duration(i) * time.Millisecond)
					p.Kill()
					if e := wait(t, p); e.Outcome != isolate.Stopped || !e.Killed || e.StopReason != "killed" {
						t.Fatal(e, e.Killed, e.StopReason)
					}
				}
			}
		})
	}
}

func TestInlineStop(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	p := start(t, s, isolate.Spec{Func: inlined.Name(), Input: []byte(`"finish"`)})
	p.Stop("enough", time.Minute)
	e := wait(t, p)
	if e.Outcome != isolate.Success || string(e.Result) != `"enough"` || e.Tier != isolate.TierInline || p.Pid() != 0 {
		t.Error(e, string(e.Result), e.Tier)
	}
	p = start(t, s, isolate.Spec{Func: inlined.Name(), Input: []byte(`"wait"`)})
	p.Kill()
	if e := wait(t, p); e.Outcome != isolate.Stopped || e.Killed {
		t.Error(e, e.Killed)
	}
}

func TestClose(t *testing.T) {
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var runs []*isolate.Process
	for range 4 {
		runs = append(runs, start(t, s, isolate.Spec{Shell: "trap '' TERM; sleep 600"}),
			start(t, s, isolate.Spec{Func: behave.Name(), Input: []byte(`"stubborn"`)}))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, p := range runs {
		if e := wait(t, p); e.Outcome != isolate.Stopped || !e.Killed {
			t.Error(e)
		}
	}
	if err := s.Close(); err != nil {
		t.Error("second close:", err)
	}
	if _, err := s.Start(isolate.Spec{Shell: "true"}); !errors.Is(err, isolate.ErrClosed) {
		t.Error(err)
	}
	if _, err := s.Sweep(); !errors.Is(err, isolate.ErrClosed) {
		t.Error(err)
	}
}

// TestEndsAtOnce has isolates end before their host can have heard from them.
func TestEndsAtOnce(t *testing.T) {
	ctx := t.Context()
	orders := isolate.NewReceivePort[isolate.SendPort[order]](ctx)
	defer orders.Close()
	reply := isolate.NewReceivePort[string](ctx)
	defer reply.Close()
	for do, want := range map[string]isolate.Outcome{
		"error": isolate.Error, "panic": isolate.Crashed, "os.Exit": isolate.Crashed, "exit": isolate.Success,
	} {
		i, err := isolate.Spawn(ctx, worker, workerIn{Orders: orders.SendPort(), Do: do, Reply: reply.SendPort()}, isolate.SpawnConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if e := i.Wait(); e.Outcome != want {
			t.Errorf("%s: %v, want %s", do, e, want)
		}
	}
}

// TestComputesAtOnce pings, stops and kills an isolate whose function never waits, on its one processor.
func TestComputesAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	i, err := isolate.Spawn(ctx, worker, workerIn{Do: "spin"}, isolate.SpawnConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Ping(ctx); err != nil {
		t.Error(err)
	}
	i.Stop("enough", 50*time.Millisecond)
	if e := i.Wait(); e.Outcome != isolate.Stopped || !e.Killed {
		t.Error(e)
	}
}
