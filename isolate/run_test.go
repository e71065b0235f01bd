//go:build linux

package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

func TestRun(t *testing.T) {
	if n, err := isolate.Run(t.Context(), double, 21); n != 42 || err != nil {
		t.Error(n, err)
	}
	const big = 20 << 20
	if s, err := isolate.Run(t.Context(), produce, big); len(s) != big || err != nil {
		t.Errorf("%d bytes, %v", len(s), err)
	}
	if s, err := isolate.Run(t.Context(), inlined, "ok"); s != "fine" || err != nil {
		t.Error(s, err)
	}
	_, err := isolate.Run(t.Context(), behave, "panic")
	var exit *isolate.ExitError
	if !errors.As(err, &exit) || exit.Exit.Outcome != isolate.Crashed || exit.Name != "behave" {
		t.Error(err)
	}
	if _, err = isolate.Run(t.Context(), isolate.Named[int, int]("nobody"), 1); !errors.Is(err, isolate.ErrNoEntry) {
		t.Error(err)
	}
	if _, err = isolate.Run(t.Context(), isolate.Named[string, int]("double"), "2"); err == nil || !strings.Contains(err.Error(), "types") {
		t.Error(err)
	}
	var unsendable *isolate.UnsendableError
	if _, err = isolate.Run(t.Context(), isolate.Named[func(), int]("double"), nil); !errors.As(err, &unsendable) {
		t.Error(err)
	}
	if _, err = isolate.Run(t.Context(), isolate.Named[int, chan int]("double"), 1); !errors.As(err, &unsendable) {
		t.Error(err)
	}
	if _, err = isolate.Run(t.Context(), isolate.Named[[]byte, int]("double"), make([]byte, isolate.MaxMessage+1)); !errors.Is(err, isolate.ErrMessageTooLarge) {
		t.Error(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := isolate.Run(ctx, behave, "wait")
	var exit *isolate.ExitError
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &exit) || exit.Exit.Outcome != isolate.Stopped || exit.Exit.Killed {
		t.Error(err)
	}
	ctx2, cancel2 := context.WithCancelCause(t.Context())
	cause := errors.New("tired")
	cancel2(cause)
	if _, err = isolate.Run(ctx2, double, 1); !errors.Is(err, cause) {
		t.Error(err)
	}
}

func TestRegistered(t *testing.T) {
	if e, ok := isolate.Registered("inlined"); !ok || e.Mode() != isolate.Inline || e.Name() != "inlined" {
		t.Error(e, ok)
	}
	if _, ok := isolate.Registered("nobody"); ok {
		t.Error("nobody is registered")
	}
	if err := isolate.Err(); err != nil {
		t.Error(err)
	}
	var names []string
	for _, e := range isolate.Entries() {
		names = append(names, e.Name())
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "double") || slices.Contains(names, "lull:verify") {
		t.Error(names)
	}
}

func TestStartRefuses(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	if _, err := s.Start(isolate.Spec{Func: "nobody"}); !errors.Is(err, isolate.ErrNoEntry) {
		t.Error(err)
	}
	if _, err := s.Start(isolate.Spec{}); err == nil {
		t.Error("an empty spec was accepted")
	}
	p := start(t, s, isolate.Spec{ID: "same", Shell: "sleep 600"})
	if _, err := s.Start(isolate.Spec{ID: "same", Shell: "true"}); err == nil {
		t.Error("an ID was used twice")
	}
	p.Kill()
	wait(t, p)
	if e := wait(t, start(t, s, isolate.Spec{ID: "same", Shell: "true"})); e.Outcome != isolate.Success {
		t.Error(e)
	}
	if _, err := isolate.NewSpawner(isolate.Config{Tier: "magic"}); err == nil {
		t.Error("an unknown tier was accepted")
	}
}

func TestOddIDs(t *testing.T) {
	s := newSpawner(t, isolate.Config{Instance: "odd/../instance-" + strings.Repeat("x", 300)})
	var runs []*isolate.Process
	for _, id := range []string{"a#1", "a_1", "../../x", "a b\nc", strings.Repeat("long", 100), strings.Repeat("long", 101)} {
		runs = append(runs, start(t, s, isolate.Spec{ID: id, Shell: "sleep 0.1", Processes: 20}))
	}
	for _, p := range runs {
		if e := wait(t, p); e.Outcome != isolate.Success {
			t.Errorf("%q: %s", p.ID(), e)
		}
	}
}

// noMain is a process that never called Main.
func noMain() int {
	_, err := isolate.Run(context.Background(), double, 1)
	fmt.Println("run:", errors.Is(err, isolate.ErrNoMain))
	s, err := isolate.NewSpawner(isolate.Config{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_, err = s.Start(isolate.Spec{Func: "double"})
	fmt.Println("start:", errors.Is(err, isolate.ErrNoMain))
	p, err := s.Start(isolate.Spec{Shell: "true", Processes: 10})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	e := p.Wait()
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Println("program:", e.Outcome, e.Layers)
	return 0
}

func TestWithoutMain(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "ISOLATE_TEST_NO_MAIN=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	for _, want := range []string{"run: true\n", "start: true\n", "program: success [processes: "} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q lacks %q", out, want)
		}
	}
}

// TestChildModeNeedsAHandshake plays a user, or a wrong host, that uses a child mode.
func TestChildModeNeedsAHandshake(t *testing.T) {
	for _, mode := range []string{"lull:isolate", "lull:init"} {
		cmd := exec.Command("/proc/self/exe", mode, "/bin/echo", "echo", "must not run")
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 70 || !bytes.Contains(out, []byte("child processes only")) {
			t.Errorf("%s: exit code %d, %q", mode, cmd.ProcessState.ExitCode(), out)
		}
		for _, send := range [][]byte{nil, {1, 2, 3}, {0xff, 0xff, 0xff, 0xff, 1}, {2, 0, 0, 0, 1, 0xa0}, {2, 0, 0, 0, 2, 0xa0}} {
			cmd := exec.Command("/proc/self/exe", mode, "/bin/echo", "echo", "must not run")
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r2, w2, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.ExtraFiles = []*os.File{r, w2}
			_, _ = w.Write(send)
			_ = w.Close()
			out, _ := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != 70 || !bytes.Contains(out, []byte("no handshake")) {
				t.Errorf("%s after % x: exit code %d, %q", mode, send, cmd.ProcessState.ExitCode(), out)
			}
			for _, f := range []*os.File{r, r2, w2} {
				_ = f.Close()
			}
		}
	}
}

func TestShimPath(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	spec := isolate.Spec{Shell: "echo hi", MemoryBytes: 256 << 20}
	s := newSpawner(t, isolate.Config{ShimPath: self})
	if e := wait(t, start(t, s, spec)); e.Outcome != isolate.Success || string(e.Tail) != "hi\n" {
		t.Error(e)
	}
	s = newSpawner(t, isolate.Config{ShimPath: "/bin/true"})
	if e := wait(t, start(t, s, spec)); e.Outcome != isolate.ProtocolError || !strings.Contains(e.Message, "no report") {
		t.Error(e)
	}
	if !*long {
		return
	}
	silent := filepath.Join(t.TempDir(), "silent")
	if err := os.WriteFile(silent, []byte("#!/bin/sh\nsleep 600\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s = newSpawner(t, isolate.Config{ShimPath: silent})
	if e := wait(t, start(t, s, spec)); e.Outcome != isolate.StartFailed || !strings.Contains(e.Message, "no handshake") {
		t.Error(e)
	}
}
