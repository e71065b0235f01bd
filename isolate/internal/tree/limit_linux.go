package tree

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// limits are those of one tree.
type limits struct {
	layers []string // what was enforced
	joined []*group // v1 groups that the leader must be put into
	data   int64    // RLIMIT_DATA; 0 is none
	oom    *group
	oomIn  string // file with the counter
	pids   *group
	v2     *group // one of joined
	cpu    *group // counts the time of the tree
	nice   int
	idle   bool
}

// layLimits writes the limits of the tree: into its v2 group where that has the
// controller, else into v1 groups of their own, else as a resource limit.
func (h *Host) layLimits(t *Tree, want Want) error {
	for _, x := range []struct {
		asked bool
		lay   func(*Tree, Want) error
	}{
		{want.MemoryBytes > 0, h.layMemory},
		{want.Processes > 0, h.layProcesses},
		{want.CPU > 0, h.layCPU},
		{want.Nice > 0 || want.Idle, h.layPriority},
	} {
		if x.asked {
			if err := x.lay(t, want); err != nil {
				return err
			}
		}
	}
	return nil
}

// unified returns the tree's v2 group, making one that the leader is put into if the
// tree is not killed by one. Nil: there is none to be had.
func (h *Host) unified(t *Tree, want Want) (*group, error) {
	if t.cgroup != nil || t.limits.v2 != nil {
		return cmp.Or(t.cgroup, t.limits.v2), nil
	}
	if h.v2 == "" || !want.CanWait {
		return nil, nil
	}
	g, err := makeGroup(h.v2 + "/" + t.name)
	if err == nil {
		t.limits.v2 = g
		t.limits.joined = append(t.limits.joined, g)
	}
	return g, err
}

func (h *Host) layMemory(t *Tree, want Want) error {
	l, bytes := &t.limits, strconv.FormatInt(want.MemoryBytes, 10)
	if h.v2Has["memory"] {
		g, err := h.unified(t, want)
		if err != nil {
			return err
		}
		if g != nil && writeFile(g.dir+"/memory.max", bytes) == nil {
			_ = writeFile(g.dir+"/memory.swap.max", "0") // there may be no swap accounting
			_ = writeFile(g.dir+"/memory.oom.group", "1")
			l.oom, l.oomIn = g, "memory.events"
			l.layers = append(l.layers, "memory: cgroup v2")
			return nil
		}
	}
	if !want.CanWait {
		l.layers = append(l.layers, "memory: not enforced")
		return nil
	}
	if parent := h.v1["memory"]; parent != "" {
		g, err := makeGroup(parent + "/" + t.name)
		if err != nil {
			return err
		}
		l.joined = append(l.joined, g)
		if err := writeFile(g.dir+"/memory.limit_in_bytes", bytes); err != nil {
			return err
		}
		_ = writeFile(g.dir+"/memory.memsw.limit_in_bytes", bytes)
		l.oom, l.oomIn = g, "memory.oom_control"
		l.layers = append(l.layers, "memory: cgroup v1")
		return nil
	}
	l.data = want.MemoryBytes
	l.layers = append(l.layers, LayerDataLimit)
	return nil
}

// layProcesses has no resource limit to fall back on: RLIMIT_NPROC counts all processes
// of the user, not those of the run, and root is exempt.
func (h *Host) layProcesses(t *Tree, want Want) error {
	l, most := &t.limits, strconv.FormatInt(want.Processes, 10)
	if h.v2Has["pids"] {
		g, err := h.unified(t, want)
		if err != nil {
			return err
		}
		if g != nil && writeFile(g.dir+"/pids.max", most) == nil {
			l.pids = g
			l.layers = append(l.layers, "processes: cgroup v2")
			return nil
		}
	}
	parent := h.v1["pids"]
	if parent == "" || !want.CanWait {
		l.layers = append(l.layers, "processes: not enforced")
		return nil
	}
	g, err := makeGroup(parent + "/" + t.name)
	if err != nil {
		return err
	}
	l.joined = append(l.joined, g)
	if err := writeFile(g.dir+"/pids.max", most); err != nil {
		return err
	}
	l.pids = g
	l.layers = append(l.layers, "processes: cgroup v1")
	return nil
}

// layCPU makes sure that the time of the whole tree can be read. A v2 group counts it
// without any controller.
func (h *Host) layCPU(t *Tree, want Want) error {
	l := &t.limits
	g, err := h.unified(t, want)
	switch {
	case err != nil:
		return err
	case g != nil:
		l.cpu = g
		l.layers = append(l.layers, "cpu: cgroup v2 of the tree")
	case want.CanWait:
		l.layers = append(l.layers, "cpu: RLIMIT_CPU of each process")
	default:
		l.layers = append(l.layers, "cpu: not enforced")
	}
	return nil
}

func (h *Host) layPriority(t *Tree, want Want) error {
	if !want.CanWait {
		t.limits.layers = append(t.limits.layers, "priority: not enforced")
		return nil
	}
	t.limits.nice, t.limits.idle = want.Nice, want.Idle
	t.limits.layers = append(t.limits.layers, "priority: of the scheduler")
	return nil
}

// Used is the processor time of the tree so far; false if only that of each process
// is counted.
func (t *Tree) Used() (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limits.cpu == nil || t.dead {
		return 0, false
	}
	return time.Duration(t.limits.cpu.counter("cpu.stat", "usage_usec")) * time.Microsecond, true
}

// MustWait says whether the limits need a leader that waits for Confine.
func (t *Tree) MustWait() bool {
	l := &t.limits
	return len(l.joined) > 0 || l.data > 0 || l.nice > 0 || l.idle
}

// Confine puts the waiting leader under the limits. It returns an RLIMIT_DATA that the
// leader is to lay on its program itself; 0 is none.
func (t *Tree) Confine() (dataLimit int64, err error) {
	for _, g := range t.limits.joined {
		if err := writeFile(g.dir+"/cgroup.procs", strconv.Itoa(t.leader.Pid)); err != nil {
			return 0, err
		}
	}
	return t.limits.data, t.setPriority()
}

// setPriority sets that of each thread of the leader, which is what the kernel knows.
// New threads have that of the one that makes them, so it looks until there are none.
func (t *Tree) setPriority() error {
	if t.limits.nice == 0 && !t.limits.idle {
		return nil
	}
	own, err := unix.Getpriority(unix.PRIO_PROCESS, os.Getpid())
	if err != nil {
		return fmt.Errorf("priority: %w", err)
	}
	// Linux counts it from 20 downwards. A host that is nice itself may make nobody less so.
	nice := min(20-own+t.limits.nice, 19)
	done := map[int]bool{}
	for more := true; more; {
		more = false
		for _, tid := range pidsIn("/proc/" + strconv.Itoa(t.leader.Pid) + "/task") {
			if done[tid] {
				continue
			}
			more, done[tid] = true, true
			if err := t.limits.prefer(tid, nice); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("priority: %w", err)
			}
		}
	}
	return nil
}

// prefer sets a thread's priority.
func (l *limits) prefer(tid, nice int) error {
	if l.idle {
		attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: int32(nice)}
		if err := unix.SchedSetAttr(tid, &attr, 0); err != nil {
			return err
		}
		const process, class = 1, 3 << 13                                         // IOPRIO_WHO_PROCESS, IOPRIO_CLASS_IDLE (ioprio_set(2))
		_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, process, uintptr(tid), class) // not every disk scheduler knows it
	}
	if l.nice == 0 {
		return nil
	}
	return unix.Setpriority(unix.PRIO_PROCESS, tid, nice)
}

// LimitData lays RLIMIT_DATA on a process; pid 0 is the caller.
func LimitData(pid int, bytes int64) error {
	return unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}, nil)
}

// OOMKills counts the processes of the tree that the kernel killed for their memory.
func (t *Tree) OOMKills() int64 { return t.oomKills }

// ProcessHits counts the forks that the limit of processes refused.
func (t *Tree) ProcessHits() int64 { return t.processHits }

// Layers says what was enforced.
func (t *Tree) Layers() []string { return t.limits.layers }

// count reads the counters; the groups are about to be removed.
func (l *limits) count() (oom, hits int64) {
	if l.oom != nil {
		oom = l.oom.counter(l.oomIn, "oom_kill")
	}
	if l.pids != nil {
		hits = l.pids.counter("pids.events", "max")
	}
	return oom, hits
}
