package tree

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Orphans are the dead that nobody waits for in a namespace whose process 1 is this one:
// they were started by processes that have ended since, and were left to it. Its zero value
// has seen none.
//
// A process that somebody here does wait for is told by its handle: os.StartProcess keeps a
// pidfd of each (Go 1.23). Others, as of syscall.ForkExec, are left alone for one look.
type Orphans struct {
	seen  map[int]bool // in the last look
	depth int          // of this namespace in what /proc says; 0: not known
}

// orphanTime is between two looks: who starts a process without a handle has waited for it by
// then, or does not.
const orphanTime = 5 * time.Second

// CollectOrphans is for process 1 of a namespace, while it works: it collects orphans some
// time after they died. Elsewhere it does nothing.
func CollectOrphans() {
	if os.Getpid() != 1 {
		return
	}
	time.AfterFunc(time.Second, func() { // nothing that a short life would pay for
		died := make(chan os.Signal, 1)
		signal.Notify(died, unix.SIGCHLD)
		var o Orphans
		for ; ; <-died {
			for range 2 {
				time.Sleep(orphanTime)
				o.Reap()
			}
		}
	})
}

// Reap collects those that were dead at the last look already. In any other process it does
// nothing, and so it does where /proc cannot be read or the kernel knows no pidfd.
func (o *Orphans) Reap() (reaped int) {
	if os.Getpid() != 1 || !anyDead() {
		return 0
	}
	if o.depth == 0 && !o.find() {
		return 0
	}
	held := o.held()
	seen := map[int]bool{}
	for _, status := range o.dead() {
		pid := o.pid(status)
		switch {
		case pid <= 1 || held[pid]:
		case !o.seen[pid]:
			seen[pid] = true
		default:
			if got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); err == nil && got == pid {
				reaped++
			}
		}
	}
	o.seen = seen
	return reaped
}

// anyDead reports whether a child waits to be collected.
func anyDead() bool {
	var info unix.Siginfo
	return unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == nil && info.Signo != 0
}

// find learns how deep this namespace is, and whether processes have handles.
func (o *Orphans) find() bool {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	o.depth = len(bytes.Fields(line(b, "NSpid:")))
	return o.depth > 0
}

// line returns what follows a key in a file of /proc.
func line(b []byte, key string) []byte {
	for l := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(l, []byte(key)); ok {
			return rest
		}
	}
	return nil
}

// pid is the number that a process has here; 0 if that is not told.
func (o *Orphans) pid(status []byte) int {
	all := bytes.Fields(line(status, "NSpid:"))
	if len(all) < o.depth {
		return 0
	}
	n, _ := strconv.Atoi(string(all[o.depth-1]))
	return n
}

// held are the processes of which this one has a handle.
func (o *Orphans) held() map[int]bool {
	held := map[int]bool{}
	files, _ := filepath.Glob("/proc/self/fdinfo/*")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil {
			if n := o.pid(b); n > 0 {
				held[n] = true
			}
		}
	}
	return held
}

// dead returns what /proc says of each child that is dead.
func (o *Orphans) dead() (all [][]byte) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, f := range lists {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for _, pid := range bytes.Fields(b) {
			status, err := os.ReadFile("/proc/" + string(pid) + "/status")
			if err == nil && bytes.HasPrefix(bytes.TrimSpace(line(status, "State:")), []byte("Z")) {
				all = append(all, status)
			}
		}
	}
	return all
}
