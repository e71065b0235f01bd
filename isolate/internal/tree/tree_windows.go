package tree

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Host has Job Objects.
type Host struct{}

// Probe returns what every Windows has.
func Probe(string) *Host { return &Host{} }

// Close does nothing.
func (h *Host) Close() error { return nil }

// Means lists what works.
func (h *Host) Means() []string { return []string{Job} }

// Sweep has nothing to do: a job ends with its last handle, which the host held.
func (h *Host) Sweep() (int, error) { return 0, nil }

// Tree is one run's Job Object.
type Tree struct {
	layers []string
	marker string
	job    windows.Handle

	mu     sync.Mutex
	leader *os.Process
	state  *os.ProcessState
	dead   bool
}

// Grow makes an empty job, with its limits.
func (h *Host) Grow(want Want) (*Tree, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	var layers []string
	if want.MemoryBytes > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_MEMORY
		info.JobMemoryLimit = uintptr(want.MemoryBytes)
		layers = append(layers, "memory: job object")
	}
	if want.Processes > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS
		info.BasicLimitInformation.ActiveProcessLimit = uint32(min(want.Processes, 1<<31))
		layers = append(layers, "processes: job object")
	}
	if want.CPU > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_TIME
		info.BasicLimitInformation.PerJobUserTimeLimit = int64(want.CPU / 100) // in units of 100 ns
		layers = append(layers, "cpu: job object, without time in the kernel")
	}
	if want.Nice > 0 || want.Idle {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_PRIORITY_CLASS
		info.BasicLimitInformation.PriorityClass = windows.BELOW_NORMAL_PRIORITY_CLASS
		if want.Idle {
			info.BasicLimitInformation.PriorityClass = windows.IDLE_PRIORITY_CLASS
		}
		layers = append(layers, "priority: job object")
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		return nil, errors.Join(err, windows.CloseHandle(job))
	}
	return &Tree{layers: layers, marker: cleanRun(want.Run), job: job, dead: true}, nil
}

// Attr starts the leader suspended, so that it joins the job before it does anything.
func (t *Tree) Attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP}
}

// Marker is an environment entry for the leader.
func (t *Tree) Marker() string { return MarkerKey + "=" + t.marker }

// Planted puts the leader into the job and lets it run.
func (t *Tree) Planted(leader *os.Process) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leader, t.dead = leader, false
	pid := uint32(leader.Pid)
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err == nil {
		err = windows.AssignProcessToJobObject(t.job, process)
		err = errors.Join(err, windows.CloseHandle(process))
	}
	if err == nil {
		err = resume(pid)
	}
	if err != nil {
		_ = leader.Kill() // it may not be in the job
	}
	return err
}

// resume lets the only thread of a suspended process run.
func resume(pid uint32) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(snapshot) }()
	entry := windows.ThreadEntry32{}
	entry.Size = uint32(unsafe.Sizeof(entry))
	for err = windows.Thread32First(snapshot, &entry); err == nil; err = windows.Thread32Next(snapshot, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		_, err = windows.ResumeThread(thread)
		return errors.Join(err, windows.CloseHandle(thread))
	}
	return err
}

// MustWait says that no limit needs a leader that waits.
func (t *Tree) MustWait() bool { return false }

// Confine has nothing left to do: the job has its limits.
func (t *Tree) Confine() (int64, error) { return 0, nil }

// AwaitLeader waits until the leader has ended.
func (t *Tree) AwaitLeader() {
	state, _ := t.leader.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = state
}

// AwaitGroup waits until the job is empty, or the deadline.
func (t *Tree) AwaitGroup(deadline time.Time) {
	for time.Now().Before(deadline) && t.active() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
}

// accounting is JOBOBJECT_BASIC_ACCOUNTING_INFORMATION.
type accounting struct {
	times                                                   [4]int64
	pageFaults, totalProcesses, activeProcesses, terminated uint32
}

// active counts the processes of the job.
func (t *Tree) active() int {
	var info accounting
	err := windows.QueryInformationJobObject(t.job, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)), nil)
	if err != nil {
		return 0
	}
	return int(info.activeProcesses)
}

// Terminate sends CTRL_BREAK to the leader's process group.
func (t *Tree) Terminate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead {
		_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(t.leader.Pid))
	}
}

// Kill terminates the job.
func (t *Tree) Kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead {
		_ = windows.TerminateJobObject(t.job, 1)
	}
}

// Uproot terminates what is left in the job and closes it.
func (t *Tree) Uproot() (leaked int, err error) {
	leaked = t.active()
	t.Kill()
	t.AwaitGroup(time.Now().Add(10 * time.Second))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
	return leaked, windows.CloseHandle(t.job)
}

// Collect returns how the leader ended.
func (t *Tree) Collect() *os.ProcessState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}
