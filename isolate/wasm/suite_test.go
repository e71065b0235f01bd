package wasm_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/isolatetest"
	"github.com/lullwork/lull/isolate/wasm"
	"github.com/lullwork/lull/isolate/wasm/job"
)

const (
	largest = 8 << 20  // a message for which the guest's memory has to grow
	hogs    = 32 << 20 // what a guest has that takes all
)

// TestIsolates: a guest keeps the promises of every isolate.
func TestIsolates(t *testing.T) {
	isolatetest.Run(t, isolatetest.Kind{Name: "wasm", Start: instances(t, false), Largest: largest, Memory: hogs})
	isolatetest.Run(t, isolatetest.Kind{Name: "wasm in a child", Start: children(t), Largest: largest, Memory: hogs})
	if !*long {
		t.Log("the kind without checks for an end runs with -long")
		return
	}
	const nothing = "Config.Unstoppable: nothing in this process ends a loop"
	isolatetest.Run(t, isolatetest.Kind{
		Name: "unstoppable wasm", Start: instances(t, true), Largest: largest, Memory: hogs,
		Cannot: map[string]string{"end by kill": nothing, "end by grace": nothing, "end by budget": nothing},
	})
}

func program(p isolatetest.Program) []byte { return order("suite", "path", string(p)) }

// instances starts guests in this process.
func instances(t testing.TB, plain bool) func(testing.TB, isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
	any := compileGuest(t, "command", wasm.Config{Unstoppable: plain})
	return func(t testing.TB, o isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
		t.Helper()
		m := any
		if o.MemoryBytes > 0 { // a limit of the module
			m = compileGuest(t, "command", wasm.Config{Unstoppable: plain, MemoryBytes: o.MemoryBytes})
		}
		i, err := m.Spawn(context.Background(), wasm.Call{Input: program(o.Program), Budget: o.Budget, RealTime: true},
			wasm.SpawnConfig{Out: o.Out, OnExit: o.OnExit})
		if err != nil {
			t.Fatal(err)
		}
		return i, i.SendPort()
	}
}

// children starts guests in processes.
func children(t testing.TB) func(testing.TB, isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
	j := job.Job{File: guest(t, "command"), CacheDir: guests.dir + "/cache", RealTime: true}
	return func(t testing.TB, o isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ready := isolate.NewReceivePort[isolate.SendPort[[]byte]](ctx)
		defer ready.Close()
		j := j
		j.Input, j.MemoryBytes, j.Out, j.Ready = program(o.Program), o.MemoryBytes, o.Out, ready.SendPort()
		i, err := isolate.Spawn(context.WithoutCancel(ctx), job.Task, j, isolate.SpawnConfig{
			OnExit: o.OnExit, Spec: isolate.Spec{Wall: o.Budget, Grace: 100 * time.Millisecond},
		})
		if err != nil {
			t.Fatal(err)
		}
		in, err := ready.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return i, in
	}
}

// TestControlInChild: what package isolate has beside the suite works on a guest in a child.
func TestControlInChild(t *testing.T) {
	start := children(t)
	out := isolate.NewReceivePort[[]byte](t.Context())
	defer out.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hear := func(wanted string) {
		t.Helper()
		if m, err := out.Receive(ctx); err != nil || string(m) != wanted {
			t.Fatalf("got %q %v, want %q", m, err, wanted)
		}
	}
	alive, in := start(t, isolatetest.Order{Program: isolatetest.Echo, Out: out.SendPort()})
	i := alive.(*isolate.Isolate[json.RawMessage])
	if err := in.Send(ctx, []byte("one")); err != nil {
		t.Fatal(err)
	}
	hear("one")
	by := isolate.NewCapability()
	if err := i.Pause(by); err != nil {
		t.Fatal(err)
	}
	if err := i.Ping(ctx); err != nil { // so the pause has begun
		t.Fatal(err)
	}
	if err := in.Send(ctx, []byte("two")); err != nil {
		t.Fatal(err)
	}
	soon, end := context.WithTimeout(ctx, 50*time.Millisecond)
	defer end()
	if m, err := out.Receive(soon); err == nil {
		t.Errorf("paused, it said %q", m)
	}
	if err := i.Resume(by); err != nil {
		t.Fatal(err)
	}
	hear("two")
	if err := in.Send(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if r, err := i.Result(ctx); err != nil || len(r) > 0 && string(r) != "null" {
		t.Errorf("result %s, %v", r, err)
	}
}
