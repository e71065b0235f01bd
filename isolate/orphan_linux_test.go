package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/internal/tree"
)

var (
	orphanage = isolate.Named[int, string]("orphanage")
	waiting   = isolate.Named[int, int]("waiting")
)

// orphans has n orphans die.
func orphans(n int) error {
	for range n {
		if err := exec.Command("sh", "-c", "(sleep 0.05) & exit 0").Run(); err != nil {
			return err
		}
	}
	time.Sleep(300 * time.Millisecond)
	return nil
}

// doWaiting has n orphans die, and lives on until they are collected.
func doWaiting(ctx context.Context, n int) (looks int, err error) {
	if err := orphans(n); err != nil {
		return 0, err
	}
	for ; ctx.Err() == nil; looks++ {
		var info unix.Siginfo
		if err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err != nil {
			return looks, nil // there are no children
		}
		time.Sleep(100 * time.Millisecond)
	}
	return looks, ctx.Err()
}

// doOrphanage has n orphans die, and what it started itself, and says what is collected.
func doOrphanage(_ context.Context, n int) (string, error) {
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	own := exec.Command("sh", "-c", "exit 3")
	if err := own.Start(); err != nil {
		return "", err
	}
	bare, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", "exit 4"}, &syscall.ProcAttr{})
	if err != nil {
		return "", err
	}
	if err := orphans(n); err != nil {
		return "", err
	}
	var o tree.Orphans
	say("first look %d", o.Reap())
	var status syscall.WaitStatus
	_, err = syscall.Wait4(bare, &status, 0, nil)
	say("bare %d %v", status.ExitStatus(), err)
	say("second look %d", o.Reap())
	say("third look %d", o.Reap())
	var exit *exec.ExitError
	if errors.As(own.Wait(), &exit) {
		say("own %d", exit.ExitCode())
	}
	got, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
	say("left %d %v", got, err)
	return strings.Join(said, "; "), nil
}

// TestOrphansAreCollected looks at dead processes in a namespace whose process 1 is a
// function: those that nobody waits for go, and nobody loses the status of another.
func TestOrphansAreCollected(t *testing.T) {
	t.Parallel()
	s := newSpawner(t, isolate.Config{})
	x := start(t, s, isolate.Spec{Func: orphanage.Name(), Input: []byte("3")}).Wait()
	if x.Tier != isolate.TierNamespace {
		t.Skipf("SKIPPED: no PID namespaces here, but %s", x.Tier)
	}
	const want = `"first look 0; bare 4 \u003cnil\u003e; second look 3; third look 0; own 3; left -1 no child processes"`
	if string(x.Result) != want {
		t.Errorf("%v: %s, want %s", x, x.Result, want)
	}
}

// TestOrphansDoNotGather is the same with nobody but the isolate itself that looks.
func TestOrphansDoNotGather(t *testing.T) {
	if !*long {
		t.Skip("SKIPPED: takes 12 s, run with -long")
	}
	t.Parallel()
	s := newSpawner(t, isolate.Config{})
	x := start(t, s, isolate.Spec{Func: waiting.Name(), Input: []byte("5"), Wall: time.Minute}).Wait()
	if x.Tier == isolate.TierNamespace && (x.Outcome != isolate.Success || string(x.Result) == "0") {
		t.Errorf("%v: %s", x, x.Result)
	}
}
