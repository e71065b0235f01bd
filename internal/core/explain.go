package core

import (
	"strings"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Explain returns everything that keeps a work from running at an instant, none if
// it runs or is finished. It walks the gates that scheduling walks. Parents are the
// rows of the works that it comes after, as far as they exist. Engine time at is
// that of the last step, or later.
func (m *Machine) Explain(at int64, w *record.Work, parents []*record.Work) []work.Reason {
	if w.State != work.Enqueued && w.State != work.Blocked {
		return nil
	}
	now, facts := m.now, m.facts
	m.now = max(m.now, at)
	settle(&m.facts, m.now)
	defer func() { m.now, m.facts = now, facts }()
	if w.State == work.Blocked {
		return m.explainBlocked(w, parents)
	}
	var out []work.Reason
	m.gates(w, func(y why) bool {
		if y.gate != nil && len(out) > 0 && out[0].Code == work.ReasonDelay && y.gate.Edit.Kind == EditAdvance && y.gate.Until == m.dueAt(w) {
			out = out[1:] // the platform has asked for that delay, and knows why
		}
		out = append(out, m.reason(w, y))
		return true
	})
	if len(out) == 0 && m.rules.Offered {
		out = append(out, work.Reason{
			Code: work.ReasonPlatformEvent, Since: m.Time(m.dueAt(w)),
			Message: "the platform has not offered it a start yet", Fix: "wait for the platform",
		})
	}
	return out
}

func (m *Machine) explainBlocked(w *record.Work, parents []*record.Work) []work.Reason {
	var out []work.Reason
	for _, p := range parents {
		if p.State == work.Succeeded {
			continue
		}
		task := m.specOf(p.Spec).Task
		out = append(out, work.Reason{
			Code: work.ReasonBlocked, Since: m.Time(w.Created),
			Message: "it comes after " + task + " (" + string(p.ID) + "), which is " + p.State.String(),
			Fix:     "see lull why " + string(p.ID),
		})
	}
	if len(out) == 0 {
		out = append(out, work.Reason{
			Code: work.ReasonBlocked, Since: m.Time(w.Created), Message: "it comes after " + joinIDs(w.Parents), Fix: "wait for them to succeed",
		})
	}
	return out
}

func joinIDs(ids []work.ID) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = string(id)
	}
	return strings.Join(s, ", ")
}

// reason puts one gate into words.
func (m *Machine) reason(w *record.Work, y why) work.Reason {
	switch {
	case y.due:
		return m.reasonDue(w)
	case y.gate != nil:
		return m.reasonGate(w, *y.gate)
	case y.run != nil:
		r := work.Reason{
			Code: work.ReasonPreviousRun, Since: m.Time(max(w.LastEnqueue, y.run.Started, w.Last.Ended)),
			Message: "its previous run is stopping (" + y.run.Stop.String() + ")", Fix: "wait: it is killed when its grace is over",
		}
		if y.run.Stop == work.NotStopped {
			r.Message = "its previous run has ended and is being cleaned up"
		}
		return r
	}
	c := y.cond
	v, until := c.judge(m, c)
	r := work.Reason{
		Code: v.Code, Message: v.Message, Fix: v.Fix, Android: v.Android,
		Since: m.Time(max(c.since, w.LastEnqueue)), Until: m.Time(until),
	}
	return r
}

// dueCode tells the wait after a failed run from every other.
func (m *Machine) dueCode(w *record.Work) work.Code {
	if w.Override == record.Never && backedOff(&m.rules, w) > 0 {
		return work.ReasonBackoff
	}
	return work.ReasonDelay
}

func (m *Machine) reasonDue(w *record.Work) work.Reason {
	const minimumLatency = 9 // PENDING_JOB_REASON_CONSTRAINT_MINIMUM_LATENCY
	sp := m.specOf(w.Spec)
	at := m.dueAt(w)
	r := work.Reason{
		Code: m.dueCode(w), Since: m.Time(w.LastEnqueue), Until: m.Time(at), Fix: "wait for its time", Android: minimumLatency,
	}
	switch {
	case m.rules.HoldStopped && w.StopReason == work.StopUser:
		r.Message = "the user stopped its run, and it waits as after a failed one"
	case w.Override != record.Never:
		r.Message = "its next run was set to a fixed time"
	case r.Code == work.ReasonBackoff:
		r.Message = "it waits after a failed run (" + string(w.Last.Outcome) + ")"
		r.Fix = "wait, or mend what made it fail"
	case w.Lane == record.LaneCalendar:
		r.Message = "its next time is not there yet (" + sp.Cron + zoneWords(", ", sp.Zone, "") + ")"
	case sp.Periodic() && w.Periods > 0:
		r.Message = "its next period has not begun (every " + InWords(sp.Every) + " after the last run)"
	default:
		r.Message = "its delay is not over"
	}
	return r
}

// InWords writes 1h, not 1h0m0s.
func InWords(us int64) string {
	s := (time.Duration(us) * time.Microsecond).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Time turns engine time into a public instant; the zero time stands for never.
func (m *Machine) Time(at int64) time.Time {
	if at == record.Never || at == record.NotEnqueued {
		return time.Time{}
	}
	return time.UnixMicro(m.wall(at)).UTC()
}

// DueAt returns the engine time at which a waiting work is due.
func (m *Machine) DueAt(w *record.Work) int64 { return m.dueAt(w) }

// Knows reports whether a work's shared values are known: not, if it was made after
// what the machine was restored from.
func (m *Machine) Knows(w *record.Work) bool { return m.specOf(w.Spec) != nil }

// SpecOf returns what a work shares with others.
func (m *Machine) SpecOf(w *record.Work) *record.Spec { return m.specOf(w.Spec).Spec }

// StartedAt returns the engine time at which a work's run started, record.Never if
// it has none.
func (m *Machine) StartedAt(id work.ID) int64 {
	if r := m.runs.of(id); r != nil {
		return r.Started
	}
	return record.Never
}

// SetDispatching tells a machine that was restored to look at whether an engine
// runs on the state.
func (m *Machine) SetDispatching(on bool) {
	m.dispatching = on
	m.engine.v, m.engine.until = m.engine.judge(m, m.engine)
}
