package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A census counts what a program and all processes below it hold.
type census struct {
	processes   int
	descriptors int // of the program itself
	groups      int // cgroups with the program's number in their name
	own, below  memory
}

// memory is in bytes.
type memory struct{ rss, pss, private int64 }

// adoptOrphans makes this process the parent of what a program leaves behind, so that it can be found.
func adoptOrphans() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("adopt orphans: %w", err)
	}
	return nil
}

// ownGroup makes a kill of cmd reach what it has started.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := unix.Kill(-cmd.Process.Pid, unix.SIGKILL); !errors.Is(err, unix.ESRCH) {
			return err
		}
		return os.ErrProcessDone
	}
}

// take counts while the program waits at a barrier.
func take(pid int) (census, error) {
	var c census
	tree, err := below(pid)
	if err != nil {
		return c, err
	}
	c.processes = len(tree)
	if err := c.own.add(pid); err != nil {
		return c, err
	}
	for _, p := range tree {
		if err := c.below.add(p); err != nil {
			return c, err
		}
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return c, err
	}
	c.descriptors = len(open)
	c.groups, err = groupsOf(pid)
	return c, err
}

func (m *memory) add(pid int) error {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return nil // ended meanwhile, or a zombie
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		var to *int64
		switch name {
		case "Rss":
			to = &m.rss
		case "Pss":
			to = &m.pss
		case "Private_Clean", "Private_Dirty":
			to = &m.private
		default:
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			return fmt.Errorf("/proc/%d/smaps_rollup: %q", pid, line)
		}
		*to += kb << 10
	}
	return nil
}

// below lists all descendants of pid, zombies too.
func below(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, e := range entries {
		p, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if parent, ok := parentOf(p); ok {
			children[parent] = append(children[parent], p)
		}
	}
	var all []int
	for next := []int{pid}; len(next) > 0; next = next[1:] {
		all = append(all, children[next[0]]...)
		next = append(next, children[next[0]]...)
	}
	return all, nil
}

// parentOf is false for a process that has ended meanwhile.
func parentOf(pid int) (int, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	// The name stands in parentheses and may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return parent, err == nil
}

// groupsOf counts cgroups that isolates of the process pid have made: their names say lull and its number.
func groupsOf(pid int) (n int, err error) {
	number := strconv.Itoa(pid)
	err = filepath.WalkDir("/sys/fs/cgroup", func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // removed meanwhile, or not ours to read
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), "lull-") && strings.Contains(d.Name(), number) {
			n++
		}
		return nil
	})
	return n, err
}

// busy is how many processes have wanted a CPU lately; 0 if that is not known.
func busy() (load float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	load, _ = strconv.ParseFloat(first, 64)
	return load
}

// endOrphans kills and reaps what a program has left behind, and says how many they were.
func endOrphans() (int, error) {
	self := os.Getpid()
	var left []int
	for range 40 { // two seconds in which to end by themselves
		reap()
		var err error
		if left, err = below(self); err != nil || len(left) == 0 {
			return 0, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	for range 40 {
		rest, err := below(self)
		if err != nil || len(rest) == 0 {
			return len(left), err
		}
		for _, pid := range rest {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		time.Sleep(50 * time.Millisecond)
		reap()
	}
	return len(left), fmt.Errorf("processes %v do not die", left)
}

// reap waits for orphans that have ended. No program of ours runs at this time.
func reap() {
	for {
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
			return
		}
	}
}
