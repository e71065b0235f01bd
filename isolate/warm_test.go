//go:build linux

package isolate_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/isolatetest"
)

func TestWarm(t *testing.T) {
	instance := fmt.Sprintf("warm%d", os.Getpid())
	s, err := isolate.NewSpawner(isolate.Config{Instance: instance, Warm: 2})
	if err != nil {
		t.Fatal(err)
	}
	ready := isolate.AwaitWarm(s)
	used := map[int]bool{}
	for range 5 {
		c := hire(t, kind{worker, s}, isolate.SpawnConfig{})
		if used[c.Pid()] {
			t.Error("a process was used twice")
		}
		if !slices.Contains(ready, c.Pid()) {
			t.Error("a warm process was not used:", c.Pid(), ready)
		}
		used[c.Pid()] = true
		c.order(order{Do: "count"})
		c.expect("1")
		c.order(order{Do: "close"})
		if out, err := c.Result(c.ctx); out != "served" || err != nil {
			t.Error(out, err)
		}
		ready = isolate.AwaitWarm(s)
	}

	// What must be known at the start gets a process of its own.
	ready = isolate.AwaitWarm(s)
	for _, spec := range []isolate.Spec{{Dir: "/"}, {Env: []string{"A=1"}}, {Processes: 1000}, {OutputLimit: 5}, {OutputLog: logFile(t)}} {
		c := hire(t, kind{worker, s}, isolate.SpawnConfig{Spec: spec})
		if slices.Contains(ready, c.Pid()) {
			t.Errorf("%+v was given to a warm process", spec)
		}
		_ = c.Kill(isolate.Immediate)
		<-c.Done()
	}
	c := hire(t, kind{worker, s}, isolate.SpawnConfig{Spec: isolate.Spec{ID: "mine", Grace: time.Second}})
	if !slices.Contains(ready, c.Pid()) {
		t.Error("an ID and a grace need no process of their own")
	}

	// One that dies while it waits is not used.
	ready = isolate.AwaitWarm(s)
	for _, pid := range ready {
		p, err := os.FindProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Kill()
	}
	for isolate.WarmReady(s) > 0 {
		time.Sleep(time.Millisecond)
	}
	for range 3 {
		c := hire(t, kind{worker, s}, isolate.SpawnConfig{})
		c.order(order{Do: "count"})
		c.expect("1")
	}

	// They are not live: Sweep may be called, and new ones come.
	for _, kill := range []*crew{c} {
		_ = kill.Kill(isolate.Immediate)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left := marked("LULL_ISOLATE=" + instance); len(left) > 0 {
		t.Error("left:", left)
	}
	if _, err := isolate.NewSpawner(isolate.Config{Warm: -1}); err == nil {
		t.Error("a negative number")
	}
}

func TestWarmAndSweep(t *testing.T) {
	s := newSpawner(t, isolate.Config{Warm: 2})
	before := isolate.AwaitWarm(s)
	if n, err := s.Sweep(); n != 0 || err != nil {
		t.Error(n, err)
	}
	after := isolate.AwaitWarm(s)
	for _, pid := range before {
		if slices.Contains(after, pid) {
			t.Error("it lived through the sweep")
		}
	}
	if n, err := isolate.Run(t.Context(), double, 2); n != 4 || err != nil {
		t.Error(n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Sweep(); !errors.Is(err, isolate.ErrClosed) {
		t.Error(err)
	}
}

// TestConformanceOfPipes is for the link that other systems have.
func TestConformanceOfPipes(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	isolate.PipesOnly(s)
	isolatetest.Run(t, isolatetest.Ports("process with pipes", isolate.Child, s))
}

// TestConformanceOfWarm is for runs that come on the link, their inputs of all sizes and
// their pauses.
func TestConformanceOfWarm(t *testing.T) {
	s := newSpawner(t, isolate.Config{Warm: 2})
	isolate.AwaitWarm(s)
	isolatetest.Run(t, isolatetest.Ports("warm process", isolate.Child, s))
}

// TestWarmAndPipes is for a run that comes on a link of pipes.
func TestWarmAndPipes(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	isolate.PipesOnly(s)
	isolate.KeepWarm(s, 1)
	ready := isolate.AwaitWarm(s)
	c := hire(t, kind{worker, s}, isolate.SpawnConfig{})
	if !slices.Contains(ready, c.Pid()) {
		t.Error("the warm process was not used")
	}
	c.order(order{Do: "count"})
	c.expect("1")
}

// TestPausedAndWarm resumes as soon as it can: the resume comes on another way than the pause.
func TestPausedAndWarm(t *testing.T) {
	s := newSpawner(t, isolate.Config{Warm: 1})
	for range 20 {
		isolate.AwaitWarm(s)
		c := recruit(t, kind{worker, s}, isolate.SpawnConfig{Paused: true}, "")
		if err := c.Resume(c.PauseCapability()); err != nil {
			t.Fatal(err)
		}
		c.meet()
		c.order(order{Do: "count"})
		c.expect("1")
		_ = c.Kill(isolate.Immediate)
		<-c.Done()
	}
}
