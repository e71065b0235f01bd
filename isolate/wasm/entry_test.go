//go:build linux

package wasm_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
	"github.com/lullwork/lull/isolate/wasm/job"
)

// start starts a job in a child process.
func start(t testing.TB, s *isolate.Spawner, j job.Job, spec isolate.Spec) *isolate.Process {
	t.Helper()
	input, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	spec.Func, spec.Input = job.Entry, input
	p, err := s.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newSpawner(t testing.TB) *isolate.Spawner {
	t.Helper()
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestInChild(t *testing.T) {
	s := newSpawner(t)
	cache := filepath.Join(t.TempDir(), "cache")
	command := job.Job{File: guest(t, "command"), CacheDir: cache}
	with := func(j job.Job, change func(*job.Job)) job.Job {
		change(&j)
		return j
	}
	does := func(input []byte) job.Job { return with(command, func(j *job.Job) { j.Input = input }) }
	// They report when they run.
	reports := imported{"lull", "progress", []byte{i32, i32}, one}
	report := code(constant(0), constant(1), opCall, 0, opDrop)
	loop := save(t, "loop.wasm", text{imports: []imported{reports}, pages: 1, data: "1", functions: []function{
		{export: "f", code: code(report, loops)},
	}}.assemble())
	// Goes on until stopping is not negative any more.
	polite := save(t, "polite.wasm", text{
		imports: []imported{reports, {"lull", "stopping", nil, []byte{i64}}}, pages: 1, data: "1",
		functions: []function{{export: "f", code: code(report, opLoop, void, opCall, 1, constant64(0), 0x53, 0x0d, 0, end)}},
	}.assemble())
	mute := save(t, "mute.wasm", sendAndReceive.assemble())
	dir := t.TempDir()
	for _, test := range []struct {
		name    string
		job     job.Job
		spec    isolate.Spec
		stop    time.Duration // the grace; 0: it is not asked to stop
		outcome isolate.Outcome
		message string
		output  string
		result  string
	}{
		{
			name: "success", job: with(does(order("echo")), func(j *job.Job) { j.Args, j.Env = []string{"x"}, []string{"A=b"} }),
			outcome: isolate.Success, result: `{"args":["x"],"env":["A=b","LULL_OUTPUT=/lull/output"],"input":{"do":"echo"}}`,
		},
		{
			name: "export", job: job.Job{File: save(t, "add.wasm", adder.assemble()), Export: "add", Input: json.RawMessage("[1,2]")},
			outcome: isolate.Success, result: "3",
		},
		{
			name: "folder", job: with(does(order("files", "path", "/in")), func(j *job.Job) { j.Dirs = []job.Dir{{Host: dir, Guest: "/in"}} }),
			outcome: isolate.Success, result: didToFiles,
		},
		{name: "send without ports", job: job.Job{File: mute, Export: "send"}, outcome: isolate.Success, result: "-1"},
		{name: "recv without ports", job: job.Job{File: mute, Export: "recv"}, outcome: isolate.Success, result: "-1"},
		{name: "failure", job: does(order("exit", "n", 3)), outcome: isolate.Error, message: "exit status 3", output: "leaving\n"},
		{name: "retry", job: does(order("exit", "n", 75)), outcome: isolate.Retried, message: "exit status 75 asks for another run"},
		{
			name: "misfit", job: job.Job{File: loop, Export: "f", Input: json.RawMessage("[1]")},
			outcome: isolate.Failure, message: "input of f () -> (): 1 numbers are given, 0 are wanted, as a JSON array",
		},
		{
			name: "missing file", job: job.Job{File: "/nowhere/x.wasm"},
			outcome: isolate.NotStarted, message: "stat /nowhere/x.wasm: no such file or directory",
		},
		{name: "folder as file", job: job.Job{File: dir}, outcome: isolate.NotStarted, message: dir + " is not a regular file"},
		{
			name: "missing export", job: job.Job{File: loop, Export: "g"},
			outcome: isolate.NotStarted, message: `the module has no export "g": it exports f`,
		},
		{
			name: "trap", job: job.Job{File: save(t, "trap.wasm", text{functions: []function{{export: "f", code: code(opUnreachable)}}}.assemble()), Export: "f"},
			outcome: isolate.Crashed, message: "unreachable", output: "wasm stack trace:",
		},
		{
			name: "out of memory", job: with(does(order("hog")), func(j *job.Job) { j.MemoryBytes = 32 << 20 }),
			outcome: isolate.OutOfMemory, message: "out of memory: the limit is 33554432 bytes; exit status 2", output: "out of memory",
		},
		{
			name: "more memory than the process may have", job: with(does(order("hog")), func(j *job.Job) { j.MemoryBytes = 1 << 30 }),
			spec:    isolate.Spec{MemoryBytes: 192 << 20},
			outcome: isolate.OutOfMemory, message: "out of memory: the limit is 201326592 bytes",
		},
		{
			name: "flood", job: does(order("flood")), spec: isolate.Spec{OutputLimit: 1 << 20},
			outcome: isolate.OutputLimit, message: "wrote more than 1048576 bytes",
		},
		{
			name: "deaf to the request", job: job.Job{File: loop, Export: "f"}, stop: 100 * time.Millisecond,
			outcome: isolate.Stopped, message: "enough (killed)",
		},
		{
			name: "deaf on one processor", job: job.Job{File: loop, Export: "f"}, stop: 100 * time.Millisecond,
			spec: isolate.Spec{Env: []string{"GOMAXPROCS=1"}}, outcome: isolate.Stopped, message: "enough (killed)",
		},
		{
			name: "polite", job: job.Job{File: polite, Export: "f"}, stop: time.Minute,
			outcome: isolate.Stopped, message: "enough",
		},
		{name: "bad job", job: with(command, func(j *job.Job) { j.Env = []string{"="} }), outcome: isolate.Failure, message: `wasm call of "_start": Env entry "=" is not KEY=value`},
	} {
		t.Run(test.name, func(t *testing.T) {
			running := make(chan struct{})
			test.spec.OnProgress = func([]byte) { close(running) }
			p := start(t, s, test.job, test.spec)
			if test.stop > 0 {
				<-running
				p.Stop("enough", test.stop)
			}
			e := p.Wait()
			want(t, e, test.outcome, test.message)
			if test.result != "" && string(e.Result) != test.result {
				t.Errorf("result %s", e.Result)
			}
			if !strings.Contains(string(e.Tail), test.output) {
				t.Errorf("output %s", e.Tail)
			}
			if e.Tier == wasm.Tier || e.Pid == 0 {
				t.Errorf("record %+v", e)
			}
		})
	}
	t.Run("run", func(t *testing.T) {
		add := job.Job{File: "testdata/add.wasm", Export: "add", Input: json.RawMessage("[1,2]")}
		if got, err := isolate.Run(t.Context(), job.Task, add); err != nil || string(got) != "3" {
			t.Errorf("%s %v", got, err)
		}
	})
	t.Run("not a module", func(t *testing.T) {
		file := save(t, "x.wasm", []byte("\x00asm\x0d\x00\x01\x00"))
		e := start(t, s, job.Job{File: file}, isolate.Spec{}).Wait()
		want(t, e, isolate.NotStarted, file+": not a module that can run here: this is a component; build a core module instead, for WASI preview 1 (wasip1)")
	})
	t.Run("progress", func(t *testing.T) {
		module := text{
			imports: []imported{reports}, pages: 1, data: `{"done":1}!`,
			functions: []function{{export: "f", results: []byte{i32, i32}, code: code(
				constant(0), constant(10), opCall, 0,
				constant(0), constant(11), opCall, 0, // no JSON: -2
			)}},
		}
		var seen []string
		e := start(t, s, job.Job{File: save(t, "progress.wasm", module.assemble()), Export: "f"}, isolate.Spec{
			OnProgress: func(b []byte) { seen = append(seen, string(b)) },
		}).Wait()
		if want(t, e, isolate.Success, ""); string(e.Result) != "[0,-2]" || !slices.Equal(seen, []string{`{"done":1}`}) {
			t.Errorf("result %s, progress %q", e.Result, seen)
		}
	})
}

// BenchmarkInChild is a run in a process of its own, with the machine code in the cache.
func BenchmarkInChild(b *testing.B) {
	s := newSpawner(b)
	cache := filepath.Join(b.TempDir(), "cache")
	for name, j := range map[string]job.Job{
		"tiny": {File: save(b, "add.wasm", adder.assemble()), Export: "add", Input: json.RawMessage("[1,2]"), CacheDir: cache},
		"go":   {File: guest(b, "command"), CacheDir: cache},
	} {
		b.Run(name, func(b *testing.B) {
			start(b, s, j, isolate.Spec{}).Wait()
			took := make([]time.Duration, b.N)
			b.ResetTimer()
			for n := range b.N {
				begin := time.Now()
				if e := start(b, s, j, isolate.Spec{}).Wait(); e.Outcome != isolate.Success {
					b.Fatal(e)
				}
				took[n] = time.Since(begin)
			}
			b.StopTimer()
			percentiles(b, took)
		})
	}
}

// BenchmarkGuest is a run of a Go program, in both forms of machine code.
func BenchmarkGuest(b *testing.B) {
	for _, plain := range []bool{false, true} {
		b.Run(map[bool]string{false: "stoppable", true: "unstoppable"}[plain], func(b *testing.B) {
			m := compileGuest(b, "command", wasm.Config{Unstoppable: plain})
			took := make([]time.Duration, b.N)
			b.ResetTimer()
			for n := range b.N {
				begin := time.Now()
				if e := run(b, m, wasm.Call{Input: order("echo")}); e.Outcome != isolate.Success {
					b.Fatal(e)
				}
				took[n] = time.Since(begin)
			}
			b.StopTimer()
			percentiles(b, took)
		})
	}
}

// BenchmarkCompile is what a process pays before its first run: all of it, or the cache's part.
func BenchmarkCompile(b *testing.B) {
	binary, err := os.ReadFile(guest(b, "command"))
	if err != nil {
		b.Fatal(err)
	}
	for name, cfg := range map[string]wasm.Config{"cold": {}, "cached": {CacheDir: filepath.Join(b.TempDir(), "cache")}} {
		b.Run(name, func(b *testing.B) {
			took := make([]time.Duration, b.N)
			for n := range b.N {
				begin := time.Now()
				m, err := wasm.Compile(context.Background(), binary, cfg)
				if err != nil {
					b.Fatal(err)
				}
				took[n] = time.Since(begin)
				if err := m.Close(); err != nil {
					b.Fatal(err)
				}
			}
			percentiles(b, took)
		})
	}
}
