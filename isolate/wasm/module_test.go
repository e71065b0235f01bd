package wasm_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

var long = flag.Bool("long", false, "run slow tests")

func TestMain(m *testing.M) {
	isolate.Main(wasm.Entry())
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // children built with -race would stay a second
	code := m.Run()
	guests.Lock()
	if guests.dir != "" {
		_ = os.RemoveAll(guests.dir)
	}
	os.Exit(code)
}

// guests are the Go programs of testdata, built once, and machine code.
var guests struct {
	sync.Mutex
	dir   string
	files map[string]string
}

// guestsDir is where they are.
func guestsDir(t testing.TB) string {
	t.Helper()
	guests.Lock()
	defer guests.Unlock()
	if guests.dir == "" {
		dir, err := os.MkdirTemp("", "lull-guests-")
		if err != nil {
			t.Fatal(err)
		}
		guests.dir, guests.files = dir, map[string]string{}
	}
	return guests.dir
}

// cacheDir is where machine code is kept for the other tests.
func cacheDir(t testing.TB) string { return filepath.Join(guestsDir(t), "cache") }

// guest builds testdata/NAME for wasip1 and returns the file.
func guest(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(guestsDir(t), name+".wasm")
	guests.Lock()
	defer guests.Unlock()
	if built := guests.files[name]; built != "" {
		return built
	}
	args := []string{"build", "-ldflags=-s -w", "-o", file}
	if name == "reactor" {
		args = append(args, "-buildmode=c-shared")
	}
	cmd := exec.Command("go", append(args, "./testdata/"+name)...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s for wasip1: %v\n%s", name, err, out)
	}
	guests.files[name] = file
	return file
}

func compileGuest(t testing.TB, name string, cfg wasm.Config) *wasm.Module {
	t.Helper()
	return compileFile(t, guest(t, name), cfg)
}

// compileFile keeps the machine code for the other tests.
func compileFile(t testing.TB, file string, cfg wasm.Config) *wasm.Module {
	t.Helper()
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.CacheDir == "" {
		cfg.CacheDir = cacheDir(t)
	}
	return compile(t, binary, cfg)
}

func compile(t testing.TB, binary []byte, cfg wasm.Config) *wasm.Module {
	t.Helper()
	m, err := wasm.Compile(context.Background(), binary, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// run runs one call, which must end.
func run(t testing.TB, m *wasm.Module, call wasm.Call) isolate.Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := m.Run(ctx, call)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s did not end: %v", call.Export, e)
	}
	return e
}

func want(t testing.TB, e isolate.Exit, o isolate.Outcome, message string) {
	t.Helper()
	if e.Outcome != o || e.Message != message {
		t.Errorf("got %q: %q, want %q: %q\n%s", e.Outcome, e.Message, o, message, e.Tail)
	}
}

// adder adds two numbers; it has a memory, as most modules do.
var adder = text{
	pages: 2,
	functions: []function{{
		export: "add", params: []byte{i32, i32}, results: []byte{i32},
		code: code(opGet, 0, opGet, 1, opI32Add),
	}},
}

func TestNumbers(t *testing.T) {
	m := compile(t, text{functions: []function{
		{export: "add", params: []byte{i32, i32}, results: []byte{i32}, code: code(opGet, 0, opGet, 1, opI32Add)},
		{export: "add64", params: []byte{i64, i64}, results: []byte{i64}, code: code(opGet, 0, opGet, 1, opI64Add)},
		{export: "divide", params: []byte{f64, f64}, results: []byte{f64}, code: code(opGet, 0, opGet, 1, opF64Div)},
		{export: "half", params: []byte{f32}, results: []byte{f32}, code: code(opGet, 0)},
		{export: "both", params: []byte{i32, f64}, results: []byte{f64, i32}, code: code(opGet, 1, opGet, 0)},
		{export: "nothing"},
		{export: "ref", params: []byte{0x6f}},
	}}.assemble(), wasm.Config{})
	for _, test := range []struct {
		export, input, result string
		outcome               isolate.Outcome
		message               string
	}{
		{"add", "[1, 2]", "3", isolate.Success, ""},
		{"add", "[4294967295, 1]", "0", isolate.Success, ""},
		{"add", "[-2147483648, 1]", "-2147483647", isolate.Success, ""},
		{"add", "[4294967296, 1]", "", isolate.Failure, "input of add (i32, i32) -> i32: argument 1: 4294967296 does not fit i32"},
		{"add", "[1.5, 1]", "", isolate.Failure, "input of add (i32, i32) -> i32: argument 1: 1.5 does not fit i32"},
		{"add", "[1]", "", isolate.Failure, "input of add (i32, i32) -> i32: 1 numbers are given, 2 are wanted, as a JSON array"},
		{"add", "", "", isolate.Failure, "input of add (i32, i32) -> i32: 0 numbers are given, 2 are wanted, as a JSON array"},
		{"add", `["1", 2]`, "", isolate.Failure, "input of add (i32, i32) -> i32: argument 1 is no number"},
		{"add", `{"a": 1}`, "", isolate.Failure, "input of add (i32, i32) -> i32: argument 1 is no number"},
		{"add64", "[9223372036854775807, 1]", "-9223372036854775808", isolate.Success, ""},
		{"add64", "[18446744073709551615, 1]", "0", isolate.Success, ""},
		{"add64", "[18446744073709551616, 1]", "", isolate.Failure, "input of add64 (i64, i64) -> i64: argument 1: 18446744073709551616 does not fit i64"},
		{"divide", "[1, 4]", "0.25", isolate.Success, ""},
		{"divide", "[1, 0]", "", isolate.ProtocolError, "the result of divide is not JSON: json: unsupported value: +Inf"},
		{"divide", "[1e999, 1]", "", isolate.Failure, "input of divide (f64, f64) -> f64: argument 1: 1e999 does not fit f64"},
		{"half", "0.5", "0.5", isolate.Success, ""},
		{"half", "[0.5]", "0.5", isolate.Success, ""},
		{"both", "[7, 0.5]", "[0.5,7]", isolate.Success, ""},
		{"nothing", "", "", isolate.Success, ""},
		{"nothing", "null", "", isolate.Success, ""},
		{"ref", "null", "", isolate.NotStarted, "ref has the type (externref) -> (); only numbers can be passed, or bytes in a module that exports lull_alloc (i32) -> i32"},
		{"missing", "", "", isolate.NotStarted, `the module has no export "missing": it exports add, add64, both, divide, half, nothing, ref`},
		{"", "", "", isolate.NotStarted, `the module has no export "_start": it exports add, add64, both, divide, half, nothing, ref`},
	} {
		call := wasm.Call{Export: test.export}
		if test.input != "" {
			call.Input = []byte(test.input)
		}
		e := run(t, m, call)
		if e.Outcome != test.outcome || e.Message != test.message || string(e.Result) != test.result {
			t.Errorf("%s %s: %v, result %s", test.export, test.input, e, e.Result)
		}
		if (e.Code == 0) != (e.Outcome == isolate.Success) || e.Killed || e.Tier != wasm.Tier || e.Ended.Before(e.Started) {
			t.Errorf("%s %s: record %+v", test.export, test.input, e)
		}
	}
}

func TestMistakesInCalls(t *testing.T) {
	m := compile(t, adder.assemble(), wasm.Config{Unstoppable: true})
	_, err := m.Run(context.Background(), wasm.Call{
		Export: "add", Input: []byte("{"), Args: []string{"a\x00"}, Env: []string{"=x"}, Budget: time.Second, ResultLimit: -1,
		Dirs: []wasm.Dir{{Guest: "/a"}, {Host: "x", Guest: "b"}, {Host: "x", Guest: "/lull/x"}, {Host: "x", Guest: "/a"}},
	})
	const wanted = `wasm call of "add": Input is not JSON
"a\x00" holds a NUL byte
Env entry "=x" is not KEY=value
Dir for "/a" has no Host
Dir.Guest "b" is not a clean absolute path, as /photos
Dir.Guest "/lull/x": /lull is taken
Dir.Guest "/a" is there twice
ResultLimit -1 is not in 0..1073741824
Budget: the module was compiled with Unstoppable, so nothing would end it in time`
	if got := fmt.Sprint(err); got != wanted {
		t.Errorf("got\n%s\nwant\n%s", got, wanted)
	}
}

func BenchmarkRun(b *testing.B) {
	for _, plain := range []bool{false, true} {
		b.Run(fmt.Sprintf("unstoppable=%t", plain), func(b *testing.B) {
			m := compile(b, adder.assemble(), wasm.Config{Unstoppable: plain})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			call := wasm.Call{Export: "add", Input: []byte("[1, 2]")}
			lives := make([]time.Duration, b.N)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				begin := time.Now()
				e, err := m.Run(ctx, call)
				lives[i] = time.Since(begin)
				if err != nil || string(e.Result) != "3" {
					b.Fatal(e, err)
				}
			}
			b.StopTimer()
			percentiles(b, lives)
		})
	}
}
