package phone

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

const million = 1_000_000

// start begins a run.
func (p *Phone) start(e *core.Effect) {
	i := p.named(e.Task)
	t := &p.app.Tasks[i]
	slot := p.free()
	r := &p.runs[slot]
	takes, out := p.draw(t)
	if t.HandleLost && !p.app.Handles {
		takes, out = 0, work.Failure
	}
	r.id, r.epoch, r.task, r.began, r.end, r.out, r.live = e.Work, e.Epoch, i, p.now, 0, out, true
	r.turn++
	p.meter.started(i, e.Work, p.now)
	if takes != record.Never {
		r.end = p.now + takes
		p.queue.push(item{at: r.end, kind: runEnds, slot: int32(slot), turn: r.turn})
	}
	if e.Budget > 0 && takes > e.Budget { // else it is over by then
		p.queue.push(item{at: p.now + e.Budget, kind: budgetEnds, slot: int32(slot), turn: r.turn})
	}
	p.app.Begun(p.now, i)
}

// free returns a place for a run.
func (p *Phone) free() int {
	for i := range p.runs {
		if !p.runs[i].live {
			return i
		}
	}
	p.runs = append(p.runs, running{})
	return len(p.runs) - 1
}

// draw says how long a run takes and how it ends.
func (p *Phone) draw(t *app.State) (takes int64, out work.Outcome) {
	takes = spread(&t.Chance, t.Takes, t.Varies)
	succeeds, forgets := t.Chance.Chance(t.Succeeds), t.Chance.Chance(t.Forgets)
	throws := t.Chance.Chance(t.Throws)
	out = work.Success
	switch killed := p.monitored(t.Task); {
	case killed > 0 && takes >= killed:
		return killed, work.CPUExceeded
	case forgets, !succeeds && t.Hangs:
		takes = record.Never
	case !succeeds && throws:
		out = t.Thrown
	case !succeeds:
		out = t.Unsuccessful
	}
	if t.Cut > 0 && takes > t.Cut {
		takes, out = t.Cut, work.Success
	}
	return takes, out
}

// monitored is after how long the platform kills the app for what a run uses of the
// processor; 0: never.
func (p *Phone) monitored(t *app.Task) int64 {
	if p.monitor == nil {
		return 0
	}
	share, window := p.monitor.Monitor(t.Request.Phone.Kind, t.Request.Needs.Charging)
	if t.CPU <= share {
		return 0
	}
	return window
}

// spread returns a value around a mean, with a standard deviation of a share of it and
// a shape near the normal one: the sum of three uniform draws. It is never below a tenth
// of the mean.
func spread(c *chance.Stream, mean, share int64) int64 {
	if share == 0 {
		return mean
	}
	sum := int64(-3 * million / 2)
	for range 3 {
		sum += c.Below(million)
	}
	// Its deviation is half a million.
	off := mean / 1000 * share / million * (2 * sum / 1000)
	return max(mean+off, mean/10)
}

// occur lets happen what the app itself brings about.
func (p *Phone) occur(x item) {
	if x.kind == arrives {
		p.mourn()
		p.app.Arrived(p.now, int(x.task))
		return
	}
	r := &p.runs[x.slot]
	if !r.live || r.turn != x.turn {
		return
	}
	if x.kind == budgetEnds {
		p.step(core.BudgetSpent{Work: r.id, Epoch: r.epoch})
		return
	}
	p.over(r, r.out)
}

// stop ends a run that was asked to end: it stops at once, or, if it is not told so, when
// it is done. After its grace it is killed.
func (p *Phone) stop(e *core.Effect) {
	for i := range p.runs {
		r := &p.runs[i]
		if !r.live || r.id != e.Work || r.epoch != e.Epoch {
			continue
		}
		deaf := p.app.Tasks[r.task].Deaf
		if e.Killed || e.Grace == 0 || r.end != 0 && !deaf {
			p.over(r, work.Stopped)
			return
		}
		end := p.now + e.Grace
		if r.end != 0 {
			end = min(end, r.end)
		}
		r.turn++
		r.out = work.Stopped
		p.queue.push(item{at: end, kind: runEnds, slot: int32(i), turn: r.turn})
		return
	}
}

// over tells the machine that a run has ended and that nothing of it is left.
func (p *Phone) over(r *running, out work.Outcome) {
	r.live = false
	p.meter.ended(r.task, r.id, r.began, p.now, out)
	p.ended(&core.Ended{Work: r.id, Epoch: r.epoch, Outcome: out})
	p.app.Ended(p.now, r.task, out)
}

// ended tells the machine how a run has ended, and that it is reaped.
func (p *Phone) ended(ev *core.Ended) {
	out, reaped := p.m.Over(p.now, ev)
	if out == nil {
		p.step(*ev)
	} else {
		p.events++
		p.took(out)
	}
	if reaped {
		p.events++
	} else {
		p.alone(core.Reaped{Work: ev.Work, Epoch: ev.Epoch})
	}
}
