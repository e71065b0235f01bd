//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestNoOrderlyEnd shows what follows a second signal if the end in order does not come.
func TestNoOrderlyEnd(t *testing.T) {
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		l := stuck(t, "lull")
		l.signal("shutdown")
		l.signal("") // there need not be time for more
		if text := l.wait(); !strings.Contains(text, "lull: no orderly end within 2s: what was decided last may be lost\n") {
			t.Errorf("it says %q", text)
		}
	})
	t.Run("before a third one", func(t *testing.T) {
		t.Parallel()
		l := stuck(t, "lull-patient")
		l.signal("shutdown")
		l.signal("reaped")
		l.signal("")
		if text := l.wait(); strings.Contains(text, "no orderly end") {
			t.Errorf("it says %q", text)
		}
	})
}

// stuckRun is a lull run that cannot end in order: nobody reads what it writes.
type stuckRun struct {
	t       *testing.T
	ctx     context.Context
	cmd     *exec.Cmd
	journal string
	stderr  bytes.Buffer
}

// stuck starts one, of a task that ends only when it is killed.
func stuck(t *testing.T, program string) *stuckRun {
	dir := t.TempDir()
	ready, plan := filepath.Join(dir, "ready"), filepath.Join(dir, "lull.yaml")
	text := "tasks:\n  stubborn: {run: \"trap '' TERM; touch " + ready + "; sleep 300\", grace: 1h}\n"
	if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	l := &stuckRun{t: t, ctx: ctx, cmd: exec.CommandContext(ctx, program, "run", plan), journal: filepath.Join(dir, ".lull", "journal.jsonl")}
	l.cmd.Stdout, l.cmd.Stderr = fullPipe(t), &l.stderr
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l.until("started", func() bool {
		_, err := os.Stat(ready)
		return err == nil
	})
	return l
}

// fullPipe returns the end of a pipe to which nothing can be written.
func fullPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	conn, err := w.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	err = conn.Write(func(fd uintptr) bool {
		for _, size := range []int{1 << 20, 1} { // what is left is less than is written at once
			for full = nil; full == nil; {
				_, full = unix.Write(int(fd), make([]byte, size))
			}
		}
		return true
	})
	if err != nil || !errors.Is(full, unix.EAGAIN) {
		t.Fatal(err, full)
	}
	return w
}

// signal interrupts it, and waits until that has led to something in the journal.
func (l *stuckRun) signal(journaled string) {
	l.t.Helper()
	if err := l.cmd.Process.Signal(os.Interrupt); err != nil {
		l.t.Fatal(err)
	}
	l.until(journaled, func() bool {
		b, _ := os.ReadFile(l.journal)
		return bytes.Contains(b, []byte(journaled))
	})
}

func (l *stuckRun) until(what string, done func() bool) {
	l.t.Helper()
	for !done() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-l.ctx.Done():
			l.t.Fatalf("never %s: %s", what, l.wait())
		}
	}
}

// wait returns what it said, and wants it to have ended by the second interrupt.
func (l *stuckRun) wait() string {
	l.t.Helper()
	var end *exec.ExitError
	if err := l.cmd.Wait(); !errors.As(err, &end) || end.ExitCode() != 128+int(unix.SIGINT) {
		l.t.Errorf("it ends with %v", err)
	}
	return l.stderr.String()
}
