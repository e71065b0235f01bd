package core

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// This file is what the machine does with a Platform: it tells it what happens, asks
// it about the works that wait, and carries out its orders.

// PlatformKey is the key of the condition row that keeps a platform's state, as text.
const PlatformKey = "platform"

// system is a platform with what the machine keeps of it between steps.
type system struct {
	Platform
	marker   Marker // the same, if it is one; nil: it is not
	teller   Narrator
	stirred  bool  // an answer of its gates may be new
	recovers bool  // this step begins dispatching
	unsaved  bool  // its state is another one than the stored one
	next     int64 // by when it wants to tick, as of the end of the last step
	nextDue  int64 // when the next waiting work becomes due

	waiting []waiting          // works that are due, of the last dispatch
	listed  bool               // they still are, until the next one becomes due
	piles   []*group           // those that have several of these
	anew    bool               // who watches is to be told of all of them
	first   Gate               // of the work that was asked about last
	held    bool               // whether there was one
	stop    func(Gate) bool    // keeps the first gate: made once, it is called for every waiting work
	told    map[work.ID]string // gates as last journaled
	codes   []Hold             // of holds
	collect func(Gate) bool    // adds to codes
	watch   func(w *record.Work, mark Mark, what func() (first Hold, alone bool))
	what    func() (first Hold, alone bool) // holds the work that is told of
	about   *record.Work                    // that one
	mark    Mark
	full    bool // codes are what holds it
}

func newSystem(p Policy) *system {
	pf, ok := p.(Platform)
	if !ok {
		return nil
	}
	// What it runs as is stored with the first step.
	s := &system{Platform: pf, nextDue: record.Never, told: map[work.ID]string{}, unsaved: true}
	s.marker, _ = p.(Marker)
	s.teller, _ = p.(Narrator)
	s.stop = func(g Gate) bool {
		s.first, s.held = g, true
		return false
	}
	s.collect = func(g Gate) bool {
		s.codes = append(s.codes, Hold{g.Code, g.Assumed})
		return true
	}
	return s
}

// job is a work as the platform sees it.
func (m *Machine) job(w *record.Work) Job {
	sp := m.specOf(w.Spec)
	return Job{Work: w, Spec: sp.Spec, Due: m.dueAt(w)}
}

// tickSystem lets the platform come up to now.
func (m *Machine) tickSystem() {
	m.system.unsaved = true // also where no answer is new
	if m.system.Tick(m.now, &m.facts) {
		m.stir()
	}
	if !m.quiet {
		m.narrate()
	}
}

// sensed tells the platform what happened.
func (m *Machine) sensed(x Sense) {
	s := m.system
	if s == nil {
		m.out.Reply.Err = &work.Error{Op: "sense", Task: x.Task, Err: work.ErrUnsupported, Hint: "only --as android and --as ios know what happens to an app"}
		return
	}
	s.unsaved = true
	if x.Kind == SenseDebugLaunch {
		m.bringForward(x.Task)
	}
	if s.Sense(m.now, x, &m.facts) {
		m.stir()
	}
	if !m.quiet || x.Kind == SenseAppOpened { // which is often enough to forget
		m.narrate()
	}
}

// narrate tells the journal what has ended the app's process.
func (m *Machine) narrate() {
	switch t := m.system.teller; {
	case t == nil:
	case m.quiet:
		t.Told(nil)
	default:
		t.Told(func(text string) { m.log(record.Entry{Kind: record.EntryGone, Text: text}) })
	}
}

// bringForward makes the works of a task due that a debugger launches whatever their
// date. What repeats, or waits after a failed run, keeps its time: WorkManager does not
// run it early (see offered).
func (m *Machine) bringForward(task string) {
	for _, sp := range m.specs {
		if sp.Task != task || sp.Periodic() {
			continue
		}
		for l := range sp.lanes {
			for _, w := range slices.Clone(sp.lanes[l].head) {
				if m.dueAt(w) <= m.now || backedOff(&m.rules, w) > 0 {
					continue
				}
				m.leave(w)
				w.InitialDelay = m.now - w.LastEnqueue
				m.place(sp, w)
				m.logWork(record.EntryUpdated, w, "launched by a debugger")
				m.write(w, true)
				m.join(sp, w)
			}
		}
	}
}

// stir takes in that answers of the platform may be new.
func (m *Machine) stir() {
	m.system.stirred, m.system.unsaved = true, true
	m.obey()
}

// obey carries out what the platform wants done.
func (m *Machine) obey() {
	if !m.quiet {
		m.narrate() // before the runs that are lost by it
	}
	orders := m.system.Orders()
	if len(orders) == 0 {
		return
	}
	for _, o := range slices.Clone(orders) {
		switch o.Kind {
		case OrderStop:
			if r := m.runs.of(o.Work); r != nil && r.w != nil {
				m.stopRun(r, o.Stop, o.Text)
			}
		case OrderKill:
			m.kill(o)
		case OrderExpire:
			if r := m.runs.of(o.Work); r != nil {
				m.budgetSpent(BudgetSpent{Work: o.Work, Epoch: r.Epoch})
			}
		case OrderDrop:
			switch {
			case m.hot.of(o.Work) != nil:
				m.dropped(dropped{o.Work, o.Text})
			case m.dispatching || m.system.recovers: // else an engine will tell of it anew
				m.out.Then = append(m.out.Then, dropped{o.Work, o.Text}) // its row has to be read
			}
		}
	}
}

// dropped takes a work that waits as over: the platform has dropped its request.
func (m *Machine) dropped(ev dropped) {
	w := m.row(ev.id)
	if w == nil || w.State != work.Enqueued {
		return
	}
	m.leave(w)
	w.State, w.StopReason = work.Cancelled, work.NotStopped
	w.Last.Message = ev.text
	m.logWork(record.EntryFinished, w, ev.text)
	m.finish(w)
}

// kill takes a run whose process is gone as lost.
func (m *Machine) kill(o Order) {
	r := m.runs.of(o.Work)
	if r == nil || r.w == nil || r.State == record.Stopping {
		return
	}
	m.closeRun(r, o.Stop)
	e := m.effect(RequestEnd, r)
	e.Stop, e.Killed = o.Stop, true
	m.settleRun(r, &Ended{Work: r.Work, Epoch: r.Epoch, Outcome: work.Lost, Message: o.Text})
}

// admit asks the platform about new works, before anything is changed. What it does not
// take is refused, and what it had before may be gone all the same.
func (m *Machine) admit(ev *Enqueue, nodes []node) error {
	if m.system == nil {
		return nil
	}
	m.system.unsaved = true
	for i := range nodes {
		n := &nodes[i]
		n.w.Name = ev.Unique.Name
		err := m.system.Admit(m.now, Job{Work: n.w, Spec: n.spec, Due: addTime(m.now, n.w.InitialDelay)}, &m.facts)
		m.obey()
		if err != nil {
			return err
		}
	}
	return nil
}

// tellWaiting tells the platform that a work waits.
func (m *Machine) tellWaiting(sp *spec, w *record.Work) {
	if s := m.system; s != nil {
		s.stirred, s.unsaved = true, true
		s.Waiting(m.now, Job{Work: w, Spec: sp.Spec, Due: m.dueAt(w)})
	}
}

// tellGone tells the platform that a work will not wait again.
func (m *Machine) tellGone(w *record.Work) {
	if s := m.system; s != nil {
		s.stirred, s.unsaved = true, true
		delete(s.told, w.ID)
		s.Gone(m.now, m.job(w))
	}
}

// grant asks the platform for the terms of a run that begins.
func (m *Machine) grant(w *record.Work, sp *spec) (budget, grace int64) {
	budget, grace = sp.Budget, sp.Grace
	if m.system == nil {
		return budget, grace
	}
	m.system.unsaved = true
	t := m.system.Start(m.now, Job{Work: w, Spec: sp.Spec, Due: m.dueAt(w)}, &m.facts)
	if t.Budget > 0 && (budget == 0 || t.Budget < budget) {
		budget = t.Budget
	}
	if t.Grace > 0 {
		grace = t.Grace
	}
	return budget, grace
}

// tellEnd tells the platform how a run ended.
func (m *Machine) tellEnd(r *run, o work.Outcome) {
	if s := m.system; s != nil && r.w != nil {
		s.stirred, s.unsaved = true, true
		s.End(m.now, Job{Work: r.w, Spec: r.sp.Spec, Due: r.w.Due}, o)
		m.obey()
	}
}

// tellReaped tells the platform that nothing is left of a run.
func (m *Machine) tellReaped(r *run) {
	if s := m.system; s != nil && s.Reaped(m.now, r.Seq) {
		m.stir()
	}
}

// logHeld tells the journal what holds a due work, when it is another thing than before.
func (m *Machine) logHeld(w *record.Work) {
	s := m.system
	holds := m.holds(w)
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = string(h.Code)
	}
	told := strings.Join(words, " ")
	if s.told[w.ID] == told || told == "" {
		return
	}
	s.told[w.ID] = told
	// The conditions of the machine are told as such; in words come those of the platform.
	text := ""
	s.held = false
	if s.Gates(m.now, m.job(w), &m.facts, s.stop); s.held {
		text, _ = s.Explain(m.now, m.job(w), s.first, &m.facts)
	}
	m.log(record.Entry{
		Kind: record.EntryHeld, Work: w.ID, Task: m.specOf(w.Spec).Task, Code: holds[0].Code, Text: text, Conds: words,
	})
}

// Hold is one thing that holds a work, for those who count.
type Hold struct {
	Code    work.Code
	Assumed bool // it rests on an assumption of ours
}

// Mark stands for what holds a work, at the time of the call: if it is known, and equal
// to an earlier one of the same work, so is the first thing, and whether it is the only one.
type Mark struct {
	own, platform uint64
	spec          int64 // 0: not known
}

// Known reports whether it stands for anything.
func (k Mark) Known() bool { return k.spec != 0 }

// Watch makes the machine tell, when it asks the platform, of the waiting works that are
// due and go on to wait: of those with the same spec, which nothing can let start, of the
// first at least. Whoever asks for it during the call gets the first thing that holds it,
// in the order of the gates, and whether it is the only one. With a call of nil it begins
// to tell of all, in their order. Until the next such call they are the same ones, and it
// tells only of those that have another mark than before.
func (m *Machine) Watch(tell func(w *record.Work, mark Mark, what func() (first Hold, alone bool))) {
	s := m.system
	s.watch, s.stirred, s.listed, m.still = tell, true, false, minTime
	s.what = func() (first Hold, alone bool) { return m.foremost(s.about, s.mark) }
}

// foremost is the first thing that holds a due work, and whether it is the only one.
func (m *Machine) foremost(w *record.Work, mark Mark) (first Hold, alone bool) {
	if !mark.Known() {
		if holds := m.holds(w); len(holds) > 0 {
			return holds[0], len(holds) == 1
		}
		return first, false
	}
	n := 0
	if mark.own != 0 {
		m.hold(m.specOf(w.Spec), w, func(y why) bool {
			if n++; n == 1 {
				first = y.asHold()
			}
			return n < 2
		})
	}
	switch {
	case mark.platform == 0:
	case n == 0:
		return m.system.marker.Marked(mark.platform)
	default:
		n++
	}
	return first, n == 1
}

// holds lists everything that holds a due work.
func (m *Machine) holds(w *record.Work) []Hold {
	s := m.system
	if s.full {
		return s.codes
	}
	s.codes = s.codes[:0]
	m.hold(m.specOf(w.Spec), w, func(y why) bool {
		s.codes = append(s.codes, y.asHold())
		return true
	})
	s.Gates(m.now, m.job(w), &m.facts, s.collect)
	return s.codes
}

// asHold is what holds a work, for those who count.
func (y *why) asHold() Hold {
	if y.run != nil {
		return Hold{Code: work.ReasonPreviousRun}
	}
	return Hold{Code: y.cond.v.Code}
}

// Passing makes the machine give no rows of runs and no state of its platform: it is
// for those who store nothing.
func (m *Machine) Passing() { m.passing = true }

// Quiet makes the machine keep no journal either: it is for those who simulate many
// devices and look at none.
func (m *Machine) Quiet() { m.quiet, m.passing = true, true }

// saveSystem writes the platform's state, so that it is known after a restart.
func (m *Machine) saveSystem() {
	s := m.system
	if s == nil || !s.unsaved {
		return
	}
	s.unsaved = false
	state, err := s.Save()
	if err != nil {
		// A platform's state is numbers and text of its own.
		panic("core: state of the platform: " + err.Error())
	}
	m.out.Tx.Conds = append(m.out.Tx.Conds, record.Condition{Key: PlatformKey, State: record.Met, Since: m.now, Text: string(state)})
}

// reasonGate puts a gate of the platform into words.
func (m *Machine) reasonGate(w *record.Work, g Gate) work.Reason {
	message, fix := m.system.Explain(m.now, m.job(w), g, &m.facts)
	r := work.Reason{Code: g.Code, Message: message, Fix: fix, Android: g.Android, Until: m.Time(g.Until)}
	if due := m.dueAt(w); due <= m.now {
		r.Since = m.Time(due) // it cannot have held anything before
	}
	return r
}

// Absent explains why nothing waits of a task whose last work is over, where a platform
// decides what runs; nil: it has had none. It reports false on a host, where nothing need
// wait.
func (m *Machine) Absent(last *record.Work) (work.Reason, bool) {
	if m.system == nil {
		return work.Reason{}, false
	}
	r := work.Reason{Code: NotPending, Fix: "let the app ask for it, as when it is opened (submit: in the plan)"}
	if last == nil {
		r.Message = "no request is pending: the app has never asked for it, or was refused"
		return r, true
	}
	r.Since = m.Time(last.Finished)
	switch {
	case last.Last.Epoch == 0 && last.Last.Message != "":
		r.Message = "no request is pending: the last one was dropped (" + last.Last.Message + "), and the app has not asked again"
	case m.rules.Consumes:
		r.Message = "no request is pending: the start of its last run consumed it, and nobody has submitted it again"
		r.Fix = "submit it again at the beginning of each run (resubmit: first in the plan), or open the app if that submits it"
	default:
		r.Message = "nothing is pending: its last work is over, and the app has not asked again"
	}
	return r, true
}
