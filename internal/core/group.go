package core

import (
	"encoding/json"
	"math"
	"slices"
	"sort"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// page is how many waiting works of a group are read at once and kept.
const page = 1024

// spec is a set of shared values in memory, with the conditions that its works
// wait for, its runs, and its waiting works by lane.
type spec struct {
	*record.Spec
	key   string // in specByKey
	conds []*condition
	unmet int        // conditions that are not met
	turns uint64     // how often one of them has become another
	group *condition // nil: it is in no group
	once  bool       // a run is the only one of its request, or of its period
	lanes [record.Lanes]group
	expr  calendar.Expr
}

func (sp *spec) zone(m *Machine) calendar.Zone { return m.zones[sp.Zone] }

// group holds the first waiting works of one lane of a spec, in the order of their
// keys. Works with keys up to cursor are here (or parked on a run); if more is
// set, others are in the store only.
type group struct {
	sp     *spec
	lane   record.Lane
	head   []*record.Work
	cursor record.Key
	more   bool
	asked  bool // a refill is under way
	listed bool // it is one of Machine.filled
	cut    bool // of its works that are due only the first is listed
	at     int  // place in its ready heap; -1: not there
}

func (g *group) id() record.Group { return record.Group{Spec: g.sp.ID, Lane: g.lane} }

// intern finds or makes the spec with these values.
func (m *Machine) intern(s *record.Spec) *spec {
	if sp := m.specOf(s.ID); sp != nil && sp.Spec == s {
		return sp
	}
	// Most requests are for what the task asked for last.
	if sp := m.lastSpec[s.Task]; sp != nil && sameSpec(sp.Spec, s) && m.specOf(sp.ID) == sp {
		if s.ID == 0 { // else requests that are like another may have it still
			m.spare = s
		}
		return sp
	}
	sp := m.find(s)
	m.lastSpec[s.Task] = sp
	return sp
}

// specOf finds a spec by its ID; nil: there is none.
func (m *Machine) specOf(id int64) *spec {
	near := &m.near[uint64(id)%uint64(len(m.near))]
	if sp := *near; sp != nil && sp.ID == id {
		return sp
	}
	sp := m.specByID[id]
	*near = sp
	return sp
}

// sameSpec reports whether two specs are equal. Specs with lists are left to the slow
// way.
func sameSpec(a, b *record.Spec) bool {
	return len(a.Require)+len(b.Require)+len(a.Chain)+len(b.Chain) == 0 &&
		a.Task == b.Task && a.Needs == b.Needs && a.Every == b.Every && a.Flex == b.Flex && a.Cron == b.Cron && a.Zone == b.Zone &&
		a.Missed == b.Missed && a.Backoff == b.Backoff && a.Delay == b.Delay && a.Attempts == b.Attempts && a.OnFailure == b.OnFailure &&
		a.Group == b.Group && a.Budget == b.Budget && a.Grace == b.Grace && a.Expedited == b.Expedited && a.DropQuota == b.DropQuota &&
		a.Merger == b.Merger && a.Retention == b.Retention && a.TraceTag == b.TraceTag && a.BackoffStop == b.BackoffStop && a.Phone == b.Phone
}

// find finds or makes the spec with these values by all of them.
func (m *Machine) find(s *record.Spec) *spec {
	b, err := json.Marshal(s)
	if err != nil {
		// Specs hold strings, numbers and checked JSON: they can be marshalled.
		panic("core: spec: " + err.Error())
	}
	if sp, ok := m.specByKey[string(b)]; ok {
		return sp
	}
	m.meta.Spec++
	s.ID = m.meta.Spec
	sp := m.addSpec(string(b), s)
	keys := make([]string, 0, len(sp.conds))
	for _, c := range sp.conds {
		keys = append(keys, c.key)
		if !c.isTold {
			m.changed = append(m.changed, c)
		}
	}
	m.tellConditions()
	skips := ""
	if s.Missed == work.MissedSkip {
		skips = "skip"
	}
	m.log(record.Entry{Kind: record.EntrySpec, Spec: s.ID, Task: s.Task, Text: skips, Conds: keys})
	m.out.Tx.Specs = append(m.out.Tx.Specs, s)
	return sp
}

func (m *Machine) addSpec(key string, s *record.Spec) *spec {
	sp := &spec{Spec: s, key: key, once: m.rules.Consumes || delivered(s.Phone.Kind)}
	if s.Cron != "" {
		// Normalize has parsed it.
		sp.expr, _ = calendar.Parse(s.Cron)
		m.calendar = true
	}
	sp.conds = m.conditionsOf(s)
	for _, c := range sp.conds {
		c.specs = append(c.specs, sp)
		if !c.met() {
			sp.unmet++
		}
	}
	if s.Group != "" {
		sp.group = m.condByKey[groupKey+s.Group]
	}
	for l := range sp.lanes {
		sp.lanes[l] = group{sp: sp, lane: record.Lane(l), at: -1, cursor: record.Key{Due: math.MaxInt64, Seq: math.MaxInt64}}
	}
	m.specByKey[key] = sp
	m.specByID[s.ID] = sp
	m.specs = append(m.specs, sp)
	return sp
}

// forget drops specs that no work refers to, and the conditions that nothing waits for
// without them. One that a run still belongs to stays.
func (m *Machine) forget(ids []int64) {
	busy := map[*spec]bool{}
	for _, r := range m.runs.all() {
		busy[r.sp] = true
	}
	for _, id := range ids {
		sp := m.specOf(id)
		if sp == nil || busy[sp] {
			continue
		}
		delete(m.specByID, id)
		m.near = [len(m.near)]*spec{}
		delete(m.specByKey, sp.key)
		m.out.Tx.NoSpecs = append(m.out.Tx.NoSpecs, id)
	}
	if len(m.out.Tx.NoSpecs) == 0 {
		return
	}
	m.likings = nil
	gone := func(sp *spec) bool { return m.specOf(sp.ID) == nil }
	m.specs = slices.DeleteFunc(m.specs, gone)
	for _, c := range m.conds {
		c.specs = slices.DeleteFunc(c.specs, gone)
		if len(c.specs) > 0 || c == m.engine || c == m.slots {
			continue
		}
		delete(m.condByKey, c.key)
		delete(m.restored, c.key)
		if c.kept {
			m.out.Tx.NoConds = append(m.out.Tx.NoConds, c.key)
		}
	}
	m.changed = slices.DeleteFunc(m.changed, func(c *condition) bool { return m.condByKey[c.key] != c })
	// In the order in which a restart would make them: they are told in this order.
	m.conds, m.timed, m.unread = append(m.conds[:0], m.engine, m.slots), m.timed[:0], true
	listed := map[*condition]bool{}
	for _, sp := range m.specs {
		for _, c := range sp.conds {
			if listed[c] {
				continue
			}
			listed[c] = true
			m.conds = append(m.conds, c)
			if c.kept {
				m.timed = append(m.timed, c)
			}
		}
	}
}

// join puts an ENQUEUED work where it waits: parked on a run that occupies it, in
// its group's head, or nowhere if its place is in the part that is not in memory.
func (m *Machine) join(sp *spec, w *record.Work) {
	m.tellWaiting(sp, w)
	m.hot.add(w)
	m.await(sp, w)
}

// await is join for a work that is in memory, and that the platform knows to wait.
func (m *Machine) await(sp *spec, w *record.Work) {
	if r := m.occupier(w); r != nil {
		r.parked = append(r.parked, w)
		return
	}
	m.enter(sp, w)
}

func (m *Machine) enter(sp *spec, w *record.Work) {
	g := &sp.lanes[w.Lane]
	key := w.Key()
	if g.more && g.cursor.Less(key) {
		m.hot.drop(w.ID)
		m.rows.add(w)
		return
	}
	if n := len(g.head); n == 0 || g.head[n-1].Key().Less(key) {
		g.head = append(g.head, w)
	} else {
		i := sort.Search(n, func(i int) bool { return key.Less(g.head[i].Key()) })
		g.head = slices.Insert(g.head, i, w)
	}
	s := m.system
	later := s != nil && s.listed && w.Lane != record.LaneCalendar && w.Due > m.now
	if len(g.head) > 2*page {
		m.evict(g)
		later = false
	}
	if m.fix(g); later {
		s.listed, s.nextDue = true, min(s.nextDue, w.Due)
	}
}

// evict lets go of all but the first page of a group's works.
func (m *Machine) evict(g *group) {
	for _, w := range g.head[page:] {
		m.hot.drop(w.ID)
	}
	clear(g.head[page:])
	g.head = g.head[:page]
	g.cursor, g.more = g.head[page-1].Key(), true
}

// leave takes a work out of where it waits. It is called before its state, spec,
// lane or due time change.
func (m *Machine) leave(w *record.Work) {
	if !m.hot.has(w) || w.State != work.Enqueued {
		return
	}
	m.hot.drop(w.ID)
	m.part(w)
}

// part is leave for a work whose row stays in memory.
func (m *Machine) part(w *record.Work) {
	for _, r := range m.holders(w) {
		if i := slices.Index(r.parked, w); i >= 0 {
			r.parked = slices.Delete(r.parked, i, i+1)
			return
		}
	}
	if g := &m.specOf(w.Spec).lanes[w.Lane]; g.drop(w) {
		m.fix(g)
	}
}

// drop takes a work out of those in memory, and reports whether it was one of them.
func (g *group) drop(w *record.Work) bool {
	i, last := 0, len(g.head)-1
	if last >= 0 && g.head[0] != w {
		key := w.Key()
		i = sort.Search(last+1, func(i int) bool { return !g.head[i].Key().Less(key) })
	}
	if i > last || g.head[i] != w {
		return false
	}
	if i < last {
		copy(g.head[i:], g.head[i+1:])
	}
	g.head[last] = nil
	g.head = g.head[:last]
	return true
}

// take removes the first work of a group.
func (m *Machine) take(g *group) *record.Work {
	w := g.head[0]
	g.head[0] = nil
	g.head = g.head[1:]
	m.fix(g)
	return w
}

// fix restores a group's place among the ready ones after its head or its
// conditions changed, and asks for more works when it ran out of them.
func (m *Machine) fix(g *group) {
	if m.system != nil {
		m.system.listed = false
		if len(g.head) > 0 && !g.listed {
			g.listed = true
			m.filled = append(m.filled, g)
		}
	}
	if len(g.head) == 0 && g.more && !g.asked && m.dispatching {
		g.asked = true
		m.out.Then = append(m.out.Then, refill{g.id()})
	}
	if m.system == nil {
		m.ready[g.lane].fix(g, g.sp.unmet == 0 && len(g.head) > 0)
	}
}

func (m *Machine) fixLanes(sp *spec) {
	for l := range sp.lanes {
		m.fix(&sp.lanes[l])
	}
}

// refilled takes in the next page of a group.
func (m *Machine) refilled(id record.Group, rows record.Rows) {
	g := &m.specOf(id.Spec).lanes[id.Lane]
	g.asked = false
	g.cursor = lastKey(rows.Works, g.cursor)
	g.more = !rows.End
	if rows.End {
		g.cursor = record.Key{Due: math.MaxInt64, Seq: math.MaxInt64}
	}
	for _, w := range rows.Works {
		if m.hot.of(w.ID) == nil {
			m.join(g.sp, w)
		}
	}
	m.fix(g)
}

// lastKey returns the highest key of the works of a page, which come in the order
// of their seq.
func lastKey(ws []*record.Work, last record.Key) record.Key {
	for _, w := range ws {
		if last.Less(w.Key()) {
			last = w.Key()
		}
	}
	return last
}

// heap orders ready groups by their first key.
type heap []*group

func (h heap) less(i, j int) bool { return h[i].head[0].Key().Less(h[j].head[0].Key()) }

func (h heap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// fix adds, moves or removes a group.
func (h *heap) fix(g *group, in bool) {
	switch {
	case in && g.at < 0:
		g.at = len(*h)
		*h = append(*h, g)
		h.up(g.at)
	case in:
		h.up(g.at)
		h.down(g.at)
	case g.at >= 0:
		i, last := g.at, len(*h)-1
		if i != last {
			h.swap(i, last)
		}
		(*h)[last] = nil
		*h = (*h)[:last]
		g.at = -1
		if i != last {
			h.down(i)
			h.up(i)
		}
	}
}

func (h heap) up(i int) {
	for i > 0 && h.less(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h heap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h.less(c+1, c) {
			c++
		}
		if !h.less(c, i) {
			return
		}
		h.swap(c, i)
		i = c
	}
}
