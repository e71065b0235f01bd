package wasm_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// order is what the guest of testdata/command understands.
func order(do string, rest ...any) []byte {
	o := map[string]any{"do": do}
	for i := 0; i+1 < len(rest); i += 2 {
		o[rest[i].(string)] = rest[i+1]
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

func TestCommand(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{MemoryBytes: 64 << 20})
	t.Run("contract", func(t *testing.T) {
		e := run(t, m, wasm.Call{Input: order("echo"), Args: []string{"-v", "x"}, Env: []string{"A=b=c", "E="}})
		want(t, e, isolate.Success, "")
		const wanted = `{"args":["-v","x"],"env":["A=b=c","E=","LULL_OUTPUT=/lull/output"],"input":{"do":"echo"}}`
		if string(e.Result) != wanted {
			t.Errorf("got %s, want %s", e.Result, wanted)
		}
		if e.MaxRSS < 1<<20 || !slices.Equal(e.Layers, []string{"memory: wasm"}) {
			t.Errorf("record %+v", e)
		}
	})
	t.Run("no input", func(t *testing.T) {
		e := run(t, m, wasm.Call{})
		want(t, e, isolate.Success, "")
		if e.Result != nil {
			t.Errorf("result %s", e.Result)
		}
	})
	for _, test := range []struct {
		order   []byte
		outcome isolate.Outcome
		message string
		output  string
	}{
		{order("exit", "n", 3), isolate.Error, "exit status 3", "leaving\n"},
		{order("exit", "n", 75), isolate.Retried, "exit status 75 asks for another run", "leaving\n"},
		{order("exit", "n", 126), isolate.NotStarted, "exit status 126: a program is missing or not executable", "leaving\n"},
		{order("panic"), isolate.Error, "exit status 2", "panic: boom\n"},
		{order("hog"), isolate.OutOfMemory, "out of memory: the limit is 67108864 bytes; exit status 2", "out of memory"},
		{order("output", "path", "{"), isolate.Error, "LULL_OUTPUT does not hold JSON", ""},
		{order("output", "path", " "), isolate.Success, "", ""},
		{order("output", "path", `"`+strings.Repeat("x", 200)+`"`), isolate.Error, "output too large: 202 bytes, the limit is 200; pass a file name or a key instead", ""},
		{order("read", "path", "/etc/passwd"), isolate.Error, "exit status 1", "/etc/passwd: "},
		{order("read", "path", "/lull/../../etc/passwd"), isolate.Error, "exit status 1", "passwd: "},
	} {
		t.Run(string(test.order[:min(len(test.order), 40)]), func(t *testing.T) {
			e := run(t, m, wasm.Call{Input: test.order, ResultLimit: 200})
			want(t, e, test.outcome, test.message)
			if !strings.Contains(string(e.Tail), test.output) {
				t.Errorf("output %s", e.Tail)
			}
		})
	}
	t.Run("loop", func(t *testing.T) {
		e := run(t, m, wasm.Call{Input: order("loop"), Budget: 100 * time.Millisecond})
		want(t, e, isolate.Stopped, "the budget of 100ms is over")
	})
	t.Run("flood", func(t *testing.T) {
		seen := 0
		e := run(t, m, wasm.Call{Input: order("flood"), OutputLimit: 1 << 20, OnOutput: func(p []byte) { seen += len(p) }})
		want(t, e, isolate.OutputLimit, "wrote more than 1048576 bytes")
		if !e.Truncated || e.OutputBytes <= 1<<20 || e.OutputBytes > 2<<20 || int64(seen) != e.OutputBytes || len(e.Tail) > 140<<10 {
			t.Errorf("%d bytes of output, %d seen, %d kept", e.OutputBytes, seen, len(e.Tail))
		}
	})
	t.Run("scratch", func(t *testing.T) {
		e := run(t, m, wasm.Call{Input: order("files", "path", "/lull")})
		want(t, e, isolate.Success, "")
		if string(e.Result) != didToFiles {
			t.Errorf("got %s, want %s", e.Result, didToFiles)
		}
	})
}

// didToFiles is what the guest saw of a folder that can be written to.
const didToFiles = `{"excl":true,"gone":true,"names":["renamed"],"now":"ONE t","rest":"two","size":5}`

// TestDeterminism: two runs see the same clock and the same randomness, unless they ask
// for the real ones.
func TestDeterminism(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	result := func(c wasm.Call) string {
		t.Helper()
		e := run(t, m, c)
		want(t, e, isolate.Success, "")
		return string(e.Result)
	}
	nap := order("time", "n", 3600)
	begin := time.Now()
	if got, wanted := result(wasm.Call{Input: nap}), `{"begin":"2022-01-01T00:00:00Z","slept":true}`; got != wanted {
		t.Errorf("got %s, want %s", got, wanted)
	}
	if took := time.Since(begin); took > 30*time.Minute {
		t.Errorf("an hour of the guest's took %v", took)
	}
	epoch := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	if got, wanted := result(wasm.Call{Input: nap, Epoch: epoch}), `{"begin":"2030-05-01T12:00:00Z","slept":true}`; got != wanted {
		t.Errorf("got %s, want %s", got, wanted)
	}
	var real struct {
		Begin time.Time
		Slept bool
	}
	begin = time.Now().Truncate(time.Second)
	if err := json.Unmarshal([]byte(result(wasm.Call{Input: order("time", "n", 1), RealTime: true})), &real); err != nil {
		t.Fatal(err)
	}
	if real.Begin.Before(begin) || time.Since(begin) < time.Second || !real.Slept {
		t.Errorf("%+v, begun at %v", real, begin)
	}
	e := run(t, m, wasm.Call{Input: order("time", "n", 3600), RealTime: true, Budget: 50 * time.Millisecond})
	want(t, e, isolate.Stopped, "the budget of 50ms is over")

	random := order("random")
	if a, b := result(wasm.Call{Input: random}), result(wasm.Call{Input: random}); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := result(wasm.Call{Input: random, RealRandom: true}), result(wasm.Call{Input: random, RealRandom: true}); a == b {
		t.Errorf("twice %s", a)
	}
}

func TestDirs(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	top := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("secret", "out of reach")
	write("open/in/file", "within reach")
	write("work/keep", "")
	if err := os.Remove(filepath.Join(top, "work/keep")); err != nil {
		t.Fatal(err)
	}
	dirs := []wasm.Dir{
		{Host: filepath.Join(top, "open"), Guest: "/open", ReadOnly: true},
		{Host: filepath.Join(top, "work"), Guest: "/"},
	}
	for link, to := range map[string]string{
		"open/out": "../secret", "open/absolute": filepath.Join(top, "secret"), "open/up": "..", "open/near": "in/file",
	} {
		if err := os.Symlink(to, filepath.Join(top, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for _, test := range []struct {
		order   []byte
		result  string // "": it fails
		outcome isolate.Outcome
	}{
		{order("read", "path", "/open/in/file"), `"within reach"`, isolate.Success},
		{order("read", "path", "/open/near"), `"within reach"`, isolate.Success},
		{order("list", "path", "/open"), `["absolute","in","near","out","up"]`, isolate.Success},
		{order("list", "path", "/open/in/"), `["file"]`, isolate.Success},
		{order("read", "path", "/open/out"), "", isolate.Error},
		{order("read", "path", "/open/absolute"), "", isolate.Error},
		{order("read", "path", "/open/up/secret"), "", isolate.Error},
		{order("read", "path", "/open/../secret"), "", isolate.Error},
		{order("read", "path", "/open/../../"+top+"/secret"), "", isolate.Error},
		{order("read", "path", "../secret"), "", isolate.Error},
		{order("write", "path", "/open/new"), "", isolate.Error},
		{order("write", "path", "/open/in/file"), "", isolate.Error},
		{order("files", "path", "/open"), "", isolate.Error},
		{order("files", "path", "/"), didToFiles, isolate.Success},
	} {
		e := run(t, m, wasm.Call{Input: test.order, Dirs: dirs})
		if e.Outcome != test.outcome || string(e.Result) != test.result {
			t.Errorf("%s: %v, result %s\n%s", test.order, e, e.Result, e.Tail)
		}
	}
	if b, err := os.ReadFile(filepath.Join(top, "work/renamed")); err != nil || string(b) != "ONE t" {
		t.Errorf("%s %v", b, err)
	}
	if b, _ := os.ReadFile(filepath.Join(top, "secret")); string(b) != "out of reach" {
		t.Errorf("secret is %q", b)
	}
	e := run(t, m, wasm.Call{Dirs: []wasm.Dir{{Host: filepath.Join(top, "missing"), Guest: "/x"}}})
	if e.Outcome != isolate.NotStarted || !strings.Contains(e.Message, "folder for /x: open ") {
		t.Error(e)
	}
}

func TestBytes(t *testing.T) {
	m := compileGuest(t, "reactor", wasm.Config{})
	for range 2 { // a fresh one each time: its own count of calls is 1
		e := run(t, m, wasm.Call{Export: "shout", Input: []byte(`{"path": "a.jpg"}`)})
		want(t, e, isolate.Success, "")
		if string(e.Result) != `{"calls":1,"path":"A.JPG"}` {
			t.Errorf("result %s", e.Result)
		}
	}
	e := run(t, m, wasm.Call{Export: "shout", Input: []byte("[]")})
	want(t, e, isolate.Error, "exit status 1")
	if !strings.Contains(string(e.Tail), "no object with a path: []") {
		t.Errorf("output %s", e.Tail)
	}
	want(t, run(t, m, wasm.Call{Export: "later"}), isolate.Retried, "exit status 75 asks for another run")
	want(t, run(t, m, wasm.Call{Export: "nothing"}), isolate.Success, "")
	if e := run(t, m, wasm.Call{Export: "add", Input: []byte("[1, 2]")}); string(e.Result) != "3" {
		t.Errorf("%v, result %s", e, e.Result)
	}
	big, err := json.Marshal(map[string]string{"path": strings.Repeat("long", 1<<18)})
	if err != nil {
		t.Fatal(err)
	}
	e = run(t, m, wasm.Call{Export: "shout", Input: big, ResultLimit: 2 << 20})
	if want(t, e, isolate.Success, ""); len(e.Result) < 1<<20 {
		t.Errorf("%d bytes of result", len(e.Result))
	}
}

// TestMany has runs of one module side by side.
func TestMany(t *testing.T) {
	m := compileGuest(t, "reactor", wasm.Config{})
	failed := make(chan string, 32)
	for i := range cap(failed) {
		go func() {
			e := run(t, m, wasm.Call{Export: "shout", Input: fmt.Appendf(nil, `{"path": "p%d"}`, i)})
			if wanted := fmt.Sprintf(`{"calls":1,"path":"P%d"}`, i); string(e.Result) != wanted {
				failed <- fmt.Sprint(e, string(e.Result))
				return
			}
			failed <- ""
		}()
	}
	for range cap(failed) {
		if f := <-failed; f != "" {
			t.Error(f)
		}
	}
}

// TestRounds instantiates a small module again and again.
func TestRounds(t *testing.T) {
	rounds := 2_000
	if *long {
		rounds = 100_000
	}
	m := compile(t, adder.assemble(), wasm.Config{})
	call := wasm.Call{Export: "add", Input: []byte("[1, 2]")}
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	run(t, m, call)
	goroutines, before := runtime.NumGoroutine(), heap()
	for range rounds {
		if e := run(t, m, call); string(e.Result) != "3" {
			t.Fatal(e)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("%d bytes on the heap, there were %d", after, before)
	}
}

// TestLeaks counts goroutines and descriptors around runs that end in every way.
func TestLeaks(t *testing.T) {
	dir := t.TempDir()
	m := compileGuest(t, "command", wasm.Config{})
	round := func() {
		run(t, m, wasm.Call{Input: order("list", "path", "/x"), Dirs: []wasm.Dir{{Host: dir, Guest: "/x"}}})
		run(t, m, wasm.Call{Input: order("loop"), Budget: 10 * time.Millisecond})
		run(t, m, wasm.Call{Input: order("panic")})
		run(t, m, wasm.Call{Dirs: []wasm.Dir{{Host: dir, Guest: "/x"}, {Host: dir + "/missing", Guest: "/y"}}})
	}
	descriptors := func() int {
		all, _ := os.ReadDir("/proc/self/fd")
		return len(all)
	}
	round()
	goroutines, fds := runtime.NumGoroutine(), descriptors()
	for range 10 {
		round()
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		g, f := runtime.NumGoroutine(), descriptors()
		if g <= goroutines && f <= fds {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, there were %d; %d descriptors, there were %d", g, goroutines, f, fds)
		}
	}
}
