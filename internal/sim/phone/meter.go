package phone

import (
	"errors"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

const day = 24 * 3600 * 1_000_000 // µs

// NotPending is the reason of a task that nothing waits or runs for, though something
// should: it was never asked for, refused, or not asked for again.
const NotPending work.Code = "not_pending"

// meter counts what happens on one phone, and adds it to a tally at the end.
type meter struct {
	p     *Phone
	from  int64 // counts from here on
	on    bool
	opens int64
	tasks []gauge
}

// gauge is what is counted of one task.
type gauge struct {
	TaskTally
	runsToday int64
	today     int64 // index of the day
	total     int64 // runs
	lastRun   int64 // when the last run began, or counting did
	longest   int64
	fresh     int64 // when the data was last got
	stale     bool  // it was older than expected
	seen      bool  // an opening has shown it
	open      []asked

	// What holds the task now: of its first due work.
	since   int64
	code    work.Code
	alone   bool
	assumed bool
	holds   bool // of this round
}

// asked is a work that is not done yet.
type asked struct {
	id work.ID
	at int64
}

func (m *meter) init(p *Phone) {
	m.p = p
	m.tasks = make([]gauge, len(p.tasks))
	for i := range m.tasks {
		m.tasks[i].fresh = p.now
	}
	m.begin(p.now)
}

// begin forgets what was counted.
func (m *meter) begin(at int64) {
	m.from, m.opens = at, 0
	for i := range m.tasks {
		g := &m.tasks[i]
		m.charge(g, at)
		open := slices.DeleteFunc(g.open, func(a asked) bool { return true })
		*g = gauge{
			lastRun: at, fresh: g.fresh, since: at, code: g.code, alone: g.alone, assumed: g.assumed, open: open,
			TaskTally: TaskTally{Name: m.p.tasks[i].Name, PerDay: g.PerDay, Longest: g.Longest, Stale: g.Stale, Took: g.Took, Waits: g.Waits[:0]},
		}
		g.PerDay.Reset()
		g.Longest.Reset()
		g.Stale.Reset()
		g.Took.Reset()
	}
}

// charge books the time since the last change to what held the task.
func (m *meter) charge(g *gauge, now int64) {
	if g.code != "" && now > g.since {
		d := now - g.since
		alone := int64(0)
		if g.alone {
			alone = d
		}
		g.Waited += d
		g.wait(g.code, d, alone, g.assumed)
	}
	g.since = now
}

// held takes in what holds the works that are due: a nil begins a round.
func (m *meter) held(w *record.Work, holds []core.Hold) {
	if w == nil {
		for i := range m.tasks {
			g := &m.tasks[i]
			m.charge(g, m.p.now)
			g.code, g.holds = "", false
			if t := m.p.tasks[i].Task; t.recurring() && m.p.started {
				g.code, g.alone, g.assumed = NotPending, true, false
			}
		}
		for _, x := range m.p.rows.works { // what is not due waits for nothing
			if g := &m.tasks[m.p.taskOf(x)]; g.code == NotPending && !x.State.Finished() {
				g.code = ""
			}
		}
		return
	}
	g := &m.tasks[m.p.taskOf(w)]
	if g.holds || len(holds) == 0 {
		return
	}
	g.holds = true
	g.code, g.alone, g.assumed = holds[0].Code, len(holds) == 1, holds[0].Assumed
}

func (m *meter) asked(i int, id work.ID, now int64, reply core.Reply) {
	g := &m.tasks[i]
	if reply.Err != nil {
		g.Refused++
		name := reply.Err.Error()
		var no *core.Refusal
		if errors.As(reply.Err, &no) {
			name = no.Name
		}
		g.refuse(name, 1)
		if w := m.p.cfg.Watch; w != nil {
			w.Refused(now, i, reply.Err)
		}
		return
	}
	if reply.Result != core.ResultEnqueued {
		return
	}
	g.Asked++
	if m.p.tasks[i].Period == 0 {
		g.open = append(g.open, asked{id, now})
	}
}

func (m *meter) started(i int, id work.ID, now int64) {
	if w := m.p.cfg.Watch; w != nil {
		w.Began(now, i, id)
	}
	g := &m.tasks[i]
	g.Runs++
	g.total++
	m.turn(g, now)
	g.runsToday++
	g.longest = max(g.longest, now-g.lastRun)
	g.lastRun = now
}

// turn closes the days that are over.
func (m *meter) turn(g *gauge, now int64) {
	for today := (now - m.from) / day; g.today < today; g.today++ {
		g.PerDay.Add(g.runsToday)
		g.Days++
		if g.runsToday == 0 {
			g.IdleDays++
		}
		g.runsToday = 0
	}
}

func (m *meter) ended(i int, id work.ID, began, now int64, out work.Outcome) {
	g, t := &m.tasks[i], m.p.tasks[i].Task
	took := now - began
	g.CPU += took / million * t.CPU
	switch out {
	case work.Success:
		g.Succeeded++
		g.fresh = now
		g.Up += t.Up
		g.Down += t.Down
		if k := slices.IndexFunc(g.open, func(a asked) bool { return a.id == id }); k >= 0 {
			g.done(now-g.open[k].at, t)
			g.open = slices.Delete(g.open, k, k+1)
		}
	case work.Stopped, work.BudgetExceeded, work.Lost:
		g.Cut++
	}
	if w := m.p.cfg.Watch; w != nil {
		w.Ended(now, i, id, out)
	}
}

func (g *gauge) done(took int64, t *Task) {
	g.Done++
	g.Took.Add(took)
	if t.Within > 0 {
		g.InTimeOf++
		if took <= t.Within {
			g.InTime++
		}
	}
}

// opened takes in that the user opens the app: what is seen then is as old as the last
// success or, as an app loads what it shows, the last opening.
func (m *meter) opened(now int64) {
	m.opens++
	for i := range m.tasks {
		g, t := &m.tasks[i], m.p.tasks[i].Task
		age := now - g.fresh
		g.Stale.Add(age)
		g.seen = true
		g.stale = g.stale || t.Fresh > 0 && age > t.Fresh
		g.fresh = now
		if w := m.p.cfg.Watch; w != nil {
			w.Opened(now, i, age)
		}
	}
}

// end closes the books.
func (m *meter) end(into *Tally) {
	now := m.p.now
	into.Devices++
	into.Days += (now - m.from) / day
	into.Events += m.p.events
	into.Opens += m.opens
	for i := range m.tasks {
		g, t := &m.tasks[i], m.p.tasks[i].Task
		m.charge(g, now)
		m.turn(g, now)
		g.longest = max(g.longest, now-g.lastRun)
		g.Longest.Add(g.longest)
		g.Devices++
		if g.total == 0 {
			g.Idle++
		}
		if t.Fresh > 0 && g.seen {
			g.FreshOf++
			if !g.stale {
				g.Fresh++
			}
		}
		if t.PerDay > 0 && g.total*1000 >= t.PerDay*max(1, g.Days) {
			g.Often++
		}
		for _, a := range g.open {
			if t.Within > 0 && now-a.at > t.Within {
				g.InTimeOf++
			}
		}
		into.task(t.Name).Merge(&g.TaskTally)
	}
}
