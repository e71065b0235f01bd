package phone

import (
	"errors"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

const day = 24 * 3600 * 1_000_000 // µs

// NotPending is core.NotPending, which is charged to what should come again.
const NotPending = core.NotPending

// meter counts what happens on one phone, from an instant on. What it counts by value it
// adds to a tally at once, the rest at the end.
type meter struct {
	p     *Phone
	sum   *Tally
	from  int64
	on    bool // counts
	opens int64
	tasks []gauge
	round bool  // the machine has told what holds works
	turns int64 // how often it has
	told  int   // of how many tasks it has told
	held  int   // of how many tasks something does
}

// gauge is what is counted of one task.
type gauge struct {
	TaskTally // but for its histograms
	sum       *TaskTally
	runsToday int64
	today     int64 // index of the day
	lastRun   int64 // when the last run began, or counting did
	longest   int64
	overdue   int64 // when the next run should have been, from the last one on
	fresh     int64 // when the data was last got
	stale     bool  // it was older than expected
	seen      bool  // an opening has shown it
	open      []asked
	hint      int // place in open that was looked for last

	// What holds the task now: of its first due work.
	since   int64
	code    work.Code // "": nothing
	alone   bool
	assumed bool
	kept    bool  // something keeps a work of the task from starting
	recurs  bool  // one always should
	told    int64 // the last turn in which something was told to hold it
	first   *record.Work
	mark    core.Mark // of the first, for which this was told
}

// asked is a work that is not done yet.
type asked struct {
	id work.ID
	at int64
}

func (m *meter) init(p *Phone) {
	m.p = p
	m.tasks = make([]gauge, len(p.app.Tasks))
	for i := range m.tasks {
		g := &m.tasks[i]
		g.Name, g.since, g.fresh, g.overdue = p.app.Tasks[i].Name, p.now, p.now, p.now
		g.recurs = p.app.Tasks[i].Recurring()
	}
}

// into says where to count.
func (m *meter) into(sum *Tally) {
	m.sum = sum
	for i := range m.tasks {
		sum.task(m.tasks[i].Name)
	}
	for i := range m.tasks { // no more are made, so that they stay where they are
		m.tasks[i].sum = sum.task(m.tasks[i].Name)
	}
}

// begin begins to count.
func (m *meter) begin(at int64) {
	m.on, m.from, m.p.rows.turn = true, at, true
	for i := range m.tasks {
		g := &m.tasks[i]
		g.since, g.lastRun = at, at
	}
}

// charge books the time since the last change to what held the task.
func (m *meter) charge(g *gauge, now int64) {
	since := g.since
	g.since = now
	if g.code == NotPending {
		since = max(since, g.overdue)
	}
	if !m.on || g.code == "" || now <= since {
		return
	}
	d := now - since
	alone := int64(0)
	if g.alone {
		alone = d
	}
	g.Waited += d
	for i := range g.Waits { // a handful, in the order of their first coming
		if g.Waits[i].Code == g.code {
			g.Waits[i].add(d, alone, g.assumed)
			return
		}
	}
	g.Waits = append(g.Waits, Wait{g.code, d, alone, g.assumed})
}

// hear takes in what holds the works that are due, in their order: after a nil all of
// them, else those that something else holds than before. The first of a task counts. What
// is as it was goes on, and is booked when it ends.
func (m *meter) hear(w *record.Work, mark core.Mark, what func() (first core.Hold, alone bool)) {
	if w == nil {
		m.round, m.told = true, 0
		m.turns++
		return
	}
	g := &m.tasks[m.p.taskOf(w)]
	if m.round {
		if g.told == m.turns {
			return
		}
		m.told++
		g.told = m.turns
	} else if g.first != w {
		return
	}
	if g.first == w && g.mark == mark && mark.Known() {
		return
	}
	first, alone := what()
	g.first, g.mark = w, mark
	m.holds(g, first.Code, alone, first.Assumed)
}

// holds takes in that something else holds a task from now on; no code: nothing.
func (m *meter) holds(g *gauge, code work.Code, alone, assumed bool) {
	if code == g.code && alone == g.alone && assumed == g.assumed {
		return
	}
	m.charge(g, m.p.now)
	kept := g.kept
	g.code, g.alone, g.assumed, g.kept = code, alone, assumed, code != "" && code != NotPending
	switch {
	case kept && !g.kept:
		m.held--
	case g.kept && !kept:
		m.held++
	}
}

// settle looks, after a step, for tasks that nothing waits or runs for.
func (m *meter) settle() {
	if !m.on || !m.p.rows.turn && (!m.round || m.told == m.held) {
		m.round = false
		return
	}
	m.p.rows.turn = false
	for i := range m.tasks {
		g := &m.tasks[i]
		if m.round && g.told != m.turns {
			g.first = nil
			if g.kept {
				m.holds(g, "", false, false)
			}
		}
		missing := g.recurs && m.p.rows.open[i] == 0 && m.p.app.Started
		switch {
		case missing && g.code == "":
			m.holds(g, NotPending, true, false)
		case !missing && g.code == NotPending:
			m.holds(g, "", false, false)
		}
	}
	m.round = false
}

// asked takes in what became of a request, which has taken the place of an old work or
// of none.
func (m *meter) asked(i int, id, old work.ID, reply core.Reply) {
	g := &m.tasks[i]
	if reply.Err != nil {
		m.refused(i, reply.Err)
		return
	}
	if reply.Result != core.ResultEnqueued || !m.on {
		return
	}
	if old != "" {
		if k := g.find(old); k >= 0 {
			g.open[k].id = id // it has waited since it was asked for first
			return
		}
	}
	g.Asked++
	if m.p.app.Tasks[i].Period == 0 {
		g.open = append(g.open, asked{id, m.p.now})
	}
}

func (m *meter) refused(i int, err error) {
	if w := m.p.cfg.Watch; w != nil {
		w.Refused(m.p.now, i, err)
	}
	if !m.on {
		return
	}
	g := &m.tasks[i]
	g.Refused++
	c := Count{Name: err.Error(), N: 1}
	var no *core.Refusal
	if errors.As(err, &no) {
		c.Name, c.Text = no.Name, no.Text
	}
	g.refuse(c)
}

// find returns where a work is among those that are not done, -1 if it is not.
func (g *gauge) find(id work.ID) int {
	// An app asks for them again in the order in which it did before.
	if g.hint++; g.hint < len(g.open) && g.open[g.hint].id == id {
		return g.hint
	}
	for k := len(g.open) - 1; k >= 0; k-- {
		if g.open[k].id == id {
			g.hint = k
			return k
		}
	}
	return -1
}

func (m *meter) started(i int, id work.ID, now int64) {
	if w := m.p.cfg.Watch; w != nil {
		w.Began(now, i, id)
	}
	g := &m.tasks[i]
	g.overdue = now + m.p.app.Tasks[i].Period
	if !m.on {
		return
	}
	g.Runs++
	m.turn(g, now)
	g.runsToday++
	g.longest = max(g.longest, now-g.lastRun)
	g.lastRun = now
}

// turn closes the days that are over.
func (m *meter) turn(g *gauge, now int64) {
	for now-m.from >= (g.today+1)*day {
		g.today++
		g.sum.PerDay.Add(g.runsToday)
		g.Days++
		if g.runsToday == 0 {
			g.IdleDays++
		}
		g.runsToday = 0
	}
}

// ended takes in that a run is over. One that began before there was counted is not
// counted.
func (m *meter) ended(i int, id work.ID, began, now int64, out work.Outcome) {
	g, t := &m.tasks[i], m.p.app.Tasks[i].Task
	if out == work.Success {
		g.fresh = now
	}
	if w := m.p.cfg.Watch; w != nil {
		w.Ended(now, i, id, out)
	}
	if !m.on || began < m.from {
		return
	}
	const milli = 1000
	g.CPU += (now - began) / milli * t.CPU / (million / milli)
	switch out {
	case work.Success:
		g.Succeeded++
		g.Up += t.Up
		g.Down += t.Down
		if k := g.find(id); k >= 0 {
			m.done(g, t, g.open[k].at)
			g.open = cut(g.open, k)
		}
	case work.Stopped, work.BudgetExceeded, work.CPUExceeded, work.Lost:
		g.Cut++
	}
}

// done takes in that a work has succeeded. Whether it was in time is asked of works
// whose time is over before there is no more counting: so it is of those that are not
// done, and else the quick ones would count double.
func (m *meter) done(g *gauge, t *app.Task, at int64) {
	took := m.p.now - at
	g.Done++
	g.sum.Took.Add(took)
	if t.Within > 0 && at+t.Within <= m.p.cfg.End {
		g.InTimeOf++
		if took <= t.Within {
			g.InTime++
		}
	}
}

// opened takes in that the user opens the app: what is seen then is as old as the last
// success or, as an app loads what it shows, the last opening.
func (m *meter) opened(now int64) {
	if m.on {
		m.opens++
	}
	for i := range m.tasks {
		g, t := &m.tasks[i], m.p.app.Tasks[i].Task
		age := now - g.fresh
		g.fresh = now
		if w := m.p.cfg.Watch; w != nil {
			w.Opened(now, i, age)
		}
		if !m.on {
			continue
		}
		g.sum.Stale.Add(age)
		g.seen = true
		g.stale = g.stale || t.Fresh > 0 && age > t.Fresh
	}
}

// end closes the books.
func (m *meter) end() {
	now := m.p.now
	m.sum.Devices++
	m.sum.Days += (now - m.from) / day
	m.sum.Events += m.p.events
	m.sum.Opens += m.opens
	for i := range m.tasks {
		g, t := &m.tasks[i], m.p.app.Tasks[i].Task
		m.charge(g, now)
		m.turn(g, now)
		g.sum.Longest.Add(max(g.longest, now-g.lastRun))
		g.Devices++
		if g.Runs == 0 {
			g.Idle++
		}
		if t.Fresh > 0 && g.seen {
			g.FreshOf++
			if !g.stale {
				g.Fresh++
			}
		}
		if t.PerDay > 0 && g.Runs*1000 >= t.PerDay*max(1, g.Days) {
			g.Often++
		}
		for _, a := range g.open {
			if t.Within > 0 && a.at+t.Within <= now {
				g.InTimeOf++
			}
		}
		g.sum.Merge(&g.TaskTally)
	}
}
