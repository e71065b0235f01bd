package live

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

type liveKey struct {
	work  work.ID
	epoch int64
}

// liveRun is a run as the driver knows it.
type liveRun struct {
	seq    int64
	order  int64 // of its start
	handle Handle
	grace  time.Duration
	over   int64 // when its budget is spent, see awake; Never
}

// perform starts or stops a run.
func (e *Engine) perform(f *core.Effect, awake int64) {
	key := liveKey{f.Work, f.Epoch}
	if f.Kind == core.RequestEnd {
		if r := e.live[key]; r != nil && f.Killed {
			r.grace = time.Nanosecond // a phone's app has lost its process: nobody is asked
		}
		e.stop(key, f.Stop)
		return
	}
	e.started++
	r := &liveRun{seq: f.Seq, order: e.started, grace: micros(f.Grace), over: record.Never}
	if f.Budget > 0 {
		r.over = awake + f.Budget
		e.nextBudget = min(e.nextBudget, r.over)
	}
	e.live[key] = r
	r.handle = e.cfg.Runner.Start(Launch{
		Work: f.Work, Epoch: f.Epoch, Task: f.Task, Input: f.Input, Attempt: int(f.Attempt), Grace: micros(f.Grace), Require: f.Require,
		Progress: func(data json.RawMessage) {
			// Waiting for the answer slows down a run that reports faster than it can be
			// stored. A late one is of no interest.
			_, _ = e.Ask(e.ctx, core.Progressed{Work: key.work, Epoch: key.epoch, Data: slices.Clone(data)})
		},
	}, func(res Result) {
		e.inbox.put(item{
			kept: true, host: res.Host,
			events: []core.Event{
				core.Ended{Work: key.work, Epoch: key.epoch, Outcome: res.Outcome, Message: res.Message, Output: res.Output},
				core.Reaped{Work: key.work, Epoch: key.epoch},
			},
		})
	})
}

// stop asks a run to end, if it is there. Asking again does no harm.
func (e *Engine) stop(key liveKey, why work.StopReason) {
	if r := e.live[key]; r != nil {
		r.over = record.Never
		grace := r.grace
		if _, phone := e.cfg.Policy.(core.Platform); phone && grace > time.Millisecond {
			grace += behind
		}
		r.handle.Stop(why, grace)
	}
}

// behind is how much later a run is killed on a phone: its system is the first to know
// that the grace is over. A command is killed some time before its isolate.
const behind = 500 * time.Millisecond

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// alive lists the runs that go on, for the core's Recover.
func (e *Engine) alive() []record.RunKey {
	keys := make([]record.RunKey, 0, len(e.live))
	for k, r := range e.live {
		keys = append(keys, record.RunKey{Seq: r.seq, Epoch: k.epoch})
	}
	slices.SortFunc(keys, func(a, b record.RunKey) int {
		if a.Seq != b.Seq {
			return int(min(1, max(-1, a.Seq-b.Seq)))
		}
		return int(min(1, max(-1, a.Epoch-b.Epoch)))
	})
	return keys
}
