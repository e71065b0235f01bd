//go:build linux

package isolate_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate"
)

func TestOutputFlood(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	for name, spec := range map[string]isolate.Spec{
		"program":  {Shell: "yes"},
		"daemon":   {Shell: "setsid yes & exec yes"},
		"function": {Func: behave.Name(), Input: []byte(`"flood"`)},
	} {
		t.Run(name, func(t *testing.T) {
			spec.OutputLimit, spec.OutputLog = 1<<20, logFile(t)
			e := wait(t, start(t, s, spec))
			if e.Outcome != isolate.OutputLimit || !e.Killed || !e.Truncated {
				t.Errorf("%s, killed %t", e, e.Killed)
			}
			if e.OutputBytes <= 1<<20 || len(e.Tail) < 128<<10 || len(e.Tail) > 129<<10 {
				t.Errorf("%d bytes came, %d are kept", e.OutputBytes, len(e.Tail))
			}
			if !bytes.HasPrefix(e.Tail, []byte("y\n")) || !bytes.Contains(e.Tail, []byte("bytes left out")) {
				t.Errorf("%.100q", e.Tail)
			}
			if info, err := os.Stat(spec.OutputLog); err != nil || info.Size() != 1<<20 {
				t.Error(info, err)
			}
		})
	}
}

func TestOutputLog(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	log := logFile(t)
	wait(t, start(t, s, isolate.Spec{Shell: "true", OutputLog: log}))
	if _, err := os.Stat(log); err == nil {
		t.Error("a silent run made a log")
	}
	for range 2 {
		wait(t, start(t, s, isolate.Spec{Shell: "echo line", OutputLog: log}))
	}
	if data, _ := os.ReadFile(log); string(data) != "line\nline\n" {
		t.Errorf("%q", data)
	}
	e := wait(t, start(t, s, isolate.Spec{Shell: "echo line", OutputLog: "/no/such/folder/log"}))
	if e.Outcome != isolate.Success || !strings.Contains(e.Message, "output log") || string(e.Tail) != "line\n" {
		t.Error(e)
	}
}

func TestNoOutputLimit(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	e := wait(t, start(t, s, isolate.Spec{Shell: "head -c 100000000 /dev/zero", OutputLimit: -1}))
	if e.Outcome != isolate.Success || e.OutputBytes != 100_000_000 {
		t.Error(e, e.OutputBytes)
	}
}

// requireLayer skips unless one of the layers was enforced.
func requireLayer(t *testing.T, e isolate.Exit, layers ...string) {
	t.Helper()
	if !slices.ContainsFunc(layers, func(l string) bool { return slices.Contains(e.Layers, l) }) {
		skipOrFail(t, "cgroup", "none of "+strings.Join(layers, ", ")+", but "+strings.Join(e.Layers, ", "))
	}
}

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	const hog = `exec tail /dev/zero` // keeps one endless line in memory
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			s, _ := forced(t, tier)
			for name, spec := range map[string]isolate.Spec{
				"program":           {Shell: hog},
				"child of a shell":  {Shell: "tail /dev/zero; exit $?"},
				"function":          {Func: behave.Name(), Input: []byte(`"memory"`)},
				"child of function": {Func: script.Name(), Input: []byte(`"` + hog + `"`)},
			} {
				t.Run(name, func(t *testing.T) {
					spec.MemoryBytes = 48 << 20
					e := wait(t, start(t, s, spec))
					requireLayer(t, e, "memory: cgroup v1", "memory: cgroup v2")
					if e.Outcome != isolate.OutOfMemory && name != "child of function" {
						t.Errorf("%s %q\n%.500s", e, e.Layers, e.Tail)
					}
					if name == "child of function" && e.Outcome != isolate.Error {
						t.Errorf("the function's word counts: %s", e)
					}
				})
			}
			e := wait(t, start(t, s, isolate.Spec{Shell: "true", MemoryBytes: 48 << 20}))
			if e.Outcome != isolate.Success {
				t.Error(e)
			}
		})
	}
}

func TestProcessLimit(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	const bomb = `i=0; while [ $i -lt 200 ]; do sleep 600 & i=$((i+1)); done; echo survived`
	e := wait(t, start(t, s, isolate.Spec{Shell: bomb, Processes: 40}))
	requireLayer(t, e, "processes: cgroup v1", "processes: cgroup v2")
	if e.Outcome == isolate.Success || !strings.Contains(e.Message, "the limit of 40 processes and threads was hit") {
		t.Errorf("%s\n%s", e, e.Tail)
	}
	e = wait(t, start(t, s, isolate.Spec{Shell: "sleep 0 & wait", Processes: 40}))
	if e.Outcome != isolate.Success || e.Message != "" {
		t.Error(e)
	}
}

func TestPlainSIGKILLIsNoOOM(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	e := wait(t, start(t, s, isolate.Spec{Shell: "kill -KILL $$", MemoryBytes: 96 << 20}))
	if e.Outcome != isolate.Signalled || e.Signal != "SIGKILL" || !strings.Contains(e.Message, "somebody else") {
		t.Error(e)
	}
}

func TestCPUTime(t *testing.T) {
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			s, _ := forced(t, tier)
			needLayer(t, s, isolate.LayerCPU)
			for _, test := range []struct {
				name   string
				spec   isolate.Spec
				killed bool
			}{
				{"function that asks", isolate.Spec{Func: behave.Name(), Input: []byte(`"spin until asked"`)}, false},
				{"function that spins", isolate.Spec{Func: behave.Name(), Input: []byte(`"spin"`)}, true},
				{"shell", isolate.Spec{Shell: "while :; do :; done"}, false},
				{"two children of a shell", isolate.Spec{Shell: "(while :; do :; done) & while :; do :; done"}, false},
				{"shell in a sandbox", isolate.Spec{Shell: "while :; do :; done", Sandbox: &isolate.Sandbox{}}, false},
			} {
				t.Run(test.name, func(t *testing.T) {
					test.spec.CPUTime = 30 * time.Millisecond
					if test.killed {
						test.spec.Grace = 50 * time.Millisecond
					}
					e := wait(t, start(t, s, test.spec))
					if e.Outcome != isolate.Stopped || e.StopReason != isolate.ReasonCPUTime || e.Killed != test.killed || test.spec.Shell != "" && !strings.HasPrefix(e.Message, "cpu-time: it may use 30ms of processor time") {
						t.Errorf("%s, reason %q, killed %t, layers %q", e, e.StopReason, e.Killed, e.Layers)
					}
					if used := e.UserTime + e.SysTime; used > 5*time.Second {
						t.Errorf("it used %v", used)
					}
				})
			}
			e := wait(t, start(t, s, isolate.Spec{Shell: "true", CPUTime: time.Second}))
			if e.Outcome != isolate.Success || !slices.Contains(e.Layers, "cpu: cgroup v2 of the tree") {
				t.Error(e, e.Layers)
			}
		})
	}
}

func TestWall(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	for name, spec := range map[string]isolate.Spec{
		"program":  {Shell: "exec sleep 600"},
		"function": {Func: behave.Name(), Input: []byte(`"wait"`)},
		"inline":   {Func: inlined.Name(), Input: []byte(`"wait"`)},
	} {
		spec.Wall = 50 * time.Millisecond
		e := wait(t, start(t, s, spec))
		if e.Outcome != isolate.Stopped || e.StopReason != isolate.ReasonBudget || e.Killed || e.Ended.Sub(e.Started) < spec.Wall {
			t.Errorf("%s: %s, reason %q, killed %t", name, e, e.StopReason, e.Killed)
		}
	}
	e := wait(t, start(t, s, isolate.Spec{Func: behave.Name(), Input: []byte(`"stubborn"`), Wall: 50 * time.Millisecond, Grace: 50 * time.Millisecond}))
	if e.Outcome != isolate.Stopped || !e.Killed || e.Message != "budget: it may run for 50ms (killed)" {
		t.Error(e)
	}
	if e := wait(t, start(t, s, isolate.Spec{Shell: "true", Wall: time.Minute})); e.Outcome != isolate.Success {
		t.Error(e)
	}
}

func TestOpenFiles(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerOpenFiles)
	for name, box := range map[string]*isolate.Sandbox{"plain": nil, "boxed": {}} {
		e := wait(t, start(t, s, isolate.Spec{Func: behave.Name(), Input: []byte(`"open files"`), OpenFiles: 30, Sandbox: box}))
		if e.Outcome != isolate.Error || !strings.Contains(e.Message, "too many open files") || !slices.Contains(e.Layers, "open-files: RLIMIT_NOFILE of each process") {
			t.Error(name, e, e.Layers)
		}
		e = wait(t, start(t, s, isolate.Spec{Shell: "ulimit -n; ulimit -Hn", OpenFiles: 30, Sandbox: box}))
		if string(e.Tail) != "30\n30\n" {
			t.Errorf("%s: %s %q", name, e, e.Tail)
		}
	}
}

func TestFewestOpenFiles(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerOpenFiles)
	for _, box := range []*isolate.Sandbox{nil, {NoNetwork: true}} {
		for _, spec := range []isolate.Spec{
			{Argv: []string{"true"}, Input: []byte("{}")},
			{Func: double.Name(), Input: []byte("1")},
			{Func: script.Name(), Input: []byte(`"true | true"`)},
		} {
			spec.OpenFiles, spec.Sandbox, spec.Secrets = isolate.MinOpenFiles, box, map[string][]byte{"k": []byte("v")}
			if e := wait(t, start(t, s, spec)); e.Outcome != isolate.Success {
				t.Errorf("%s\n%s", e, e.Tail)
			}
		}
	}
}

func TestFileSize(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerFileSize)
	for name, box := range map[string]*isolate.Sandbox{"plain": nil, "boxed": {}} {
		e := wait(t, start(t, s, isolate.Spec{Func: behave.Name(), Input: []byte(`"big file"`), FileSize: 1000, Sandbox: box, Env: tempEnv(t, box)}))
		if e.Outcome != isolate.Error || !strings.Contains(e.Message, "file too large") {
			t.Error(name, e)
		}
		e = wait(t, start(t, s, isolate.Spec{Shell: `exec head -c 100000 /dev/zero > "$TMPDIR/big"`, FileSize: 1000, Sandbox: box, Env: tempEnv(t, box)}))
		if e.Outcome != isolate.Signalled || e.Message != "ended by SIGXFSZ: a file may have 1000 bytes" {
			t.Errorf("%s: %s %s", name, e, e.Tail)
		}
	}
}

// tempEnv names a folder for files; a sandboxed run has its own.
func tempEnv(t *testing.T, box *isolate.Sandbox) []string {
	if box != nil {
		return nil
	}
	return []string{"TMPDIR=" + t.TempDir()}
}

func TestPriority(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerPriority)
	// Fields 19 and 41 of proc_pid_stat(5): niceness, and the policy of scheduling.
	const look = `cut -d' ' -f19,41 /proc/self/stat`
	own, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		nice   int
		idle   bool
		policy int
	}{{0, false, 0}, {7, false, 0}, {0, true, 5}, {3, true, 5}} {
		want := fmt.Sprintf("%d %d\n", min(20-own+test.nice, 19), test.policy)
		for kind, spec := range map[string]isolate.Spec{
			"program": {Shell: look}, "function": {Func: script.Name(), Input: []byte(strconv.Quote(look))},
			"boxed program": {Shell: look, Sandbox: &isolate.Sandbox{Read: []string{"/proc"}}},
		} {
			spec.Nice, spec.Idle = test.nice, test.idle
			if e := wait(t, start(t, s, spec)); string(e.Tail) != want {
				t.Errorf("%s, nice %d, idle %t: %s %q, want %q", kind, test.nice, test.idle, e, e.Tail, want)
			}
		}
	}
}

func TestEveryRunHasNoCoreAndGoesFirst(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	const look = `ulimit -c; cat /proc/self/oom_score_adj`
	for kind, spec := range map[string]isolate.Spec{
		"program": {Shell: "sleep 0.05; " + look}, "limited program": {Shell: look, OpenFiles: 99},
		"function": {Func: script.Name(), Input: []byte(strconv.Quote(look))},
	} {
		if e := wait(t, start(t, s, spec)); string(e.Tail) != "0\n500\n" {
			t.Errorf("%s: %s %q", kind, e, e.Tail)
		}
	}
}
