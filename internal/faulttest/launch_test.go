//go:build linux

package faulttest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/work"
)

// patience is how long a victim may take for what it does at once on a quiet machine.
const patience = 30 * time.Second

// acks is what victims said is durable, over all of their lives.
type acks struct {
	sync.Mutex
	once      []work.ID // to be run to their end
	parked    []work.ID // to wait
	cancelled []work.ID // of those
}

func (a *acks) add(kind string, id work.ID) {
	a.Lock()
	defer a.Unlock()
	switch kind {
	case "once":
		a.once = append(a.once, id)
	case "parked":
		a.parked = append(a.parked, id)
	case "cancelled":
		a.cancelled = append(a.cancelled, id)
	}
}

func (a *acks) len() int {
	a.Lock()
	defer a.Unlock()
	return len(a.once) + len(a.parked)
}

// victim is an engine in a process of its own.
type victim struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	said  chan string // all but the acknowledgements; closed at the end
	acked chan struct{}
}

// launch starts a victim. What it acknowledges goes to a.
func launch(t *testing.T, s script, a *acks) *victim {
	t.Helper()
	text, err := json.Marshal(s)
	must(t, err)
	cmd := exec.Command(os.Args[0])
	// The race detector would keep each process for a second.
	cmd.Env = append(os.Environ(), victimEnv+"="+string(text), "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	v := &victim{t: t, cmd: cmd, in: in, said: make(chan string, 1<<16), acked: make(chan struct{}, 1)}
	t.Cleanup(v.kill)
	go func() {
		defer close(v.said)
		for r := bufio.NewReader(out); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return // half a line tells nobody anything
			}
			var kind string
			var id work.ID
			if n, _ := fmt.Sscanf(line, "ack %s %s", &kind, &id); n == 2 {
				a.add(kind, id)
				select {
				case v.acked <- struct{}{}:
				default:
				}
				continue
			}
			v.said <- strings.TrimSuffix(line, "\n")
		}
	}()
	return v
}

// expect waits for a line that begins with a word, and returns the rest of it. It
// passes over others.
func (v *victim) expect(word string) string {
	v.t.Helper()
	return v.expectAll(word)[0]
}

// expectAll is expect for several lines, which come in any order.
func (v *victim) expectAll(words ...string) []string {
	v.t.Helper()
	rests := make([]string, len(words))
	found := make([]bool, len(words))
	var passed []string
	late := time.After(patience)
	for slices.Contains(found, false) {
		select {
		case line, ok := <-v.said:
			if !ok {
				v.t.Fatalf("the engine ended without a word of %q: %q", words, passed)
			}
			i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(line, w) })
			if i < 0 || found[i] {
				passed = append(passed, line)
				continue
			}
			rests[i], found[i] = strings.TrimSpace(strings.TrimPrefix(line, words[i])), true
		case <-late:
			v.stacks()
			v.t.Fatalf("no word of %q: %q", words, passed)
		}
	}
	return rests
}

// tell gives a command.
func (v *victim) tell(format string, args ...any) {
	v.t.Helper()
	_, err := fmt.Fprintf(v.in, format+"\n", args...)
	must(v.t, err)
}

// ended waits for the end of the process, and returns what it said.
func (v *victim) ended() (lines []string) {
	v.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, ok := <-v.said:
			if !ok {
				_ = v.cmd.Wait()
				return lines
			}
			lines = append(lines, line)
		case <-late:
			v.stacks()
			v.t.Fatalf("it does not end: %q", lines)
		}
	}
}

// rest is what a victim that has ended said last.
func (v *victim) rest() (lines []string) {
	for line := range v.said {
		lines = append(lines, line)
	}
	return lines
}

// stacks makes an engine that hangs say where.
func (v *victim) stacks() {
	_ = v.cmd.Process.Signal(unix.SIGQUIT)
	time.Sleep(time.Second)
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

// drain runs an engine until it is idle.
func drain(t *testing.T, s script, a *acks) {
	t.Helper()
	lines := launch(t, script{State: s.State, Trace: s.Trace, Idle: true}, a).ended()
	if len(lines) == 0 || lines[len(lines)-1] != "closed" {
		t.Fatalf("the last engine did not end in good order: %q", lines)
	}
}

// scene makes the folders of one test.
func scene(t *testing.T) script {
	t.Helper()
	dir := t.TempDir()
	s := script{State: filepath.Join(dir, "state"), Trace: filepath.Join(dir, "trace")}
	must(t, os.Mkdir(s.State, 0o700), os.Mkdir(s.Trace, 0o700))
	return s
}

// plan writes a plan of direct commands: its tasks, with the errand that each is for.
func (s script) plan(t *testing.T, tasks map[string]struct{ Do, Keys string }) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	text := "tasks:\n"
	for name, task := range tasks {
		in, err := json.Marshal(errand{s.Trace, name, task.Do})
		must(t, err)
		text += fmt.Sprintf("  %s:\n    run: [%q]\n    env: {%s: %q}\n    %s\n", name, exe, choreEnv, in, task.Keys)
	}
	must(t, os.WriteFile(filepath.Join(s.State, "lull.yaml"), []byte(text), 0o600))
}
