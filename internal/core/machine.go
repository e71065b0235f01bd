package core

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Machine decides. It holds what is needed for the next decision: running works,
// the first waiting works of each group, and the conditions. It is not safe for
// concurrent use.
type Machine struct {
	policy  Policy
	rules   Rules
	system  *system // of a platform that decides by itself; nil: none
	quiet   bool    // keeps no journal
	passing bool    // nothing is stored

	now       int64
	meta      record.Meta
	facts     record.Facts
	unsettled int64 // when the first fact settles; record.Never: all have
	zones     map[string]calendar.Zone
	tasks     []record.TaskRow // by name; nil: every task can be started
	plan      map[string]*record.PlanTask

	dispatching bool
	closing     bool
	asleep      bool
	owed        int // follow-ups that are not stepped yet

	specs     []*spec // by ID
	specByKey map[string]*spec
	lastSpec  map[string]*spec // by task: what was asked for last
	specByID  map[int64]*spec
	near      [8]*spec // of those, some that were looked for last
	calendar  bool     // one of them has had a calendar schedule

	conds     []*condition // in the order in which they were made
	timed     []*condition // those that time alone may change
	flip      int64        // when the first of them may, unless unread
	unread    bool         // one of them may at another time than before
	condByKey map[string]*condition
	changed   []*condition
	turns     uint64                      // how often one of them that is no spec's has become another
	restored  map[string]record.Condition // as stored; those of givesKey as of now
	slots     *condition
	engine    *condition

	hot     shelf // rows in memory
	runs    book
	orphans map[string][]*run // runs of deleted works, by unique name
	ready   [record.Lanes]heap
	filled  []*group // those with works in memory, and some without; only for platforms

	spare   *record.Spec // that the next request may use
	single  [1]node      // a request of one work
	likings []liking
	needs   []record.Need  // of the last request; only where nothing is stored
	ids     []work.ID      // of the last reply; only where nothing is stored
	old     []*record.Work // of the unique name of this step
	past    []*record.Work // rows to be used again
	idle    []*run         // runs that are over, to be used again; only where nothing is stored

	rows    shelf          // rows of this step that are not hot
	given   []*record.Work // all rows of this step, by seq
	out     Output
	clean   bool        // out holds nothing, and there are no rows of this step
	still   int64       // until then nothing happens by itself but to the platform, see calm
	metaOut record.Meta // what out.Tx.Meta points to
	lines   []byte
	first   int64 // seq of the first journal line of this step
}

// New returns a machine that knows nothing and dispatches nothing yet.
func New(p Policy) *Machine {
	m := &Machine{
		policy: p, rules: p.Rules(), system: newSystem(p),
		meta: record.Meta{NextSeq: 1, Jobs: 1}, facts: record.NewFacts(), unsettled: record.Never,
		zones: map[string]calendar.Zone{}, plan: map[string]*record.PlanTask{},
		specByKey: map[string]*spec{}, lastSpec: map[string]*spec{}, specByID: map[int64]*spec{}, condByKey: map[string]*condition{},
		orphans: map[string][]*run{}, unread: true, still: minTime,
	}
	m.makeConditions()
	return m
}

func (m *Machine) makeConditions() {
	m.engine = m.condition(engineKey, func(c *condition) { c.judge = judgeEngine })
	m.slots = m.condition(slotsKey, func(c *condition) { c.judge = judgeSlots })
}

// Restore puts a machine into the state of a store. It decides nothing: what was
// running is still taken to run, until [Recover] says otherwise.
func (m *Machine) Restore(s *record.Snapshot) error {
	quiet, passing := m.quiet, m.passing
	*m = *New(m.policy)
	m.quiet, m.passing = quiet, passing
	m.meta, m.now, m.facts, m.tasks = s.Meta, s.Meta.At, s.Facts, s.Tasks
	settle(&m.facts, m.now)
	m.unsettled = m.settlesAt()
	m.meta.NextSeq, m.meta.Jobs = max(1, m.meta.NextSeq), max(1, m.meta.Jobs)
	m.restored = map[string]record.Condition{}
	for _, c := range s.Conds {
		m.restored[c.Key] = c
	}
	for _, z := range s.Zones {
		if err := m.readZone(z); err != nil {
			return err
		}
	}
	if m.system != nil {
		if err := m.system.Load([]byte(m.restored[PlatformKey].Text)); err != nil {
			return err
		}
	}
	for i := range s.Plan {
		m.plan[s.Plan[i].Name] = &s.Plan[i]
	}
	for _, r := range s.Specs {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		m.addSpec(string(b), r)
	}
	for _, g := range s.Groups {
		if sp := m.specOf(g.Group.Spec); sp != nil && g.Count > 0 {
			lane := &sp.lanes[g.Group.Lane]
			lane.more, lane.cursor = true, record.Key{Due: minTime}
		}
	}
	rows := map[work.ID]*record.Work{}
	for _, w := range s.Running {
		rows[w.ID] = w
	}
	for _, r := range s.Runs {
		m.restoreRun(r, rows[r.Work])
	}
	m.review(m.slots)
	m.engine.since, m.slots.since = m.now, m.now
	if m.meta.Stopped != 0 {
		m.engine.since = m.engineTime(m.meta.Stopped)
	}
	m.changed = m.changed[:0]
	for _, c := range m.conds {
		// Those of the specs were told in the step before the last commit.
		if !c.isTold && len(c.specs) > 0 {
			c.told, c.isTold = c.tells(), true
		}
	}
	return nil
}

const minTime = -1 << 63

func (m *Machine) readZone(z record.Zone) error {
	var t calendar.Zone
	if err := json.Unmarshal(z.Table, &t); err != nil {
		return err
	}
	if err := t.Validate(); err != nil {
		return err
	}
	m.zones[z.Name] = t
	return nil
}

// wall turns engine time into wall time.
func (m *Machine) wall(at int64) int64 { return at + m.meta.Offset }

// Tasks returns what is known of tasks.
func (m *Machine) Tasks() []record.TaskRow { return slices.Clone(m.tasks) }

// Meta returns the engine's own row as of the last step.
func (m *Machine) Meta() record.Meta { return m.meta }

// Rules returns the platform's constants.
func (m *Machine) Rules() Rules { return m.rules }

// ZoneNames lists the zones whose tables were read.
func (m *Machine) ZoneNames() []string { return slices.Sorted(maps.Keys(m.zones)) }

// HasZone reports whether a zone's table was read.
func (m *Machine) HasZone(name string) bool { _, ok := m.zones[name]; return ok }

// Idle reports whether nothing runs, is due or settles: only the future or a
// change outside can bring the next start.
func (m *Machine) Idle() bool {
	if m.runs.len() > 0 || !m.dispatching {
		return m.runs.len() == 0
	}
	for _, c := range m.timed {
		if c.v.Code == work.ReasonSettling && len(c.specs) > 0 {
			return false
		}
	}
	if m.system != nil {
		return !m.system.stirred // what is due is held by the platform
	}
	return m.nextReady() == nil
}

// Runs returns the runs that are not reaped, oldest first.
func (m *Machine) Runs() []record.Run {
	out := make([]record.Run, 0, m.runs.len())
	for _, r := range m.runs.all() {
		out = append(out, r.Run)
	}
	slices.SortFunc(out, func(a, b record.Run) int { return compareRuns(&a, &b) })
	return out
}

func compareRuns(a, b *record.Run) int {
	switch {
	case a.Started != b.Started:
		return sign(a.Started - b.Started)
	case a.Seq != b.Seq:
		return sign(a.Seq - b.Seq)
	}
	return sign(a.Epoch - b.Epoch)
}

func sign(d int64) int {
	switch {
	case d < 0:
		return -1
	case d > 0:
		return 1
	}
	return 0
}

// Step decides what follows from an event at an instant. Rows are those that
// Needs named, as of now.
func (m *Machine) Step(at int64, ev Event, rows record.Rows) *Output {
	if m.system != nil {
		_, m.system.recovers = ev.(Recover)
	}
	m.come(at)
	if len(rows.Works) > 0 {
		m.give(rows.Works)
	}
	m.handle(ev, rows)
	return m.end()
}

func (m *Machine) handle(ev Event, rows record.Rows) {
	switch ev := ev.(type) {
	case Recover:
		m.recover(ev)
	case Enqueue:
		m.out.Reply = m.requested(&ev)
	case chained:
		m.out.Reply = m.requested(&ev.ask)
		m.tellRefused(ev.of)
	case Change:
		m.out.Reply = m.change(ev.Request)
	case Cancel:
		m.out.Reply = m.cancel(ev, rows)
	case cancelMore:
		m.out.Reply = m.cancelPage(ev, rows)
	case FactsRead:
		m.readFacts(ev.Facts)
	case Sensed:
		m.sensed(ev.Sense)
	case ClockSet:
		m.setClock(ev.Offset)
	case ZoneRead:
		m.setZone(ev.Zone)
	case JobsSet:
		m.meta.Jobs = max(1, ev.Jobs)
	case TasksKnown:
		m.setTasks(ev.Tasks)
	case LayersKnown:
		m.setLayers(ev.Layers)
	case PlanRead:
		m.readPlan(ev)
	case Tick:
	case Suspend:
		m.asleep = true
		m.review(m.engine)
	case Woke:
		m.asleep = false
		m.review(m.engine)
		m.missed()
	case Offer:
		m.offered(ev.Work)
	case Progressed:
		m.progressed(ev)
	case BudgetSpent:
		m.budgetSpent(ev)
	case StopRun:
		if r := m.runs.of(ev.Work); r != nil && r.w != nil && r.State != record.Stopping {
			if ev.Reason == work.StopUser {
				m.putOff(r.w)
			}
			m.stopRun(r, ev.Reason, ev.Reason.String())
		} else {
			m.out.Reply.Err = &work.Error{Op: "stop", Task: string(ev.Work), Err: work.ErrNotRunning}
		}
	case Ended:
		m.ended(m.runs.of(ev.Work), &ev)
	case Reaped:
		m.reaped(m.runs.of(ev.Work), ev.Epoch)
	case Shutdown:
		m.shutdown()
	case Prune:
		m.forget(rows.Unused)
		m.out.Tx.Prune = &record.Prune{FinishedBefore: ev.FinishedBefore, JournalBefore: ev.JournalBefore, Limit: 2 * page}
	case refill:
		m.refilled(ev.group, rows)
	case cascade:
		m.cascaded(ev)
	case dropped:
		m.dropped(ev)
	case replant:
		m.replanted(ev)
	case remerge:
		m.remerged(ev)
	case reschedule:
		m.rescheduled(ev, rows)
	case shiftTimes:
		m.timesShifted(ev, rows)
	}
}

func (m *Machine) begin(at int64) {
	if at > m.now {
		m.now = at
	}
	if m.owed > 0 {
		m.owed--
	}
	if !m.clean {
		m.wipe()
	}
	m.clean = false
}

// come begins a step with what time alone has brought by then.
func (m *Machine) come(at int64) {
	m.begin(at)
	if m.now >= m.still || m.system.next <= m.now { // else it has brought nothing
		m.lapse()
	}
}

// wipe forgets what the last step decided, and its rows. It does so field by field: to write
// all of it would cost more than most steps do, and one by one each is a single word.
func (m *Machine) wipe() {
	tx := &m.out.Tx
	tx.Specs = tx.Specs[:0]
	tx.NoSpecs = tx.NoSpecs[:0]
	tx.NoConds = tx.NoConds[:0]
	tx.Works = tx.Works[:0]
	tx.Runs = tx.Runs[:0]
	tx.Reaped = tx.Reaped[:0]
	tx.Conds = tx.Conds[:0]
	tx.Facts = tx.Facts[:0]
	tx.Plan = tx.Plan[:0]
	tx.Zones = tx.Zones[:0]
	m.out.Effects = m.out.Effects[:0]
	m.out.Then = m.out.Then[:0]
	if !m.quiet {
		m.lines, m.first, tx.Journal = m.lines[:0], m.meta.Journal+1, record.Chunk{}
	}
	if !m.passing {
		tx.Meta, tx.Tasks, tx.Hosts, tx.Prune, tx.Inbox = nil, nil, nil, nil, nil
	}
	if r := &m.out.Reply; r.Result != "" || r.Err != nil {
		*r = Reply{}
	}
	if m.rows.used {
		m.rows.empty()
	}
	m.given = nil
	m.clean = true
}

// lapse lets happen what time alone brings by now.
func (m *Machine) lapse() {
	if m.unsettled <= m.now {
		m.out.Tx.Facts = append(m.out.Tx.Facts, settle(&m.facts, m.now)...)
		m.unsettled = m.settlesAt()
		m.reviewAll()
	}
	if m.flip <= m.now {
		for _, c := range m.timed {
			if c.until <= m.now {
				m.review(c)
			}
		}
	}
	// Nobody else has to do with the platform of a machine that keeps no journal.
	if s := m.system; s != nil && (s.next <= m.now || !m.quiet && s.Next() <= m.now) {
		m.tickSystem()
	}
}

// give takes in the rows of this step. Those in memory are the newer ones.
func (m *Machine) give(rows []*record.Work) {
	m.given = rows
	for i, w := range rows {
		if h := m.hot.of(w.ID); h != nil {
			rows[i] = h
		} else {
			m.rows.add(w)
		}
	}
}

// end starts what may start now, and says what was decided.
func (m *Machine) end() *Output {
	s := m.system
	if s == nil {
		m.dispatch()
	} else if s.stirred || s.nextDue <= m.now {
		m.dispatchOffered()
	}
	if m.owed += len(m.out.Then); m.owed == 0 && (len(m.changed) > 0 || !m.slots.met() || !m.slotFree()) {
		// What flips and flips back on the way is nothing to tell, and depends on which
		// works had to be read.
		m.tellConditions()
	}
	if m.meta.At = m.now; !m.quiet {
		m.record()
	}
	if s == nil {
		m.out.Wake = m.wake()
	} else {
		m.out.Wake = m.wakeSystem()
	}
	return &m.out
}

// record adds what is kept of a step besides what it decided.
func (m *Machine) record() {
	if !m.passing {
		m.saveSystem()
		m.metaOut = m.meta
		m.out.Tx.Meta = &m.metaOut
	}
	if m.meta.Journal >= m.first {
		m.out.Tx.Journal = record.Chunk{First: m.first, Last: m.meta.Journal, At: m.now, Lines: m.lines}
	}
}

// row returns a work of this step, hot or brought in.
func (m *Machine) row(id work.ID) *record.Work {
	if w := m.hot.of(id); w != nil {
		return w
	}
	return m.rows.of(id)
}

// write records that a work's row changed.
func (m *Machine) write(w *record.Work, spare bool) {
	m.out.Tx.Works = append(m.out.Tx.Works, record.WorkWrite{Work: w, Spare: spare})
}

// Recycle takes back the row of a work that is over or deleted, and that nobody keeps or
// looks at any more, to be that of another one. It reports false as long as a run of it is
// not reaped: then it is not taken.
func (m *Machine) Recycle(w *record.Work) bool {
	if !m.passing || m.runs.of(w.ID) != nil {
		return false
	}
	m.past = append(m.past, w)
	return true
}

// Dispatching reports whether the machine starts works.
func (m *Machine) Dispatching() bool { return m.dispatching }
