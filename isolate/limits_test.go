//go:build linux

package isolate_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

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
					spec.MemoryBytes = 96 << 20
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
			e := wait(t, start(t, s, isolate.Spec{Shell: "true", MemoryBytes: 96 << 20}))
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
