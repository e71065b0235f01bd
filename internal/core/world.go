package core

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// readFacts takes in new facts.
func (m *Machine) readFacts(facts []record.Fact) {
	told := uint16(0)
	for _, f := range facts {
		if f.Signal >= record.Signals {
			continue
		}
		told |= 1 << f.Signal
		old := &m.facts[f.Signal]
		if f.Since == 0 {
			f.Since = m.now
			if f.Value == old.Value {
				f.Since = old.Since
			}
		}
		if f.Settles != 0 && f.Settles <= m.now {
			f.Value, f.Next, f.Settles = f.Next, 0, 0
		}
		if f.Settles != 0 || old.Settles != 0 {
			*old = f
			m.unsettled = m.settlesAt()
		} else {
			*old = f
		}
		if !m.passing {
			m.out.Tx.Facts = append(m.out.Tx.Facts, f)
		}
	}
	for _, c := range m.conds {
		if c.facts&told != 0 {
			m.review(c)
		}
	}
	if m.system != nil {
		m.sensed(Sense{Kind: SenseFacts})
	}
}

// setClock takes in a new offset of the wall clock. A clock that was far ahead
// and is put right must not leave calendar works waiting for a time that will not
// come for years.
func (m *Machine) setClock(offset int64) {
	shift := offset - m.meta.Offset
	if shift == 0 {
		return
	}
	m.meta.Offset = offset
	m.log(record.Entry{Kind: record.EntryClock, Shift: shift})
	if m.system != nil {
		m.system.listed, m.system.stirred = false, true // calendar works are due at other times
	}
	if shift < 0 {
		m.rescheduleAll(false)
	}
	if m.rules.WallClock {
		m.out.Then = append(m.out.Then, shiftTimes{by: -shift})
		return // what is reviewed may stop runs, whose works wait by the new clock
	}
	m.reviewAll()
}

// timesShifted moves one page of works in engine time, so that their times of the wall
// clock stay as they are.
func (m *Machine) timesShifted(ev shiftTimes, rows record.Rows) {
	for _, w := range m.given {
		if w.State.Finished() || w.Seq <= ev.after || w.Seq > rows.Last || !onWallClock(m.specOf(w.Spec).Phone.Kind) {
			continue
		}
		m.leave(w)
		if w.LastEnqueue != record.NotEnqueued {
			if w.LastEnqueue += ev.by; w.LastEnqueue == record.NotEnqueued {
				w.LastEnqueue-- // that is no time
			}
		}
		if w.Override != record.Never {
			w.Override += ev.by
		}
		if w.State != work.Enqueued {
			m.write(w, true)
			continue
		}
		sp, due := m.specOf(w.Spec), w.Due
		if m.place(sp, w); w.Due != due {
			m.logWork(record.EntryUpdated, w, "the clock was set")
		}
		m.write(w, true)
		m.join(sp, w)
	}
	if !rows.End {
		m.out.Then = append(m.out.Then, shiftTimes{ev.by, rows.Last})
		return
	}
	m.reviewAll()
}

// onWallClock reports whether what is asked for on a phone waits for a time of the wall
// clock: not messages, timers and whatever else counts from now.
func onWallClock(k work.Kind) bool {
	return k == work.KindWork || k == work.KindAlarm || k == work.KindNotification
}

// setZone takes in a zone's table; calendar works of the zone get new times.
func (m *Machine) setZone(z record.Zone) {
	old, had := m.zones[z.Name]
	if err := m.readZone(z); err != nil {
		m.out.Reply.Err = &work.Error{Op: "time zone", Task: z.Name, Err: err}
		return
	}
	m.out.Tx.Zones = append(m.out.Tx.Zones, z)
	m.reviewAll()
	if now := m.zones[z.Name]; had && (old.Initial != now.Initial || !slices.Equal(old.Transitions, now.Transitions)) {
		m.rescheduleAll(false)
	}
}

// missed passes over the calendar times that nobody was there for, in schedules
// that ask for it.
func (m *Machine) missed() { m.rescheduleAll(true) }

// rescheduleAll looks at the times of calendar works again. Until the engine
// dispatches it does nothing: Recover does all of it.
func (m *Machine) rescheduleAll(missedOnly bool) {
	if !m.dispatching {
		return
	}
	for _, sp := range m.specs {
		if sp.Cron != "" && (!missedOnly || sp.Missed == work.MissedSkip) {
			g := &sp.lanes[record.LaneCalendar]
			m.out.Then = append(m.out.Then, reschedule{group: g.id(), after: record.Key{Due: minTime}})
		}
	}
}

// isPast reports whether a calendar time has passed that is not to be made up for.
func (m *Machine) isPast(sp *spec, w *record.Work) bool {
	return sp.Missed == work.MissedSkip && w.Lane == record.LaneCalendar && w.Due <= m.wall(m.now)-record.SkippedAfter
}

// passOver lets a work that was taken out of its group wait for its next time, if
// the one that it could be started for now has passed while it was held.
func (m *Machine) passOver(w *record.Work) bool {
	sp := m.specOf(w.Spec)
	if !m.isPast(sp, w) {
		return false
	}
	m.place(sp, w)
	m.logWork(record.EntrySkipped, w, "")
	m.write(w, true)
	m.join(sp, w)
	return true
}

// passOverAll is passOver for all that the platform has held for too long.
func (m *Machine) passOverAll() {
	for _, g := range m.filled {
		for g.lane == record.LaneCalendar && len(g.head) > 0 && m.isPast(g.sp, g.head[0]) {
			m.passOver(m.take(g))
		}
	}
}

const (
	hour = 3600 * 1_000_000 // µs
	// A served time further ahead of the clock than this was served by a clock that
	// was wrong: no zone is ahead of another by more than 26 h.
	farAhead = 26 * hour
)

// rescheduled recomputes one page of a calendar group. What is due stays due,
// unless its time has passed and is not to be made up for.
func (m *Machine) rescheduled(ev reschedule, rows record.Rows) {
	sp := m.specOf(ev.group.Spec)
	wall := m.wall(m.now)
	last := lastKey(m.given, ev.after)
	for _, w := range m.given {
		past := m.isPast(sp, w)
		if w.Due <= wall && !past {
			continue
		}
		m.leave(w)
		due, occurrence := w.Due, w.Occurrence
		from := wall
		if w.Periods == 0 { // times count from the end of its delay
			from = max(from, m.wall(addTime(w.LastEnqueue, w.InitialDelay)))
		}
		if w.Occurrence > from+farAhead {
			w.Occurrence = from
		}
		m.place(sp, w)
		switch {
		case past:
			m.logWork(record.EntrySkipped, w, "")
		case w.Due != due:
			m.logWork(record.EntryUpdated, w, "clock or time zone changed")
		}
		if w.Due != due || w.Occurrence != occurrence {
			m.write(w, true)
		}
		m.join(sp, w)
	}
	if !rows.End {
		m.out.Then = append(m.out.Then, reschedule{group: ev.group, after: last})
	}
}

// setTasks takes in which tasks can be started.
func (m *Machine) setTasks(tasks []record.TaskRow) {
	m.tasks, m.likings = slices.Clone(tasks), nil
	if m.tasks == nil {
		m.tasks = []record.TaskRow{}
	}
	slices.SortFunc(m.tasks, func(a, b record.TaskRow) int { return strings.Compare(a.Name, b.Name) })
	m.out.Tx.Tasks = m.tasks
	m.reviewAll()
}
