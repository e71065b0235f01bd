//go:build unix && !linux

package tree

import (
	"os"
	"sync"
	"syscall"
	"time"
)

// Host has process groups only.
type Host struct{}

// Probe returns what every Unix has.
func Probe(string) *Host { return &Host{} }

// Close does nothing.
func (h *Host) Close() error { return nil }

// Means lists what works.
func (h *Host) Means() []string { return []string{Group} }

// Sweep finds nothing: the environment of other processes cannot be read here, and a
// child whose host is gone ends itself (functions) or is orphaned (programs).
func (h *Host) Sweep() (int, error) { return 0, nil }

// Tree is one run's process group.
type Tree struct {
	layers []string
	marker string

	mu     sync.Mutex
	leader *os.Process
	state  *os.ProcessState
	dead   bool
}

// Grow makes an empty tree.
func (h *Host) Grow(want Want) (*Tree, error) {
	return &Tree{layers: layersOf(want), marker: cleanRun(want.Run), dead: true}, nil
}

// layersOf says what becomes of limits of the tree: functions lay one on themselves.
func layersOf(want Want) []string {
	var layers []string
	for _, x := range []struct {
		asked bool
		name  string
	}{{want.MemoryBytes > 0, "memory"}, {want.Processes > 0, "processes"}, {want.Nice > 0 || want.Idle, "priority"}} {
		if x.asked {
			layers = append(layers, x.name+": not enforced")
		}
	}
	switch {
	case want.CPU > 0 && want.CanWait:
		layers = append(layers, "cpu: RLIMIT_CPU of each process")
	case want.CPU > 0:
		layers = append(layers, "cpu: not enforced")
	}
	return layers
}

// Attr says how the leader is to be started.
func (t *Tree) Attr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// Marker is an environment entry for the leader.
func (t *Tree) Marker() string { return MarkerKey + "=" + t.marker }

// Planted takes over the leader.
func (t *Tree) Planted(leader *os.Process) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leader, t.dead = leader, false
	return nil
}

// MustWait says that no limit needs a leader that waits.
func (t *Tree) MustWait() bool { return false }

// Confine has no limits to lay.
func (t *Tree) Confine() (int64, error) { return 0, nil }

// AwaitLeader waits until the leader has ended.
func (t *Tree) AwaitLeader() {
	state, _ := t.leader.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = state
}

// AwaitGroup waits until the process group is empty, or the deadline.
func (t *Tree) AwaitGroup(deadline time.Time) {
	for time.Now().Before(deadline) && syscall.Kill(-t.leader.Pid, 0) == nil {
		time.Sleep(5 * time.Millisecond)
	}
}

// Terminate asks the process group to end.
func (t *Tree) Terminate() { t.signal(syscall.SIGTERM) }

// Kill kills the process group.
func (t *Tree) Kill() { t.signal(syscall.SIGKILL) }

func (t *Tree) signal(sig syscall.Signal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead {
		_ = syscall.Kill(-t.leader.Pid, sig)
	}
}

// Uproot kills what is left of the process group. It cannot count it.
func (t *Tree) Uproot() (leaked int, err error) {
	t.Kill()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
	return -1, nil
}

// Collect returns how the leader ended.
func (t *Tree) Collect() *os.ProcessState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}
