package core

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// run is a run that is not reaped. Until it is, it takes a slot, its group and its
// work; as an orphan, whose work was deleted, also its unique name.
type run struct {
	record.Run
	w      *record.Work // nil: deleted
	sp     *spec
	group  *condition     // nil: none
	grace  int64          // µs
	parked []*record.Work // waiting works that it occupies
}

// occupier returns the run that a waiting work has to wait for.
func (m *Machine) occupier(w *record.Work) *run {
	if m.runs.len() == 0 {
		return nil
	}
	if r := m.runs.on(w); r != nil {
		return r
	}
	if w.Name != "" && len(m.orphans) > 0 {
		if rs := m.orphans[w.Name]; len(rs) > 0 {
			return rs[0]
		}
	}
	return nil
}

func (m *Machine) holders(w *record.Work) []*run {
	if r := m.runs.of(w.ID); r != nil {
		return []*run{r}
	}
	if w.Name != "" && len(m.orphans) > 0 {
		return m.orphans[w.Name]
	}
	return nil
}

// addRun takes a run's places.
func (m *Machine) addRun(r *run) {
	m.runs.add(r)
	if r.group = r.sp.group; r.group != nil {
		r.group.busy++
		m.review(r.group)
	}
	if r.Orphan && r.Name != "" {
		m.orphans[r.Name] = append(m.orphans[r.Name], r)
	}
}

func (m *Machine) restoreRun(row *record.Run, w *record.Work) {
	sp := m.specOf(row.Spec)
	if sp == nil {
		return
	}
	r := &run{Run: *row, sp: sp, w: w, grace: sp.Grace}
	m.addRun(r)
	if w == nil {
		return
	}
	if !w.State.Finished() {
		m.hot.add(w)
	}
	if w.State == work.Enqueued {
		r.parked = append(r.parked, w)
	}
}

// start makes a run of a work that nothing keeps from it, and that waits nowhere any more.
// Its row is in memory.
func (m *Machine) start(sp *spec, w *record.Work) {
	if sp.Cron != "" {
		w.Occurrence = m.served(sp, w)
	}
	budget, grace := m.grant(w, sp)
	if m.rules.Consumes {
		w.Name = "" // the next request of that name is another one
	}
	w.State = work.Running
	w.StopReason = work.NotStopped
	w.Attempts++
	w.Epoch++
	r := m.newRun()
	r.w, r.sp, r.grace = w, sp, grace
	r.Seq, r.Epoch, r.Work, r.Spec, r.Name = w.Seq, w.Epoch, w.ID, w.Spec, w.Name
	r.State, r.Stop, r.Orphan, r.Started = record.Going, work.NotStopped, false, m.now
	r.Attempt, r.Generation, r.Override = w.Attempts, w.Generation, w.OverrideGen
	m.addRun(r)
	// The occurrence of calendar work is the one thing that the run's row does not tell.
	m.out.Tx.Works = append(m.out.Tx.Works, record.WorkWrite{Work: w, Spare: !m.rules.Consumes, Claim: sp.Cron == "" && !m.rules.Consumes})
	m.writeRun(r)
	if !m.quiet {
		m.log(record.Entry{Kind: record.EntryStarted, Work: w.ID, Task: sp.Task, Run: w.Epoch, Attempt: w.Attempts})
	}
	e := m.effect(StartRun, r)
	e.Attempt, e.Budget, e.Grace, e.Require, e.Input = w.Attempts, budget, grace, sp.Require, w.Input
	if w.Merged != nil {
		e.Input = w.Merged
	}
}

// effect adds something to do about a run.
func (m *Machine) effect(k EffectKind, r *run) *Effect {
	m.out.Effects = append(m.out.Effects, Effect{})
	e := &m.out.Effects[len(m.out.Effects)-1]
	e.Kind, e.Work, e.Seq, e.Epoch, e.Task = k, r.Work, r.Seq, r.Epoch, r.sp.Task
	return e
}

// newRun returns a run that is to be filled, but for what it occupies: nothing yet.
func (m *Machine) newRun() *run {
	last := len(m.idle) - 1
	if last < 0 {
		return new(run)
	}
	r := m.idle[last]
	m.idle = m.idle[:last]
	return r
}

// delivered reports whether a run is the delivery of something, a message or an alarm and
// what they lead to: however it ends, it is not tried again.
func delivered(k work.Kind) bool {
	switch k {
	case work.KindAlarm, work.KindTimer, work.KindPush, work.KindNotification, work.KindWidget:
		return true
	}
	return false
}

func (m *Machine) writeRun(r *run) {
	if m.passing {
		return
	}
	row := r.Run
	m.out.Tx.Runs = append(m.out.Tx.Runs, &row)
}

// current reports whether a run is the one that an event speaks of, and still decides about
// its work.
func (r *run) current(epoch int64) bool {
	return r != nil && r.Epoch == epoch && r.State != record.Stopping && r.w != nil
}

// currentRun finds the run of a work, if it is current.
func (m *Machine) currentRun(id work.ID, epoch int64) *run {
	if r := m.runs.of(id); r.current(epoch) {
		return r
	}
	return nil
}

func (m *Machine) progressed(ev Progressed) {
	r := m.currentRun(ev.Work, ev.Epoch)
	if r == nil {
		m.late(ev.Work, ev.Epoch, "progress")
		return
	}
	if err := checkInput(ev.Data); err != nil {
		return
	}
	r.w.Progress = ev.Data
	m.write(r.w, true)
}

func (m *Machine) late(id work.ID, epoch int64, what string) {
	m.log(record.Entry{Kind: record.EntryLate, Work: id, Run: epoch, Text: what})
	m.out.Reply.Err = work.ErrLate
}

// closeRun marks a run as over or asked to end. It keeps its places until it is reaped.
func (m *Machine) closeRun(r *run, why work.StopReason) {
	r.State, r.Stop = record.Stopping, why
	m.writeRun(r)
}

// askToEnd requests the end of a run.
func (m *Machine) askToEnd(r *run, why work.StopReason) {
	m.closeRun(r, why)
	e := m.effect(RequestEnd, r)
	e.Grace, e.Stop = r.grace, why
}

// stopRun stops a run whose work goes back to waiting. The stop does not count as
// a failure, and the wait is measured from the old time, as in WorkManager.
func (m *Machine) stopRun(r *run, why work.StopReason, text string) {
	if r.State == record.Stopping || r.w == nil {
		return
	}
	w := r.w
	sp := m.specOf(w.Spec)
	if r.sp.once {
		m.askToEnd(r, why)
		m.settleRun(r, &Ended{Outcome: work.Stopped, Message: text})
		return
	}
	m.tellEnd(r, work.Stopped)
	w.State, w.StopReason = work.Enqueued, why
	if sp.BackoffStop && why != work.StopUser && !m.closing {
		w.LastEnqueue = m.now
		w.Failures++
	}
	w.Last = record.Last{Epoch: r.Epoch, Outcome: work.Stopped, Message: text, Started: r.Started, Ended: m.now}
	m.place(sp, w)
	m.askToEnd(r, why)
	m.logRun(record.EntryStopping, r, work.Stopped, text)
	m.write(w, true)
	m.join(sp, w)
}

func (m *Machine) budgetSpent(ev BudgetSpent) {
	r := m.currentRun(ev.Work, ev.Epoch)
	if r == nil {
		return
	}
	if m.rules.BudgetStops {
		m.stopRun(r, work.StopTimeout, "ran as long as the platform allows")
		return
	}
	m.askToEnd(r, work.StopTimeout)
	m.settleRun(r, &Ended{Work: ev.Work, Epoch: ev.Epoch, Outcome: work.BudgetExceeded, Message: "ran longer than its budget"})
}

// ended takes the result of a run; nil: there is none. A result that comes after a stop, a
// cancel or another result changes nothing.
func (m *Machine) ended(r *run, ev *Ended) {
	if !r.current(ev.Epoch) {
		if r == nil || r.Epoch != ev.Epoch || ev.Outcome != work.Stopped {
			m.late(ev.Work, ev.Epoch, string(ev.Outcome))
		}
		return // else it has stopped, as it was asked to
	}
	m.closeRun(r, work.NotStopped)
	m.settleRun(r, ev)
}

// reaped gives a run's places back; nil: it has none.
func (m *Machine) reaped(r *run, epoch int64) {
	if r == nil || r.Epoch != epoch {
		return
	}
	if r.State != record.Stopping {
		// Nothing is left of it, and it never said how it ended.
		m.ended(r, &Ended{Work: r.Work, Epoch: epoch, Outcome: work.Crashed, Message: "it ended without a result"})
	}
	m.runs.drop(r)
	m.tellReaped(r)
	if r.Orphan && r.Name != "" {
		os := m.orphans[r.Name]
		if os = slices.DeleteFunc(os, func(o *run) bool { return o == r }); len(os) == 0 {
			delete(m.orphans, r.Name)
		} else {
			m.orphans[r.Name] = os
		}
	}
	if !m.passing {
		m.out.Tx.Reaped = append(m.out.Tx.Reaped, record.RunKey{Seq: r.Seq, Epoch: r.Epoch})
	}
	if !m.quiet && (r.w == nil || !r.w.State.Finished() || len(r.parked) > 0) {
		m.log(record.Entry{Kind: record.EntryReaped, Work: r.Work, Run: r.Epoch, Name: r.Name})
	}
	if r.group != nil {
		r.group.busy--
		m.review(r.group)
	}
	parked := r.parked
	r.parked = nil
	for i, w := range parked {
		parked[i] = nil
		m.await(m.specOf(w.Spec), w)
		if s := m.system; s != nil {
			due := m.dueAt(w)
			s.stirred, s.nextDue = s.stirred || due <= m.now, min(s.nextDue, due)
		}
	}
	if m.passing && !r.Orphan {
		r.parked = parked[:0]
		m.idle = append(m.idle, r)
	}
}

// disown makes a run an orphan: its work's row is gone.
func (m *Machine) disown(r *run) {
	r.w, r.Orphan = nil, true
	if r.Name != "" {
		m.orphans[r.Name] = append(m.orphans[r.Name], r)
	}
	m.writeRun(r)
}

func (m *Machine) shutdown() {
	if m.closing {
		return
	}
	m.closing = true
	m.meta.Stopped = m.wall(m.now)
	m.review(m.engine)
	m.log(record.Entry{Kind: record.EntryEngine, Text: "shutdown"})
	for _, row := range m.Runs() {
		m.stopRun(m.runs.of(row.Work), work.StopSystem, "the engine shut down")
	}
	m.dispatching = false
}

// recover begins dispatching. Runs that are not alive died with their engine.
func (m *Machine) recover(ev Recover) {
	m.dispatching, m.closing, m.asleep = true, false, false
	m.meta.Stopped = 0
	m.review(m.engine)
	m.log(record.Entry{Kind: record.EntryEngine, Text: "dispatching"})
	for _, row := range m.Runs() {
		if slices.Contains(ev.Alive, record.RunKey{Seq: row.Seq, Epoch: row.Epoch}) {
			continue
		}
		if row.State != record.Stopping {
			m.out.Then = append(m.out.Then, Ended{Work: row.Work, Epoch: row.Epoch, Outcome: work.Lost, Message: "the engine ended while it ran"})
		}
		m.out.Then = append(m.out.Then, Reaped{Work: row.Work, Epoch: row.Epoch})
	}
	for _, sp := range m.specs {
		m.fixLanes(sp)
	}
	m.rescheduleAll(false)
}
