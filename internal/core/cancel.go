package core

import (
	"fmt"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// cancel cancels works, and everything that comes after them.
func (m *Machine) cancel(ev Cancel, rows record.Rows) Reply {
	switch {
	case ev.ID != "":
		w := m.row(ev.ID)
		if w == nil {
			return Reply{Err: &work.Error{Op: "cancel", Task: string(ev.ID), Err: work.ErrUnknownWork}}
		}
		reply := Reply{Result: ResultCancelled}
		if w.State.Finished() {
			reply.Result = ResultNotDone
			m.out.Then = append(m.out.Then, cascade{w.ID, work.Cancelled})
			return reply
		}
		m.cancelWork(w)
		m.pass(w)
		reply.IDs = []work.ID{w.ID}
		return reply
	case ev.Name != "":
		reply := Reply{Result: ResultCancelled}
		for _, w := range m.named(nil, ev.Name) {
			if !w.State.Finished() {
				m.cancelWork(w)
				m.pass(w)
				reply.IDs = append(reply.IDs, w.ID)
			}
		}
		return reply
	case ev.Tag == "" && !ev.All:
		return Reply{Err: &work.Error{Op: "cancel", Err: fmt.Errorf("%w: say what: an ID, a tag, a unique name or all", work.ErrInvalid)}}
	}
	return m.cancelPage(cancelMore{tag: ev.Tag}, rows)
}

// cancelPage cancels one page of the works with a tag, and asks for the next.
func (m *Machine) cancelPage(ev cancelMore, rows record.Rows) Reply {
	reply := Reply{Result: ResultCancelled}
	for _, w := range m.given {
		if w.Seq <= rows.Last && !w.State.Finished() {
			m.cancelWork(w)
			m.pass(w)
			reply.IDs = append(reply.IDs, w.ID)
		}
	}
	if !rows.End {
		m.out.Then = append(m.out.Then, cancelMore{ev.tag, rows.Last})
	}
	return reply
}

// cancelWork cancels one unfinished work, but not what comes after it.
func (m *Machine) cancelWork(w *record.Work) {
	m.leave(w)
	r := m.runs.of(w.ID)
	running := w.State == work.Running
	w.State, w.StopReason = work.Cancelled, work.NotStopped
	if running {
		w.StopReason = work.StopCancelled
		w.Last = record.Last{Epoch: r.Epoch, Outcome: work.Stopped, Message: "cancelled", Started: r.Started, Ended: m.now}
		m.askToEnd(r, work.StopCancelled)
		m.logRun(record.EntryStopping, r, work.Stopped, "cancelled")
	} else {
		m.logWork(record.EntryFinished, w, "cancelled")
	}
	m.retire(w)
}
