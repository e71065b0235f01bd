package wasm_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// FuzzModule compiles and runs what is nearly a module. Nothing may panic, hang or use
// more than its limits.
func FuzzModule(f *testing.F) {
	for _, m := range []text{
		adder, echo, waiter,
		{functions: []function{{export: "f", code: loops}}},
		{functions: []function{{export: "f", code: code(opCall, 0)}}},
		{start: 1, functions: []function{{export: "f", code: code(opUnreachable)}}},
		{tables: list(code(0x70, 0, 1)), functions: []function{{export: "f"}}},
		{imports: []imported{procExit}, pages: 1, data: "data", functions: []function{{export: "_start", code: exitsWith(3)}}},
		{imports: []imported{fdWrite}, pages: 1, functions: []function{{export: "_start", code: code(
			constant(1), constant(0), constant(1), constant(8), opCall, 0, opDrop,
		)}}},
		{pages: 1, data: "true", functions: []function{
			{export: wasm.Alloc, params: one, results: one, code: constant(1024)},
			{export: "f", params: []byte{i32, i32}, results: []byte{i64}, code: constant64(4)},
		}},
	} {
		f.Add(m.assemble())
	}
	f.Fuzz(func(t *testing.T, binary []byte) {
		m, err := wasm.Compile(context.Background(), binary, wasm.Config{MemoryBytes: 1 << 20})
		if err != nil {
			if !errors.Is(err, wasm.ErrModule) {
				t.Fatal(err)
			}
			return
		}
		defer func() { _ = m.Close() }()
		for _, call := range []wasm.Call{{Export: "f"}, {Export: "add", Input: []byte("[1,2]")}, {Input: []byte("{}")}} {
			call.Budget, call.OutputLimit, call.ResultLimit = 20*time.Millisecond, 1<<16, 1<<10
			begin := time.Now()
			e, err := m.Run(context.Background(), call)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("%v took %v", e, took)
			}
			if e.Outcome == "" || e.MaxRSS > 1<<20 || len(e.Result) > 1<<10 {
				t.Errorf("record %+v", e)
			}
		}
	})
}

// FuzzInput gives a function over numbers whatever JSON there is.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{"[1, 2]", "null", "1", "[1, [2]]", "[1e400, 1]", `{"a": 1}`, "[4294967295, -2147483648]", "[ ]", `["1", "2"]`, "[1,2]//"} {
		f.Add(seed)
	}
	m, err := wasm.Compile(context.Background(), adder.assemble(), wasm.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, input string) {
		e, err := m.Run(context.Background(), wasm.Call{Export: "add", Input: []byte(input)})
		if valid := json.Valid([]byte(input)); (err == nil) != valid {
			t.Fatalf("valid %t: %v", valid, err)
		}
		if err != nil {
			return
		}
		var pair []json.Number
		fits := json.Unmarshal([]byte(input), &pair) == nil && len(pair) == 2
		switch e.Outcome {
		case isolate.Success:
			if !fits {
				t.Errorf("%v of %q", e, input)
			}
		case isolate.Failure:
		default:
			t.Errorf("%v of %q", e, input)
		}
	})
}
