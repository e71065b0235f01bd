package tree

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sweepTime bounds a sweep against processes that fork faster than they are found.
const sweepTime = 5 * time.Second

// sweepMarked kills the processes with a mark that match accepts, until two looks in a
// row find none. It returns those it killed.
func sweepMarked(match func(mark string) bool) map[int]bool {
	killed := map[int]bool{}
	for quiet, end := 0, time.Now().Add(sweepTime); quiet < 2 && time.Now().Before(end); quiet++ {
		for _, pid := range marked(match) {
			quiet = 0
			if killMarked(pid, match) {
				killed[pid] = true
			}
		}
		if quiet == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	return killed
}

// marked lists the living processes whose environment holds a mark that match accepts.
// This process and its ancestors are never listed.
func marked(match func(string) bool) []int {
	spared := ancestors()
	var found []int
	for _, pid := range allPids() {
		if !slices.Contains(spared, pid) && carries(pid, match) {
			found = append(found, pid)
		}
	}
	return found
}

func carries(pid int, match func(string) bool) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for kv := range bytes.SplitSeq(env, []byte{0}) {
		if value, ok := bytes.CutPrefix(kv, []byte(MarkerKey+"=")); ok {
			return slices.ContainsFunc(strings.Fields(string(value)), match)
		}
	}
	return false
}

// killMarked kills by pidfd: between the look and the kill the pid may get a new owner.
func killMarked(pid int, match func(string) bool) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ENOSYS {
		return unix.Kill(pid, unix.SIGKILL) == nil
	}
	if err != nil {
		return false
	}
	defer func() { _ = unix.Close(fd) }()
	return carries(pid, match) && unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) == nil
}

// ancestors lists this process and those above it.
func ancestors() []int {
	var list []int
	for pid := os.Getpid(); pid > 0 && len(list) < 256; {
		list = append(list, pid)
		stat, ok := readStat(pid)
		if !ok {
			break
		}
		pid = stat.parent
	}
	return list
}

type procStat struct {
	state  byte
	parent int
	group  int
}

// readStat reads /proc/PID/stat; the name in it may hold spaces and parentheses.
func readStat(pid int) (procStat, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return procStat{}, false
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 3 {
		return procStat{}, false
	}
	parent, err1 := strconv.Atoi(fields[1])
	group, err2 := strconv.Atoi(fields[2])
	return procStat{fields[0][0], parent, group}, err1 == nil && err2 == nil
}

// groupMembers lists the living members of a process group.
func groupMembers(pgid int) []int {
	var members []int
	for _, pid := range allPids() {
		if stat, ok := readStat(pid); ok && stat.group == pgid && stat.state != 'Z' {
			members = append(members, pid)
		}
	}
	return members
}

func allPids() []int { return pidsIn("/proc") }

// pidsIn lists the numbers among the names in a folder.
func pidsIn(dir string) []int {
	proc, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer func() { _ = proc.Close() }()
	names, _ := proc.Readdirnames(-1)
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
