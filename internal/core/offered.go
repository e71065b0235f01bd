package core

import (
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// waiting is a work that is due.
type waiting struct {
	w    *record.Work
	g    *group
	due  int64
	mark Mark // as told last to who watches
}

// before reports whether a work is asked about before another: expedited works go first.
func (x *waiting) before(y *waiting) bool {
	if hasty := x.w.Lane == record.LaneExpedited; hasty != (y.w.Lane == record.LaneExpedited) {
		return hasty
	}
	return x.w.Key().Less(y.w.Key())
}

// dispatchOffered starts the works that the platform lets start: it is asked about all
// that are due, in their order, whenever an answer may be new.
func (m *Machine) dispatchOffered() {
	s := m.system
	if !m.dispatching || m.asleep || m.owed > 0 || len(m.out.Then) > 0 {
		return
	}
	if m.calendar {
		if m.passOverAll(); len(m.out.Then) > 0 {
			return
		}
	}
	s.stirred = false
	if !s.listed || m.now >= s.nextDue || m.cutAnew() {
		m.collectDue()
	}
	if s.anew = s.anew || s.marker == nil; s.anew && s.watch != nil {
		s.watch(nil, Mark{}, nil)
	}
	list := s.waiting
	for i := 0; i < len(list); {
		if i = m.firstFree(list, i); i == len(list) {
			break
		}
		if !s.anew {
			s.tellAnew(list[:i])
		}
		m.startDue(list[i].g, list[i].w)
		rest := list[i+1:]
		list = list[:i]
		for _, y := range rest {
			if y.w.State == work.Enqueued && m.hot.has(y.w) { // neither an order nor this start has ended its wait
				list = append(list, y)
			}
		}
	}
	s.waiting, s.anew = list, false
}

// startDue starts a work of a group that is due. The others that are listed still are.
func (m *Machine) startDue(g *group, w *record.Work) {
	s := m.system
	if !m.quiet {
		delete(s.told, w.ID)
	}
	listed := s.listed && !g.cut
	g.drop(w)
	m.fix(g)
	s.listed = listed
	m.start(g.sp, w)
	m.obey()
}

// tellAnew tells who watches of all works of this round that go on to wait: there is one
// that does not.
func (s *system) tellAnew(held []waiting) {
	s.anew = true
	if s.watch == nil {
		return
	}
	s.watch(nil, Mark{}, nil)
	for i := range held {
		s.tell(&held[i])
	}
}

// firstFree finds the first of the works that are due, from one on, that nothing keeps from
// starting, and tells what keeps those before it.
func (m *Machine) firstFree(list []waiting, from int) int {
	s := m.system
	for i := from; i < len(list); i++ {
		x, own := &list[i], uint64(0)
		if m.runs.len() > 0 || x.g.sp.unmet > 0 || m.closing {
			own = m.ownMark(x.g.sp, x.w)
		}
		if s.marker == nil {
			if own == 0 && !m.gated(x) {
				return i
			}
			s.tell(x)
		} else {
			mark := uint64(0)
			if own == 0 || s.watch != nil {
				mark = s.marker.Mark(m.now, Job{Work: x.w, Spec: x.g.sp.Spec, Due: x.due})
			}
			if own|mark == 0 {
				return i
			}
			if s.anew || own != x.mark.own || mark != x.mark.platform {
				x.mark = Mark{own, mark, x.g.sp.ID}
				s.tell(x)
			}
		}
		if !m.quiet {
			m.logHeld(x.w)
		}
		s.full = false
	}
	return len(list)
}

// gated reports whether a platform without marks keeps a due work from starting. One pass
// gives whether it does and, for who watches, by what.
func (m *Machine) gated(x *waiting) bool {
	s, j := m.system, Job{Work: x.w, Spec: x.g.sp.Spec, Due: x.due}
	if s.watch == nil {
		s.held = false
		s.Gates(m.now, j, &m.facts, s.stop)
		return s.held
	}
	s.codes = s.codes[:0]
	s.Gates(m.now, j, &m.facts, s.collect)
	s.full = len(s.codes) > 0
	return s.full
}

// tell tells who watches what holds a work.
func (s *system) tell(x *waiting) {
	if s.watch != nil {
		s.about, s.mark = x.w, x.mark
		s.watch(x.w, x.mark, s.what)
	}
}

// ownMark stands for what of the machine's own keeps a due work from starting; 0: nothing.
func (m *Machine) ownMark(sp *spec, w *record.Work) uint64 {
	mark := uint64(0)
	if m.runs.len() > 0 {
		if m.occupier(w) != nil {
			mark = 2
		}
		if !m.slotFree() {
			mark += 4
		}
	}
	if mark == 0 && sp.unmet == 0 && m.awake() {
		return 0
	}
	return (m.turns+sp.turns)<<3 + mark + 1
}

// collectDue lists the works that are due, in the order in which the platform is asked
// about them, and finds when the next one becomes due. Of many that nothing can let start
// it lists the first only, unless the journal tells of each.
func (m *Machine) collectDue() {
	s := m.system
	s.waiting, s.piles, s.nextDue, s.listed, s.anew = s.waiting[:0], s.piles[:0], record.Never, true, true
	emptied := false
	for _, g := range m.filled {
		if len(g.head) == 0 {
			g.listed, emptied = false, true
			continue
		}
		if due := g.head[0].Due; due > m.now && g.lane != record.LaneCalendar {
			s.nextDue = min(s.nextDue, due)
			continue
		}
		m.listDue(g)
	}
	if emptied {
		m.filled = slices.DeleteFunc(m.filled, func(g *group) bool { return !g.listed })
	}
	for i := 1; i < len(s.waiting); i++ {
		if s.waiting[i].before(&s.waiting[i-1]) {
			slices.SortFunc(s.waiting, func(a, b waiting) int {
				if a.before(&b) {
					return -1
				}
				return 1
			})
			return
		}
	}
}

// listDue lists the works of a group that are due, and finds when the next one will be.
func (m *Machine) listDue(g *group) {
	s := m.system
	n, next := m.dueOf(g.head)
	if s.nextDue = min(s.nextDue, next); n == 0 {
		return
	}
	g.cut = false
	if n > 1 {
		s.piles = append(s.piles, g)
		if g.cut = m.cuts(g); g.cut {
			n = 1
		}
	}
	if g.lane == record.LaneCalendar {
		s.listed = false // the clock may be set
		if g.sp.Missed == work.MissedSkip {
			s.nextDue = min(s.nextDue, m.engineTime(g.head[0].Due)+record.SkippedAfter)
		}
	}
	for _, w := range g.head[:n] {
		s.waiting = append(s.waiting, waiting{w: w, g: g, due: m.dueAt(w)})
	}
}

// cuts reports whether of a group's works that are due the first stands for all.
func (m *Machine) cuts(g *group) bool {
	s := m.system
	return m.quiet && (g.sp.unmet > 0 || s.marker != nil && !s.marker.Free(m.now, g.sp.Phone.Kind))
}

// cutAnew reports whether the works that are due are to be listed because something can
// let start again what nothing could, or the other way round.
func (m *Machine) cutAnew() bool {
	for _, g := range m.system.piles {
		if m.cuts(g) != g.cut {
			return true
		}
	}
	return false
}

// dueOf returns how many works of a group are due, and when the next one will be.
func (m *Machine) dueOf(head []*record.Work) (n int, next int64) {
	if last := head[len(head)-1]; last.Lane != record.LaneCalendar && last.Due <= m.now {
		return len(head), record.Never
	}
	for n < len(head) {
		if due := m.dueAt(head[n]); due > m.now {
			return n, due
		}
		n++
	}
	return n, record.Never
}
