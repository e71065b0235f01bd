package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/work"
)

// Command is what a task stands for: a program, or without Argv and Shell an entry
// point of this program.
type Command struct {
	// Func is an entry point of this program that runs something for the task, and Wrap
	// makes its input. They stand instead of Argv and Shell.
	Func string
	Wrap func(Launch) (json.RawMessage, error)

	Argv  []string
	Shell string
	Dir   string
	Env   []string
	Isolation
}

// Isolates is the Runner of a real machine: each run is a fresh process, or a
// goroutine for entry points that ask for it.
type Isolates struct {
	spawner  *isolate.Spawner
	commands map[string]Command
	logs     string // folder of captured output; "": none is kept
}

// NewIsolates returns a runner. Instance is the state's ID: what an earlier engine
// of the same state left behind is found by it. Tasks without a command are entry
// points of this program.
func NewIsolates(instance, logs string, commands map[string]Command) (*Isolates, error) {
	s, err := isolate.NewSpawner(isolate.Config{Instance: instance})
	if err != nil {
		return nil, err
	}
	return &Isolates{spawner: s, commands: commands, logs: logs}, nil
}

// Sweep kills what an earlier engine left behind.
func (r *Isolates) Sweep() error {
	_, err := r.spawner.Sweep()
	return err
}

// Close kills what still runs.
func (r *Isolates) Close() error { return r.spawner.Close() }

// Start begins a run. Making a process takes a millisecond or more, so it is not
// waited for.
func (r *Isolates) Start(l Launch, done func(Result)) Handle {
	h := &process{}
	s, err := r.spec(l)
	if err != nil {
		go done(Result{Outcome: work.NotStarted, Message: err.Error()})
		return h
	}
	s.OnExit = func(x isolate.Exit) { done(r.result(l, x)) }
	if e, ok := isolate.Registered(s.Func); ok && e.Mode() == isolate.Inline {
		h.start(r.spawner, s, done)
		return h
	}
	go func() {
		c := r.commands[l.Task]
		if err := c.apply(&s); err != nil {
			// It names a variable or a file, which may be there the next time.
			done(Result{Outcome: work.StartError, Message: err.Error()})
			return
		}
		h.start(r.spawner, s, done)
	}()
	return h
}

func (r *Isolates) spec(l Launch) (isolate.Spec, error) {
	s := isolate.Spec{
		ID: RunID(l.Work, l.Epoch), Task: l.Task, Attempt: l.Attempt, Input: l.Input, Grace: l.Grace,
		ResultLimit: work.MaxData, Require: requirements(l.Require),
	}
	if l.Progress != nil {
		s.OnProgress = func(b []byte) { l.Progress(b) }
	}
	if r.logs != "" {
		s.OutputLog = LogFile(r.logs, l.Work, l.Epoch)
	}
	c := r.commands[l.Task]
	s.Func, s.Argv, s.Shell, s.Dir, s.Env = c.Func, c.Argv, c.Shell, c.Dir, c.Env
	if c.Func == "" && len(c.Argv) == 0 && c.Shell == "" {
		s.Func = l.Task
	}
	if c.Wrap == nil {
		return s, nil
	}
	var err error
	s.Input, err = c.Wrap(l)
	return s, err
}

// RunID names a run: the work and the epoch.
func RunID(id work.ID, epoch int64) string { return string(id) + "#" + strconv.FormatInt(epoch, 10) }

// LogFile names the file that holds a run's output.
func LogFile(dir string, id work.ID, epoch int64) string {
	// Two works never share a file: what stands for a path is escaped, and so is the
	// escape.
	name := strings.NewReplacer("%", "%25", "/", "%2f", "\\", "%5c", ":", "%3a").Replace(string(id))
	return filepath.Join(dir, name+"."+strconv.FormatInt(epoch, 10)+".log")
}

// outcomes says what an isolate's outcome is called in the engine.
var outcomes = map[isolate.Outcome]work.Outcome{
	isolate.Success: work.Success, isolate.Retried: work.Retry, isolate.Failure: work.Failure, isolate.Error: work.Errored,
	isolate.Crashed: work.Crashed, isolate.Signalled: work.Signalled, isolate.OutOfMemory: work.OutOfMemory,
	isolate.OutputLimit: work.OutputLimit, isolate.ProtocolError: work.ProtocolError, isolate.Stopped: work.Stopped,
	isolate.NotStarted: work.NotStarted, isolate.StartFailed: work.StartError,
}

// tailSize is how much of a run's output the state keeps; the rest is in its log.
const tailSize = 4096

func (r *Isolates) result(l Launch, x isolate.Exit) Result {
	res := Result{Outcome: outcomes[x.Outcome], Message: x.Message, Output: x.Result}
	if r.commands[l.Task].Func != "" && string(x.Result) == "null" {
		res.Output = nil // as of a program that gives no result
	}
	switch {
	case x.Outcome == isolate.Stopped && x.StopReason == isolate.ReasonCPUTime:
		res.Outcome = work.CPUExceeded
	case x.Outcome == isolate.Stopped && x.Killed:
		res.Message = "killed after its grace"
	}
	if x.Tier == isolate.TierInline && len(x.Tail) == 0 {
		return res
	}
	h := &record.Host{
		Work: l.Work, Epoch: l.Epoch, Pid: x.Pid, Tier: string(x.Tier), Limits: strings.Join(x.Layers, ", "),
		Code: x.Code, Signal: x.Signal, Leaked: x.Leaked, Output: x.OutputBytes,
		UserUS: x.UserTime.Microseconds(), SysUS: x.SysTime.Microseconds(), MaxRSS: x.MaxRSS,
		Tail: string(x.Tail[max(0, len(x.Tail)-tailSize):]), Started: x.Started.UnixMicro(), Ended: x.Ended.UnixMicro(),
	}
	if r.logs != "" && x.OutputBytes > 0 {
		h.Log = LogFile(r.logs, l.Work, l.Epoch)
	}
	res.Host = h
	return res
}

// PruneLogs deletes the output of runs that ended before an instant.
func PruneLogs(dir string, before time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("old output: %w", err)
	}
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), ".log") || !info.ModTime().Before(before) {
			continue
		}
		errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
	}
	return errors.Join(errs...)
}

// process is a run, perhaps not started yet.
type process struct {
	mu    sync.Mutex
	p     *isolate.Process // nil: not started yet
	why   string           // of a stop that came before
	grace time.Duration
}

func (h *process) start(s *isolate.Spawner, spec isolate.Spec, done func(Result)) {
	p, err := s.Start(spec)
	if err != nil {
		// Nothing was attempted: another try would end the same way, but for a runner
		// that is being closed, and a host that gave what it does not give now.
		o := work.NotStarted
		if errors.Is(err, isolate.ErrClosed) || errors.Is(err, isolate.ErrCannotEnforce) {
			o = work.StartError
		}
		done(Result{Outcome: o, Message: err.Error()})
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.p = p; h.why != "" {
		p.Stop(h.why, h.grace)
	}
}

// Stop asks the run to end.
func (h *process) Stop(why work.StopReason, grace time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.p == nil {
		h.why, h.grace = why.String(), grace
		return
	}
	h.p.Stop(why.String(), grace)
}
