package isolate

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate/internal/capture"
	"github.com/lullwork/lull/isolate/internal/tree"
)

// Process is one run. Its methods may be called from any goroutine, at any time.
type Process struct {
	spec    Spec
	spawner *Spawner
	done    chan struct{}
	exit    Exit // valid when done is closed

	inline bool
	linked *linked    // nil for a run without ports
	warm   *warm      // nil but for a process that was started before it was needed
	tree   *tree.Tree // nil for inline runs and until something is started
	leader *os.Process
	talk   *talk // nil for programs that run directly
	output *capture.Sink
	outR   *os.File
	outEnd chan struct{}
	stdin  *os.File // nil unless a long input is still being written
	result string   // file of a program's result

	confined confined
	scratch  string // folder of a sandboxed run; empty if it has none

	mu       sync.Mutex
	softStop func(reason string, grace time.Duration)
	deaf     bool // the stop ends all receiving
	stopped  bool
	reason   string
	killAt   time.Time
	timer    *time.Timer
	wall     *time.Timer // nil: no limit
	killed   bool
	enders   []func() // called when the run is over
	fault    Outcome  // decided by the host, wins over what the isolate says
	faultMsg string
}

func newProcess(s *Spawner, spec Spec, l *linked) *Process {
	return &Process{
		spec: spec, spawner: s, linked: l, done: make(chan struct{}),
		exit: Exit{Code: -1, Started: time.Now()},
	}
}

// ID is that of the spec, or the one made for it.
func (p *Process) ID() string { return p.spec.ID }

// Pid is the process id of the leading process; 0 if there is none (inline, or nothing started).
func (p *Process) Pid() int {
	if p.leader == nil {
		return 0
	}
	return p.leader.Pid
}

// Done is closed when the run is over and every process of it is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for Done and returns the record.
func (p *Process) Wait() Exit {
	<-p.done
	return p.exit
}

// Stop asks the run to end and returns at once: the context of a function is cancelled,
// a program's process group gets SIGTERM. When the grace is over, all of it is killed.
// A grace of zero or less means that of the spec. Of several calls the first reason and
// the earliest end of grace count.
//
// An inline run cannot be killed: Wait returns when its function does.
func (p *Process) Stop(reason string, grace time.Duration) { p.stop(reason, grace, false) }

// stop is Stop that may also end all receiving.
func (p *Process) stop(reason string, grace time.Duration, deaf bool) {
	if grace <= 0 {
		grace = p.spec.Grace
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over() {
		return
	}
	at := time.Now().Add(grace)
	sooner := p.stopped && p.spec.Func != "" && at.Before(p.killAt)
	again := deaf && !p.deaf || sooner
	if p.deaf = p.deaf || deaf; !p.stopped || again {
		if !p.stopped {
			p.stopped, p.reason = true, reason
		}
		if p.softStop != nil {
			p.softStop(p.reason, grace)
		}
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(grace, p.kill)
		p.killAt = at
	} else if at.Before(p.killAt) {
		p.timer.Reset(grace)
		p.killAt = at
	}
}

// reasonKilled is the StopReason of a run that was killed without being asked.
const reasonKilled = "killed"

// Kill ends the run now, without asking.
func (p *Process) Kill() {
	p.mu.Lock()
	if !p.stopped {
		p.stopped, p.reason = true, reasonKilled
		if p.inline && p.softStop != nil { // asking is all there is
			p.softStop(p.reason, 0)
		}
	}
	p.mu.Unlock()
	p.kill()
}

func (p *Process) over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *Process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inline {
		return
	}
	p.killed = true
	if p.tree != nil { // else planted kills
		p.tree.Kill()
	}
}

// fail records why the host itself ends the run, and kills it. The first call counts.
func (p *Process) fail(o Outcome, format string, args ...any) {
	p.mu.Lock()
	if p.fault == "" {
		p.fault, p.faultMsg = o, fmt.Sprintf(format, args...)
	}
	p.mu.Unlock()
	p.kill()
}

// stopState is what the decision about the outcome needs to know.
func (p *Process) stopState() (stopped, killed bool, deadline time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped, p.killed, p.killAt
}

// supervise waits for the leading process, then makes sure that nothing is left.
func (p *Process) supervise() {
	p.tree.AwaitLeader()
	if p.warm != nil {
		p.warm.leaderGone(p)
	}
	if stopped, killed, deadline := p.stopState(); stopped && !killed && p.talk == nil {
		// A shell dies of SIGTERM before its children have cleaned up; give them the grace.
		p.tree.AwaitGroup(deadline)
	}
	leaked, err := p.tree.Uproot()
	status := p.tree.Collect()
	p.drain()
	defer p.tellExit()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.wall != nil {
		p.wall.Stop()
	}
	e := &p.exit
	if e.Leaked = leaked; p.killed {
		e.Leaked = 0 // they were killed with the leader, not left by it
	}
	e.fillStatus(status)
	e.Tail, e.OutputBytes, e.Truncated = p.output.Tail(), p.output.Total(), p.output.Truncated()
	e.Layers = append(p.tree.Layers(), p.confined.layers...)
	p.decide()
	if err != nil {
		e.Message = joinMessage(e.Message, "cleaning up: "+err.Error())
	}
	if err := p.output.Close(); err != nil {
		e.Message = joinMessage(e.Message, "output log: "+err.Error())
	}
	p.finishLocked()
}

// finishLocked publishes the record.
func (p *Process) finishLocked() {
	p.exit.Killed, p.exit.StopReason = p.killed, p.reason
	p.exit.Ended = time.Now()
	p.exit.Pid = p.Pid()
	if p.linked != nil {
		p.linked.settle(&p.exit)
	}
	if p.scratch != "" {
		_ = os.RemoveAll(p.scratch) // a second try is made by Sweep
	}
	p.spawner.remove(p)
	close(p.done)
}

// whenOver has f called when the run is over: at once if it is.
func (p *Process) whenOver(f func()) {
	p.mu.Lock()
	over := p.over()
	if !over {
		p.enders = append(p.enders, f)
	}
	p.mu.Unlock()
	if over {
		f()
	}
}

// tellExit tells whoever waits for the end, Spec.OnExit last, after the record was published.
func (p *Process) tellExit() {
	for _, f := range p.enders {
		f()
	}
	if f := p.spec.OnExit; f != nil {
		f(p.exit)
	}
}

func (p *Process) drain() {
	drain(p.outR, p.outEnd)
	if p.stdin != nil {
		_ = p.stdin.Close() // unblocks its writer
	}
	if p.talk != nil {
		p.talk.drain()
	}
	switch {
	case p.linked != nil:
		p.linked.drain()
	case p.warm != nil:
		_ = p.warm.ends.Close()
	}
}

// capture copies output until all writers are gone.
func (p *Process) capture() {
	defer close(p.outEnd)
	_, _ = p.output.ReadFrom(lastWords{p.outR})
}

func joinMessage(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
