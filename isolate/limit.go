package isolate

import (
	"fmt"
	"runtime"
	"time"
)

// Reasons for which a run is stopped by its own limits: Exit.StopReason.
const (
	// ReasonBudget: it ran for Spec.Wall.
	ReasonBudget = "budget"
	// ReasonCPUTime: it used the processor for Spec.CPUTime.
	ReasonCPUTime = "cpu-time"
)

// limitTime begins to watch the limits of time of a run that was started.
func (p *Process) limitTime() {
	if p.spec.Wall > 0 {
		p.wall = time.AfterFunc(p.spec.Wall, func() { p.Stop(ReasonBudget, 0) })
	}
	if p.spec.CPUTime > 0 && p.tree != nil {
		go p.watchCPU()
	}
}

// watchCPU stops the run when all of it has used up its processor time. Where only
// each process is counted, the kernel does that.
func (p *Process) watchCPU() {
	const shortest, longest = 10 * time.Millisecond, time.Second
	for {
		used, counted := p.tree.Used()
		left := p.spec.CPUTime - used
		if !counted {
			return
		}
		if left <= 0 {
			p.Stop(ReasonCPUTime, 0)
			return
		}
		// No sooner can all processors together use up what is left.
		soonest := left / time.Duration(runtime.NumCPU())
		select {
		case <-p.done:
			return
		case <-time.After(min(max(soonest, shortest), longest)):
		}
	}
}

// noteCPU sees from its end that a process hit the kernel's limit of processor time.
// The process's lock is held.
func (p *Process) noteCPU() {
	const shellXCPU = 128 + 24 // how a shell tells of a child that SIGXCPU ended
	e := &p.exit
	if p.spec.CPUTime <= 0 || p.stopped {
		return
	}
	killed := e.Signal == "SIGKILL" && e.UserTime+e.SysTime >= p.spec.CPUTime
	if killed || e.Signal == "SIGXCPU" || p.spec.Shell != "" && e.Code == shellXCPU {
		p.stopped, p.reason, p.killed = true, ReasonCPUTime, p.killed || killed
	}
}

// limitMessage says which limit a reason stands for; empty if it is none of the run's.
func (p *Process) limitMessage() string {
	switch {
	case p.reason == ReasonBudget && p.spec.Wall > 0:
		return fmt.Sprintf("budget: it may run for %v", p.spec.Wall)
	case p.reason == ReasonCPUTime && p.spec.CPUTime > 0:
		return fmt.Sprintf("cpu-time: it may use %v of processor time", p.spec.CPUTime)
	}
	return ""
}
