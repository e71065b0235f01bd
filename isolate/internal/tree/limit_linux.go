package tree

import (
	"strconv"

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
}

// layLimits writes the limits of the tree: into its v2 group where that has the
// controller, else into v1 groups of their own, else as a resource limit.
func (h *Host) layLimits(t *Tree, want Want) error {
	if want.MemoryBytes > 0 {
		if err := h.layMemory(t, want); err != nil {
			return err
		}
	}
	if want.Processes > 0 {
		return h.layProcesses(t, want)
	}
	return nil
}

func (h *Host) layMemory(t *Tree, want Want) error {
	l, bytes := &t.limits, strconv.FormatInt(want.MemoryBytes, 10)
	if t.cgroup != nil && h.v2Has["memory"] && writeFile(t.cgroup.dir+"/memory.max", bytes) == nil {
		_ = writeFile(t.cgroup.dir+"/memory.swap.max", "0") // there may be no swap accounting
		_ = writeFile(t.cgroup.dir+"/memory.oom.group", "1")
		l.oom, l.oomIn = t.cgroup, "memory.events"
		l.layers = append(l.layers, "memory: cgroup v2")
		return nil
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
	l.layers = append(l.layers, "memory: RLIMIT_DATA of each process")
	return nil
}

// layProcesses has no resource limit to fall back on: RLIMIT_NPROC counts all processes
// of the user, not those of the run, and root is exempt.
func (h *Host) layProcesses(t *Tree, want Want) error {
	l, most := &t.limits, strconv.FormatInt(want.Processes, 10)
	if t.cgroup != nil && h.v2Has["pids"] && writeFile(t.cgroup.dir+"/pids.max", most) == nil {
		l.pids = t.cgroup
		l.layers = append(l.layers, "processes: cgroup v2")
		return nil
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

// MustWait says whether the limits need a leader that waits for Confine.
func (t *Tree) MustWait() bool { return len(t.limits.joined) > 0 || t.limits.data > 0 }

// Confine puts the waiting leader under the limits. It returns an RLIMIT_DATA that the
// leader is to lay on its program itself; 0 is none.
func (t *Tree) Confine() (dataLimit int64, err error) {
	for _, g := range t.limits.joined {
		if err := writeFile(g.dir+"/cgroup.procs", strconv.Itoa(t.leader.Pid)); err != nil {
			return 0, err
		}
	}
	return t.limits.data, nil
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
