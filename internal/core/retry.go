package core

import (
	"fmt"
	"strconv"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// settleRun decides what a run's outcome means for its work.
func (m *Machine) settleRun(r *run, ev *Ended) {
	w, sp := r.w, m.specOf(r.w.Spec)
	m.tellEnd(r, ev.Outcome)
	w.Last = record.Last{Epoch: r.Epoch, Outcome: ev.Outcome, Message: ev.Message, Started: r.Started, Ended: m.now}
	if ev.Outcome == work.Success { // as nearly always
		w.Losses, w.Crashes, w.StopReason = 0, 0, work.NotStopped
		m.endPeriod(r, sp, ev, work.Succeeded)
		return
	}
	if ev.Outcome == work.Lost && !r.sp.once {
		m.lost(r, sp)
		return
	}
	m.count(w, ev.Outcome)
	w.StopReason = work.NotStopped
	if ev.Outcome == work.BudgetExceeded {
		w.StopReason = work.StopTimeout
	}
	if ended := m.ending(r, sp, ev.Outcome); ended != work.Enqueued {
		m.endPeriod(r, sp, ev, ended)
		return
	}
	w.State, w.LastEnqueue = work.Enqueued, m.now
	m.dropOverride(r, w)
	m.requeue(r, sp, w, ev.Outcome, ev.Message)
}

// count adds an outcome to the work's failures and streaks.
func (m *Machine) count(w *record.Work, o work.Outcome) {
	w.Losses = 0
	if o.CountsAsFailure() {
		w.Failures++
	}
	if o.IsCrash() {
		w.Crashes++
	} else {
		w.Crashes = 0
	}
}

// ending says which state ends the work, or for periodic work the period, after an
// outcome that is no success; Enqueued means that it is tried again.
func (m *Machine) ending(r *run, sp *spec, o work.Outcome) work.State {
	w := r.w
	switch {
	case o == work.Failure, o == work.NotStarted, r.sp.once:
		return work.Failed
	case o == work.Errored && (m.rules.ErrorIsFailure || sp.OnFailure == work.OnFailureFail):
		return work.Failed
	case sp.Attempts > 0 && int(w.Failures) >= sp.Attempts:
		w.Last.Message += capNote(w.Last.Message, "no more attempts: "+strconv.Itoa(sp.Attempts)+" failed")
		return work.Failed
	case m.rules.CrashStreak > 0 && int(w.Crashes) >= m.rules.CrashStreak:
		w.Last.Message += capNote(w.Last.Message, "given up: it crashed "+strconv.Itoa(int(w.Crashes))+" times in a row")
		return work.Failed
	}
	return work.Enqueued
}

func capNote(message, note string) string {
	if message == "" {
		return note
	}
	return "; " + note
}

// lost puts a work back whose run died with the engine: due at once, as its wait
// is measured from the old time.
func (m *Machine) lost(r *run, sp *spec) {
	w := r.w
	w.Losses++
	w.StopReason = work.StopUnknown
	w.Progress = nil
	if m.rules.LossStreak > 0 && int(w.Losses) >= m.rules.LossStreak {
		w.Last.Message += "; given up: that happened " + strconv.Itoa(int(w.Losses)) + " times in a row"
		m.endPeriod(r, sp, &Ended{Outcome: work.Lost, Message: w.Last.Message}, work.Failed)
		return
	}
	w.State = work.Enqueued
	m.requeue(r, sp, w, work.Lost, w.Last.Message)
}

func (m *Machine) requeue(r *run, sp *spec, w *record.Work, o work.Outcome, text string) {
	m.place(sp, w)
	m.logRun(endedKind(o), r, o, text)
	m.write(w, true)
	m.join(sp, w)
}

// dropOverride clears the override that the run was started under, unless it was
// set anew meanwhile.
func (m *Machine) dropOverride(r *run, w *record.Work) {
	if w.OverrideGen == r.Override {
		w.Override = record.Never
	}
}

// endPeriod ends a one-time work, or the period of a periodic one.
func (m *Machine) endPeriod(r *run, sp *spec, ev *Ended, state work.State) {
	w := r.w
	if !sp.Periodic() {
		w.Output = ev.Output
		w.State = state
		m.logRun(endedKind(ev.Outcome), r, ev.Outcome, w.Last.Message)
		m.finish(w)
		return
	}
	w.State, w.LastEnqueue = work.Enqueued, m.now
	w.Attempts, w.Failures, w.Crashes, w.Losses = 0, 0, 0, 0
	w.Periods++
	w.Output, w.Progress = ev.Output, nil
	m.dropOverride(r, w)
	m.requeue(r, sp, w, ev.Outcome, w.Last.Message)
	if state == work.Succeeded && len(sp.Chain) > 0 {
		ev, err := m.chainAnew(sp, w)
		if err != nil {
			m.logRefused(w, err.Error())
			return
		}
		m.out.Then = append(m.out.Then, ev)
	}
}

// chainAnew returns the request for what comes after a periodic work. Its IDs
// follow from the run, so that the same run never makes it twice.
func (m *Machine) chainAnew(sp *spec, w *record.Work) (Event, error) {
	nodes := make([]work.Node, len(sp.Chain))
	for i, n := range sp.Chain {
		n.Request.ID = work.ID(string(w.ID) + "." + strconv.FormatInt(w.Epoch, 10) + "." + strconv.Itoa(i+1))
		if len(n.After) == 0 && len(w.Output) > 0 {
			in, err := mergeData(n.Request.Merger, n.Request.Input, []output{{sp.Task, w.Output}})
			if err == nil && len(in) > work.MaxData {
				err = fmt.Errorf("%w: input merged from its output is %d bytes, the limit is %d", work.ErrDataTooLarge, len(in), work.MaxData)
			}
			if err != nil {
				return nil, err
			}
			n.Request.Input = in
		}
		nodes[i] = n
	}
	return chained{Enqueue{Nodes: nodes, Unique: work.Unique{Name: "after/" + string(w.ID), Policy: work.Keep}}, w}, nil
}

// tellRefused journals what became of a request that nobody waits for.
func (m *Machine) tellRefused(of *record.Work) {
	switch r := &m.out.Reply; {
	case r.Err != nil:
		m.logRefused(of, r.Err.Error())
	case r.Result == ResultExists:
		m.logRefused(of, fmt.Sprintf("a work with the ID %q exists", r.IDs[0]))
	}
	m.out.Reply = Reply{} // whoever gave the run's result did not ask for this
}

func (m *Machine) logRefused(w *record.Work, text string) {
	m.log(record.Entry{Kind: record.EntryRefused, Work: w.ID, Task: m.specOf(w.Spec).Task, Text: "what comes after it was not made: " + text})
}

// endedKind says how the journal tells of an outcome: a run over its budget has
// been asked to stop and is still there.
func endedKind(o work.Outcome) record.Kind {
	if o == work.BudgetExceeded {
		return record.EntryStopping
	}
	return record.EntryEnded
}

// finish makes a work's state final and tells the works that come after it.
func (m *Machine) finish(w *record.Work) {
	m.retire(w)
	m.pass(w)
}

// retire makes a work's state final.
func (m *Machine) retire(w *record.Work) {
	m.hot.drop(w.ID)
	m.rows.add(w)
	m.tellGone(w)
	w.Finished, w.Due, w.Lane, w.Progress = m.now, record.Never, record.LaneNormal, nil
	m.write(w, true)
	m.planEnded(w)
}
