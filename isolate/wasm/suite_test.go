package wasm_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
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

// TestIsolates: a guest keeps the promises of every isolate. Programs in our own hand are
// tested in both places, one in Go in both with -long.
func TestIsolates(t *testing.T) {
	kinds := map[string]func(testing.TB, guestOf) starter{"wasm": instances, "wasm in a child": children}
	for name, kind := range kinds {
		isolatetest.Run(t, isolatetest.Kind{Name: name, Start: kind(t, byHand(t)), Largest: largest, Memory: hogs})
	}
	if !*long {
		t.Log("guests in Go, and the kind without checks for an end, run with -long")
		return
	}
	for name, kind := range kinds {
		isolatetest.Run(t, isolatetest.Kind{Name: name + " in Go", Start: kind(t, inGo(t)), Largest: largest, Memory: hogs})
	}
	const nothing = "Config.Unstoppable: nothing in this process ends a loop"
	unstoppable := inGo(t)
	unstoppable.plain = true
	isolatetest.Run(t, isolatetest.Kind{
		Name: "unstoppable wasm", Start: instances(t, unstoppable), Largest: largest, Memory: hogs,
		Cannot: map[string]string{"end by kill": nothing, "end by grace": nothing, "end by budget": nothing},
	})
}

// guestOf is a module with the programs of the suite.
type guestOf struct {
	file  string
	plain bool // compiled without checks for an end
	// call is what starts a program.
	call func(isolatetest.Program) wasm.Call
}

func inGo(t testing.TB) guestOf {
	return guestOf{file: guest(t, "command"), call: func(p isolatetest.Program) wasm.Call {
		return wasm.Call{Input: order("suite", "path", string(p))}
	}}
}

func byHand(t testing.TB) guestOf {
	return guestOf{file: save(t, "programs.wasm", programs().assemble()), call: func(p isolatetest.Program) wasm.Call {
		return wasm.Call{Export: string(p)}
	}}
}

// save writes a module to a file.
func save(t testing.TB, name string, binary []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, binary, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

type starter = func(testing.TB, isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte])

// instances starts guests in this process.
func instances(t testing.TB, g guestOf) starter {
	with := func(t testing.TB, memory int64) *wasm.Module {
		return compileFile(t, g.file, wasm.Config{Unstoppable: g.plain, MemoryBytes: memory})
	}
	any := with(t, 0)
	return func(t testing.TB, o isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
		t.Helper()
		m := any
		if o.MemoryBytes > 0 { // a limit of the module
			m = with(t, o.MemoryBytes)
		}
		call := g.call(o.Program)
		call.Budget, call.RealTime = o.Budget, true
		i, err := m.Spawn(context.Background(), call, wasm.SpawnConfig{Out: o.Out, OnExit: o.OnExit})
		if err != nil {
			t.Fatal(err)
		}
		return i, i.SendPort()
	}
}

// children starts guests in processes.
func children(t testing.TB, g guestOf) starter {
	j := job.Job{File: g.file, CacheDir: cacheDir(t), RealTime: true}
	return func(t testing.TB, o isolatetest.Order) (isolatetest.Isolate, isolate.SendPort[[]byte]) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ready := isolate.NewReceivePort[isolate.SendPort[[]byte]](ctx)
		defer ready.Close()
		j, call := j, g.call(o.Program)
		j.Export, j.Input, j.MemoryBytes, j.Out, j.Ready = call.Export, call.Input, o.MemoryBytes, o.Out, ready.SendPort()
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
	start := children(t, byHand(t))
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
