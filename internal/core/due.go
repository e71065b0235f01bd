package core

import (
	"math"
	"math/bits"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// NextRun returns when a work may run next, in engine time: WorkManager's
// WorkSpec.calculateNextRunTime, branch by branch. Calendar schedules are not its
// concern. It returns record.Never for what was never enqueued.
func NextRun(r *Rules, s *record.Spec, w *record.Work) int64 {
	switch {
	case s.Every > 0 && w.Override != record.Never:
		if w.Periods == 0 {
			return w.Override
		}
		return max(w.Override, addTime(w.LastEnqueue, r.OverrideFloor))
	case w.State == work.Enqueued && backedOff(r, w) > 0:
		return addTime(w.LastEnqueue, RetryDelay(r, s, backedOff(r, w)))
	case s.Every > 0 && w.Periods == 0:
		return addTime(addTime(w.LastEnqueue, w.InitialDelay), s.Every-s.Flex)
	case s.Every > 0:
		return addTime(w.LastEnqueue, s.Every)
	case w.LastEnqueue == record.NotEnqueued:
		return record.Never
	}
	return addTime(w.LastEnqueue, w.InitialDelay)
}

// backedOff returns the number of runs that backoff counts.
func backedOff(r *Rules, w *record.Work) int32 {
	if r.CountFailures {
		return w.Failures
	}
	return w.Attempts
}

// RetryDelay returns how long a work waits after its n-th counted run.
func RetryDelay(r *Rules, s *record.Spec, n int32) int64 {
	if n < 1 {
		return 0
	}
	if s.Backoff == work.Linear {
		return min(r.MaxBackoff, mulTime(s.Delay, int64(n)))
	}
	delay := s.Delay
	if r.Float32Backoff {
		const milli = 1000
		delay = round24(delay/milli) * milli
	}
	if n > 63 {
		return r.MaxBackoff
	}
	return min(r.MaxBackoff, mulTime(delay, 1<<(n-1)))
}

// putOff makes a work whose run is about to be stopped by the user wait as after a
// failed run, though none is counted: whoever says "not now" does not mean "at once".
func (m *Machine) putOff(w *record.Work) {
	if !m.rules.HoldStopped {
		return
	}
	sp, failed := m.specOf(w.Spec), backedOff(&m.rules, w)
	wait := RetryDelay(&m.rules, sp.Spec, max(1, failed))
	switch {
	case sp.Periodic():
		w.Override = addTime(m.now, wait)
		w.OverrideGen++
	case failed == 0:
		w.InitialDelay = wait
		fallthrough
	default:
		w.LastEnqueue = m.now
	}
}

// round24 rounds to 24 significant bits, ties to even: the value of a 32-bit
// float, without one.
func round24(v int64) int64 {
	drop := bits.Len64(uint64(v)) - 24
	if drop <= 0 {
		return v
	}
	kept, rest, half := v>>drop, v&(1<<drop-1), int64(1)<<(drop-1)
	if rest > half || rest == half && kept&1 == 1 {
		kept++
	}
	return kept << drop
}

func addTime(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func mulTime(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// place computes the lane and the due time of a waiting work.
func (m *Machine) place(sp *spec, w *record.Work) {
	w.Lane = record.LaneNormal
	switch {
	case sp.Cron == "" || w.Override == record.Never && backedOff(&m.rules, w) > 0:
		w.Due = NextRun(&m.rules, sp.Spec, w)
	case w.Override != record.Never:
		w.Due = w.Override
	case w.Attempts > 0:
		// Its run was stopped or lost: the calendar time that it served is still to be
		// served, so it is due at once.
		w.Due = w.LastEnqueue
	default:
		w.Lane, w.Due = record.LaneCalendar, m.occurrence(sp, w)
	}
	if sp.Expedited && w.Attempts == 0 {
		w.Lane = record.LaneExpedited
	}
}

// occurrence returns the wall time of the calendar time that is to be served
// next, after the one that was served last.
func (m *Machine) occurrence(sp *spec, w *record.Work) int64 {
	wall := m.wall(m.now)
	after := w.Occurrence
	switch sp.Missed {
	case work.MissedAll:
	case work.MissedSkip:
		after = max(after, wall)
	default:
		if at, ok := calendar.Last(sp.expr, sp.zone(m), after, wall); ok {
			return at
		}
	}
	at, ok := calendar.Next(sp.expr, sp.zone(m), after)
	if !ok {
		return record.Never
	}
	return at
}

// served returns the calendar time that a run starting now serves: with once and
// skip every time up to now, with all just the one that is due.
func (m *Machine) served(sp *spec, w *record.Work) int64 {
	if sp.Missed == work.MissedAll {
		if w.Lane == record.LaneCalendar {
			return w.Due
		}
		return w.Occurrence
	}
	last, ok := calendar.Last(sp.expr, sp.zone(m), w.Occurrence, m.wall(m.now))
	if !ok {
		last = w.Occurrence
	}
	if w.Lane == record.LaneCalendar {
		last = max(last, w.Due)
	}
	return last
}
