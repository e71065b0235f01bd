//go:build linux || darwin

package main

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// tty keeps a terminal from echoing what is typed while something is drawn on it: an
// echoed Enter moves what is drawn by a row.
type tty struct {
	fd      int
	moved   func() // called when this process went on after it was suspended
	signals chan os.Signal
	done    chan struct{}
	closing sync.Once

	mu    sync.Mutex
	saved *unix.Termios // to be set again; nil: nothing was changed
}

// quiet begins to keep a terminal quiet, as long as this process is in its foreground.
func quiet(f *os.File, moved func()) *tty {
	t := &tty{fd: int(f.Fd()), moved: moved, signals: make(chan os.Signal, 4), done: make(chan struct{})}
	t.hush()
	signal.Notify(t.signals, unix.SIGTSTP, unix.SIGCONT)
	go t.follow()
	return t
}

// foreground reports whether what is typed is for this process: a terminal stops one in
// the background that changes its modes, and the shell writes between what is drawn.
func (t *tty) foreground() bool {
	group, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func (t *tty) hush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved != nil || !t.foreground() {
		return
	}
	now, err := unix.IoctlGetTermios(t.fd, getTermios)
	if err != nil || now.Lflag&unix.ECHO == 0 {
		return
	}
	silent := *now
	silent.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(t.fd, setTermios, &silent) == nil {
		t.saved = now
	}
}

// restore lets it echo again.
func (t *tty) restore() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved != nil && t.foreground() {
		_ = unix.IoctlSetTermios(t.fd, setTermios, t.saved)
	}
	t.saved = nil
}

// follow hands the terminal back while this process is suspended.
func (t *tty) follow() {
	defer close(t.done)
	for s := range t.signals {
		if s == unix.SIGTSTP {
			t.restore()
			_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
			continue
		}
		t.hush()
		t.moved()
	}
}

// close hands the terminal back.
func (t *tty) close() {
	t.closing.Do(func() {
		signal.Stop(t.signals)
		close(t.signals)
		<-t.done
		t.restore()
	})
}
