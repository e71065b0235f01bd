package tree

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Tree is one run's processes.
type Tree struct {
	host   *Host
	means  string
	name   string // of its groups
	marker string
	cgroup *group
	dirFD  int // of cgroup; -1 if none
	limits limits
	netns  bool // the leader gets a network namespace

	leader *os.Process
	pidfd  int      // as the kernel wrote it; -1 if none
	exited *os.File // pidfd in the poller

	mu                    sync.Mutex
	dead                  bool // uprooted, or nothing to kill yet
	oomKills, processHits int64
}

// Grow makes an empty tree.
func (h *Host) Grow(want Want) (*Tree, error) {
	t := &Tree{host: h, means: want.Means, name: h.prefix + cleanRun(want.Run), dirFD: -1, pidfd: -1, dead: true}
	t.marker = h.instance + "/" + cleanRun(want.Run)
	err := t.grow(want)
	if err != nil {
		_, undoErr := t.Uproot()
		return nil, errors.Join(err, undoErr)
	}
	return t, nil
}

func (t *Tree) grow(want Want) (err error) {
	if t.means == Cgroup {
		if t.cgroup, err = makeGroup(t.host.v2 + "/" + t.name); err != nil {
			return err
		}
		if t.dirFD, err = unix.Open(t.cgroup.dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
			return fmt.Errorf("%s: %w", t.cgroup.dir, err)
		}
	}
	t.netns = want.NoNetwork && t.host.NetworkNamespace()
	return t.host.layLimits(t, want)
}

// Attr says how the leader is to be started.
func (t *Tree) Attr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, PidFD: &t.pidfd}
	switch t.means {
	case Cgroup:
		attr.UseCgroupFD, attr.CgroupFD = true, t.dirFD
	case Namespace:
		attr.Cloneflags = syscall.CLONE_NEWPID
	}
	if t.netns {
		attr.Cloneflags |= syscall.CLONE_NEWNET
	}
	return attr
}

// Marker is an environment entry for the leader. A run inside another run carries both marks.
func (t *Tree) Marker() string {
	return MarkerKey + "=" + strings.TrimSpace(os.Getenv(MarkerKey)+" "+t.marker)
}

// Planted takes over the leader.
func (t *Tree) Planted(leader *os.Process) error {
	t.mu.Lock()
	t.leader, t.dead = leader, false
	t.mu.Unlock()
	if t.dirFD >= 0 {
		_ = unix.Close(t.dirFD)
		t.dirFD = -1
	}
	if t.pidfd >= 0 {
		if _, err := unix.FcntlInt(uintptr(t.pidfd), unix.F_SETFL, unix.O_NONBLOCK); err == nil {
			t.exited = os.NewFile(uintptr(t.pidfd), "pidfd")
		}
	}
	// Best effort: let the kernel take the isolate before its host.
	_ = writeFile(fmt.Sprintf("/proc/%d/oom_score_adj", leader.Pid), "500")
	// A core dump of a crash loop fills the disk.
	_ = unix.Prlimit(leader.Pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	return nil
}

// AwaitLeader waits until the leader has ended. It stays a zombie, which keeps its pid
// and its process group from being given to others.
func (t *Tree) AwaitLeader() {
	ended := func(id, value, flags int) bool {
		for {
			var info unix.Siginfo
			err := unix.Waitid(id, value, &info, unix.WEXITED|unix.WNOWAIT|flags, nil)
			if !errors.Is(err, unix.EINTR) {
				return err != nil || info.Signo != 0
			}
		}
	}
	if t.exited != nil {
		if conn, err := t.exited.SyscallConn(); err == nil {
			err = conn.Read(func(fd uintptr) bool { return ended(unix.P_PIDFD, int(fd), unix.WNOHANG) })
			if err == nil {
				return
			}
		}
	}
	ended(unix.P_PID, t.leader.Pid, 0)
}

// AwaitGroup waits until the leader's process group has no living member, or the deadline.
func (t *Tree) AwaitGroup(deadline time.Time) {
	for pause := time.Millisecond; time.Now().Before(deadline); pause = min(2*pause, 20*time.Millisecond) {
		if len(groupMembers(t.leader.Pid)) == 0 {
			return
		}
		t.mu.Lock()
		dead := t.dead
		t.mu.Unlock()
		if dead {
			return
		}
		time.Sleep(pause)
	}
}

// Terminate asks the leader's process group to end.
func (t *Tree) Terminate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead {
		_ = unix.Kill(-t.leader.Pid, unix.SIGTERM)
	}
}

// Kill ends the whole tree now. It may be called at any time. What a process group
// leaves is ended by Uproot, which follows the leader's end.
func (t *Tree) Kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return
	}
	if t.cgroup != nil {
		t.cgroup.kill()
	}
	t.killGroup()
}

// killGroup kills the leader and its process group. The leader is not reaped yet, so
// both numbers are still its own.
func (t *Tree) killGroup() {
	_ = unix.Kill(-t.leader.Pid, unix.SIGKILL)
	_ = unix.Kill(t.leader.Pid, unix.SIGKILL)
}

// Uproot ends what the leader left, waits until it is gone and removes the groups. It
// returns how many processes the leader left; -1 if that cannot be known.
func (t *Tree) Uproot() (leaked int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.cgroup != nil:
		if err = t.cgroup.remove(); err != nil {
			leaked = len(t.cgroup.pids())
			err = t.cgroup.destroy()
		}
	case t.leader == nil:
	case t.means == Group:
		left := groupMembers(t.leader.Pid)
		t.killGroup()
		swept := sweepMarked(func(m string) bool { return m == t.marker })
		for _, pid := range left {
			swept[pid] = true
		}
		leaked = len(swept)
	default:
		leaked = -1 // a namespace ends with its first process, before anybody could count
	}
	t.oomKills, t.processHits = t.limits.count()
	for _, g := range t.limits.joined {
		if g.remove() != nil {
			err = errors.Join(err, g.destroy())
		}
	}
	if t.dirFD >= 0 {
		_ = unix.Close(t.dirFD)
		t.dirFD = -1
	}
	t.dead = true
	return leaked, err
}

// Collect reaps the leader.
func (t *Tree) Collect() *os.ProcessState {
	state, err := t.leader.Wait()
	if t.exited != nil {
		_ = t.exited.Close()
	} else if t.pidfd >= 0 {
		_ = unix.Close(t.pidfd)
	}
	if err != nil {
		return nil
	}
	return state
}
