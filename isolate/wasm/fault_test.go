package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// Pieces of code that go wrong.
var (
	loops     = code(opLoop, void, opBr, 0, end)
	wsi       = "wasi_snapshot_preview1"
	procExit  = imported{wsi, "proc_exit", []byte{i32}, nil}
	fdWrite   = imported{wsi, "fd_write", []byte{i32, i32, i32, i32}, []byte{i32}}
	one       = []byte{i32}
	exitsWith = func(status int64) []byte { return code(constant(status), opCall, 0, opUnreachable) }
)

// TestFaults is the table of what goes wrong in a guest and what is recorded.
func TestFaults(t *testing.T) {
	const budget = 50 * time.Millisecond
	const over = "the budget of 50ms is over"
	grow := func(pages int64) []byte { return code(constant(pages), opGrow, 0) }
	for _, test := range []struct {
		name    string
		module  text
		call    wasm.Call
		outcome isolate.Outcome
		message string
		killed  bool
	}{
		{
			name: "endless loop", module: text{functions: []function{{export: "f", code: loops}}},
			call: wasm.Call{Budget: budget}, outcome: isolate.Stopped, message: over, killed: true,
		},
		{
			name: "endless recursion", module: text{functions: []function{{export: "f", code: code(opCall, 0)}}},
			outcome: isolate.Crashed, message: "stack overflow",
		},
		{
			name: "unreachable", module: text{functions: []function{{export: "f", code: code(opUnreachable)}}},
			outcome: isolate.Crashed, message: "unreachable",
		},
		{
			name:    "division by zero",
			module:  text{functions: []function{{export: "f", results: one, code: code(constant(1), constant(0), opI32DivS)}}},
			outcome: isolate.Crashed, message: "integer divide by zero",
		},
		{
			name:    "read outside of the memory",
			module:  text{pages: 1, functions: []function{{export: "f", results: one, code: code(constant(65536), opLoad8, 0, 0)}}},
			outcome: isolate.Crashed, message: "out of bounds memory access",
		},
		{
			name:    "refused growth that the guest survives",
			module:  text{pages: 1, functions: []function{{export: "f", results: one, code: grow(1 << 15)}}},
			outcome: isolate.Success,
		},
		{
			name:    "more pages than there are",
			module:  text{pages: 1, functions: []function{{export: "f", results: one, code: grow(65536)}}},
			outcome: isolate.Success,
		},
		{
			name:    "trap after a refused growth",
			module:  text{pages: 1, functions: []function{{export: "f", code: code(grow(1<<15), opDrop, opUnreachable)}}},
			outcome: isolate.OutOfMemory, message: "out of memory: the limit is 1048576 bytes; unreachable",
		},
		{
			name: "exit after a refused growth",
			module: text{
				imports: []imported{procExit}, pages: 1,
				functions: []function{{export: "_start", code: code(grow(1<<15), opDrop, exitsWith(2))}},
			},
			call:    wasm.Call{Export: wasm.Start},
			outcome: isolate.OutOfMemory, message: "out of memory: the limit is 1048576 bytes; exit status 2",
		},
		{
			name: "trap long after a refused growth",
			module: text{pages: 1, functions: []function{{
				export: "f", code: code(grow(1<<15), opDrop, grow(1), opDrop, opUnreachable),
			}}},
			outcome: isolate.Crashed, message: "unreachable",
		},
		{
			name:   "growth without end",
			module: text{pages: 1, functions: []function{{export: "f", code: code(opLoop, void, grow(1), opDrop, opBr, 0, end)}}},
			call:   wasm.Call{Budget: budget}, outcome: isolate.Stopped, message: over, killed: true,
		},
		{
			name:    "start function that traps",
			module:  text{start: 1, functions: []function{{export: "f", code: code(opUnreachable)}}},
			outcome: isolate.Crashed, message: "unreachable",
		},
		{
			name:   "start function without end",
			module: text{start: 1, functions: []function{{export: "f", code: loops}}},
			call:   wasm.Call{Budget: budget}, outcome: isolate.Stopped, message: over, killed: true,
		},
		{
			name: "start function that exits",
			module: text{imports: []imported{procExit}, start: 2, functions: []function{
				{export: "f", code: exitsWith(3)},
			}},
			outcome: isolate.Error, message: "exit status 3",
		},
		{
			name:    "_initialize that traps",
			module:  text{functions: []function{{export: "_initialize", code: code(opUnreachable)}, {export: "f"}}},
			outcome: isolate.Crashed, message: "unreachable",
		},
		{
			name:    "data that does not fit",
			module:  text{pages: 1, data: strings.Repeat("x", 65537), functions: []function{{export: "f"}}},
			outcome: isolate.NotStarted, message: "data[0]: out of bounds memory access",
		},
		{
			name:   "command with parameters",
			module: text{functions: []function{{export: "_start", params: one}}},
			call:   wasm.Call{Export: wasm.Start}, outcome: isolate.NotStarted, message: "_start is (i32) -> (); that of a command is () -> ()",
		},
		{
			name:    "exit 0",
			module:  text{imports: []imported{procExit}, functions: []function{{export: "f", code: exitsWith(0)}}},
			outcome: isolate.Success,
		},
		{
			name:    "exit 75",
			module:  text{imports: []imported{procExit}, functions: []function{{export: "f", code: exitsWith(75)}}},
			outcome: isolate.Retried, message: "exit status 75 asks for another run",
		},
		{
			name:    "exit 127",
			module:  text{imports: []imported{procExit}, functions: []function{{export: "f", code: exitsWith(127)}}},
			outcome: isolate.NotStarted, message: "exit status 127: a program is missing or not executable",
		},
		{
			name:    "exit with the code that wazero uses for a kill",
			module:  text{imports: []imported{procExit}, functions: []function{{export: "f", code: exitsWith(-1)}}},
			outcome: isolate.Error, message: "exit status -1",
		},
		{
			name: "flood of output",
			module: text{
				imports: []imported{fdWrite}, pages: 1, data: "\x08\x00\x00\x00\x00\x40\x00\x00", // 16 KiB at 8
				functions: []function{{export: "f", code: code(
					opLoop, void, constant(1), constant(0), constant(1), constant(1024), opCall, 0, opDrop, opBr, 0, end,
				)}},
			},
			call:    wasm.Call{OutputLimit: 1 << 20},
			outcome: isolate.OutputLimit, message: "wrote more than 1048576 bytes", killed: true,
		},
		{
			name: "pointer of send outside of the memory",
			module: text{imports: []imported{{"lull", "send", []byte{i32, i32}, one}}, pages: 1, functions: []function{
				{export: "f", results: one, code: code(constant(65530), constant(7), opCall, 0)},
			}},
			outcome: isolate.Crashed, message: "lull.send: 7 bytes at 65530 are outside of the memory",
		},
		{
			name: "recv without a memory",
			module: text{imports: []imported{{"lull", "recv", []byte{i32, i32}, one}}, functions: []function{
				{export: "f", results: one, code: code(constant(0), constant(0), opCall, 0)},
			}},
			outcome: isolate.Crashed, message: "lull.recv: the module has no memory",
		},
		{
			name: "ports of a run that has none",
			module: text{imports: []imported{{"lull", "recv", []byte{i32, i32}, one}}, pages: 1, functions: []function{
				{export: "f", results: one, code: code(constant(0), constant(0), opCall, 0)},
			}},
			outcome: isolate.Success,
		},
	} {
		for _, plain := range []bool{false, true} {
			if plain && test.call.Budget > 0 {
				continue
			}
			t.Run(fmt.Sprintf("%s/unstoppable=%t", test.name, plain), func(t *testing.T) {
				t.Parallel()
				m := compile(t, test.module.assemble(), wasm.Config{MemoryBytes: 1 << 20, Unstoppable: plain})
				call := test.call
				if call.Export == "" {
					call.Export = "f"
				}
				for range 2 { // the second is as the first
					e := run(t, m, call)
					want(t, e, test.outcome, test.message)
					if e.Killed != test.killed || (e.StopReason != "") != (test.outcome == isolate.Stopped) {
						t.Errorf("record %+v", e)
					}
					if test.outcome == isolate.Crashed && !strings.Contains(string(e.Tail), test.message) {
						t.Errorf("no stack in the output: %s", e.Tail)
					}
					if e.MaxRSS > 1<<20 {
						t.Errorf("%d bytes of memory", e.MaxRSS)
					}
				}
			})
		}
	}
}

// TestLiars has functions over bytes whose answers are wrong.
func TestLiars(t *testing.T) {
	alloc := func(at int64) function {
		return function{export: wasm.Alloc, params: one, results: one, code: constant(at)}
	}
	gives := func(at, size int64) function {
		return function{export: "f", params: []byte{i32, i32}, results: []byte{i64}, code: constant64(at<<32 | size)}
	}
	for _, test := range []struct {
		name      string
		functions []function
		data      string
		limit     int
		outcome   isolate.Outcome
		message   string
		result    string
	}{
		{"well", []function{alloc(1024), gives(0, 4)}, "true", 0, isolate.Success, "", "true"},
		{"its own input", []function{alloc(1024), gives(1024, 9)}, "", 0, isolate.Success, "", `{"a":"b"}`},
		{"no result", []function{alloc(1024), gives(0, 0)}, "", 0, isolate.Success, "", ""},
		{"no room", []function{alloc(65530), gives(0, 0)}, "", 0, isolate.ProtocolError, "lull_alloc(9) returned 65530, where there is no room for so much", ""},
		{"no such place", []function{alloc(-1), gives(0, 0)}, "", 0, isolate.ProtocolError, "lull_alloc(9) returned 4294967295, where there is no room for so much", ""},
		{"outside", []function{alloc(1024), gives(65535, 2)}, "", 0, isolate.ProtocolError, "f returned 2 bytes at 65535, which is outside of its memory", ""},
		{"far outside", []function{alloc(1024), gives(-1, 1<<32-1)}, "", 0, isolate.ProtocolError, "f returned 4294967295 bytes at 4294967295, which is outside of its memory", ""},
		{"no JSON", []function{alloc(1024), gives(0, 4)}, "tru!", 0, isolate.ProtocolError, "the result of f is not JSON", ""},
		{"too much", []function{alloc(1024), gives(0, 4)}, "true", 3, isolate.ProtocolError, "output too large: 4 bytes, the limit is 3; pass a file name or a key instead", ""},
		{
			"no memory to allocate",
			[]function{{export: wasm.Alloc, params: one, results: one, code: code(opUnreachable)}, gives(0, 0)},
			"", 0, isolate.Crashed, "unreachable", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := compile(t, text{pages: 1, data: test.data, functions: test.functions}.assemble(), wasm.Config{})
			e := run(t, m, wasm.Call{Export: "f", Input: []byte(`{"a":"b"}`), ResultLimit: test.limit})
			want(t, e, test.outcome, test.message)
			if string(e.Result) != test.result {
				t.Errorf("result %s", e.Result)
			}
		})
	}
	t.Run("no memory at all", func(t *testing.T) {
		m := compile(t, text{functions: []function{alloc(0), gives(0, 0)}}.assemble(), wasm.Config{})
		want(t, run(t, m, wasm.Call{Export: "f"}), isolate.ProtocolError, "lull_alloc(4) returned 0, where there is no room for so much")
	})
}

func TestContext(t *testing.T) {
	m := compile(t, text{functions: []function{{export: "f", code: loops}}}.assemble(), wasm.Config{})
	call := wasm.Call{Export: "f"}
	started := func() (context.Context, context.CancelCauseFunc) {
		ctx, cancel := context.WithCancelCause(context.Background())
		return ctx, cancel
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := started()
		time.AfterFunc(10*time.Millisecond, func() { cancel(nil) })
		e, err := m.Run(ctx, call)
		if err != nil || !e.Killed || e.StopReason != "cancelled" {
			t.Errorf("%+v %v", e, err)
		}
		want(t, e, isolate.Stopped, "cancelled")
	})
	t.Run("cause", func(t *testing.T) {
		ctx, cancel := started()
		time.AfterFunc(10*time.Millisecond, func() { cancel(errors.New("the network is gone")) })
		e, _ := m.Run(ctx, call)
		want(t, e, isolate.Stopped, "the network is gone")
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		e, _ := m.Run(ctx, call)
		want(t, e, isolate.Stopped, "context deadline exceeded")
	})
	t.Run("before", func(t *testing.T) {
		ctx, cancel := started()
		cancel(nil)
		e, _ := m.Run(ctx, call)
		want(t, e, isolate.Stopped, "cancelled")
	})
	t.Run("close", func(t *testing.T) {
		m := compile(t, text{functions: []function{{export: "f", code: loops}}}.assemble(), wasm.Config{})
		ended := make(chan isolate.Exit)
		for range 3 {
			go func() {
				e, _ := m.Run(context.Background(), call)
				ended <- e
			}()
		}
		i, err := m.Spawn(context.Background(), call, wasm.SpawnConfig{}) // so that one is surely there
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		want(t, i.Wait(), isolate.Stopped, "module is closed")
		for range 3 {
			if e := <-ended; e.Outcome != isolate.Stopped && e.Outcome != "" { // "": it came too late
				t.Error(e)
			}
		}
		if _, err := m.Run(context.Background(), call); !errors.Is(err, wasm.ErrClosed) {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Error("again:", err)
		}
	})
}

// TestFresh has a guest that would see what an earlier one left in its memory.
func TestFresh(t *testing.T) {
	m := compile(t, text{pages: 2, functions: []function{{
		export: "f", results: one, locals: 1,
		code: code(constant(77777), opLoad8, 0, 0, opSet, 0, constant(77777), constant(7), opStore8, 0, 0, opGet, 0),
	}}}.assemble(), wasm.Config{})
	for range 50 {
		if e := run(t, m, wasm.Call{Export: "f"}); string(e.Result) != "0" {
			t.Fatalf("a byte of an earlier run: %s", e.Result)
		}
	}
}
