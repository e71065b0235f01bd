package core

import (
	"slices"
	"strconv"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// condition is one shared condition. Works do not hold it: the specs that wait
// for it do, so that its change touches specs and not works.
type condition struct {
	key   string
	judge judge
	kept  bool   // its row is stored: since when it is so cannot be derived
	facts uint16 // by which it is judged, as bits of their signals

	v      Verdict
	until  int64 // engine time at which time alone may change v; Never
	since  int64
	told   told // as last journaled
	isTold bool

	need   Need            // of the device
	window calendar.Window // of hours
	zone   string
	name   string // of a group or task
	words  string // of a group: what is the case while it is busy
	busy   int    // runs of a group

	specs []*spec
}

// judge says how a condition stands now, and until when if time alone may change
// it. It changes nothing: explaining judges too, at times that were not stepped.
type judge func(m *Machine, c *condition) (v Verdict, until int64)

func (c *condition) met() bool { return c.v.State == record.Met }

// told is what the journal tells of a condition.
type told struct {
	state record.CondState
	code  work.Code // the reason that it gives; "": met
}

func (c *condition) tells() told {
	if c.met() {
		return told{state: record.Met}
	}
	return told{c.v.State, c.v.Code}
}

// met reports whether a condition is met now, which is later than its last review
// only when it is explained.
func (m *Machine) met(c *condition) bool {
	if c.until > m.now {
		return c.met()
	}
	v, _ := c.judge(m, c)
	return v.State == record.Met
}

// NeedsOf lists the conditions of the device that constraints stand for. The order
// is WorkManager's order of reporting.
func NeedsOf(n work.Constraints) []Need {
	var out []Need
	for _, x := range []struct {
		on   bool
		need Need
	}{
		{n.Charging, Need{Kind: NeedCharging}},
		{n.BatteryNotLow, Need{Kind: NeedBattery}},
		{n.StorageNotLow, Need{Kind: NeedStorage}},
		{n.Network != work.NoNetwork || n.NetworkRequest != "", Need{Kind: NeedNetwork, Network: n.Network, Request: n.NetworkRequest}},
		{n.Idle, Need{Kind: NeedIdle}},
		{n.LoadLow, Need{Kind: NeedLoad}},
		{n.LowPowerOff, Need{Kind: NeedLowPowerOff}},
	} {
		if x.on {
			out = append(out, x.need)
		}
	}
	return out
}

var needKeys = [...]string{
	NeedNetwork: "network", NeedCharging: "charging", NeedBattery: "battery", NeedStorage: "storage",
	NeedIdle: "idle", NeedLoad: "load", NeedLowPowerOff: "low-power",
}

// keys of conditions that are not the device's.
const (
	slotsKey  = "slots"
	hoursKey  = "hours="
	groupKey  = "group="
	taskKey   = "task="
	engineKey = "engine"
)

// conditionsOf finds or makes the conditions of a spec.
func (m *Machine) conditionsOf(s *record.Spec) []*condition {
	cs := []*condition{m.condition(taskKey+s.Task, func(c *condition) { c.name, c.judge = s.Task, judgeTask })}
	for _, n := range NeedsOf(s.Needs) {
		key := needKeys[n.Kind]
		if n.Kind == NeedNetwork {
			key += "=" + n.Network.String()
			if n.Request != "" {
				key += "+" + n.Request
			}
		}
		cs = append(cs, m.condition(key, func(c *condition) {
			c.need, c.kept, c.facts, c.judge = n, true, needSignals[n.Kind], judgeFacts
		}))
	}
	if b := s.Needs.Between; b != "" {
		cs = append(cs, m.condition(hoursKey+b+"@"+s.Needs.Zone, func(c *condition) {
			// Normalize has parsed it.
			c.window, _ = calendar.ParseWindow(b)
			c.zone, c.kept, c.judge = s.Needs.Zone, true, judgeHours
		}))
	}
	cs = append(cs, m.layerConditions(s.Require)...)
	if s.Group != "" {
		cs = append(cs, m.condition(groupKey+s.Group, func(c *condition) {
			c.name, c.judge, c.words = s.Group, judgeGroup, "another work of group "+strconv.Quote(s.Group)+" runs"
		}))
	}
	return cs
}

// NeedsLoad reports whether some work needs the load to be low.
func (m *Machine) NeedsLoad() bool { return m.condByKey[needKeys[NeedLoad]] != nil }

func (m *Machine) condition(key string, fill func(*condition)) *condition {
	if c, ok := m.condByKey[key]; ok {
		return c
	}
	c := &condition{key: key, since: m.now}
	fill(c)
	c.v, c.until = c.judge(m, c)
	if old, ok := m.restored[key]; ok && old.State == c.v.State {
		c.since, c.told, c.isTold = old.Since, c.tells(), true
	}
	m.condByKey[key] = c
	m.conds = append(m.conds, c)
	if c.kept {
		m.timed = append(m.timed, c)
		m.unread = true
	}
	return c
}

// judgeFacts asks the policy. If what is unmet now would be met once the facts
// have settled, it says when.
func judgeFacts(m *Machine, c *condition) (v Verdict, until int64) {
	v, until = m.policy.Judge(c.need, &m.facts), record.Never
	if m.unsettled == record.Never {
		return v, until
	}
	facts := m.facts
	for _, at := range m.settling() {
		settle(&facts, at)
		w := m.policy.Judge(c.need, &facts)
		if w.State == v.State {
			continue
		}
		until = min(until, at)
		if w.State == record.Met {
			v.State, v.Code = record.Unmet, work.ReasonSettling
			v.Message = w.Message + ", and must stay so for a while"
			v.Fix = "nothing to do: it starts when the condition has held"
			break
		}
	}
	return v, until
}

// settling returns the times at which facts settle, in order.
func (m *Machine) settling() []int64 {
	var times []int64
	for i := range m.facts {
		if at := m.facts[i].Settles; at != 0 {
			times = append(times, at)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// settlesAt is when the first fact settles; record.Never: all have.
func (m *Machine) settlesAt() int64 {
	if times := m.settling(); len(times) > 0 {
		return times[0]
	}
	return record.Never
}

// settle lets the facts take over that are due at an instant, and returns them.
func settle(f *record.Facts, at int64) (changed []record.Fact) {
	for i := range f {
		if x := &f[i]; x.Settles != 0 && x.Settles <= at {
			x.Value, x.Since, x.Settles, x.Next = x.Next, x.Settles, 0, 0
			changed = append(changed, *x)
		}
	}
	return changed
}

func judgeTask(m *Machine, c *condition) (Verdict, int64) {
	v := Verdict{State: record.Met}
	if m.tasks == nil {
		return v, record.Never
	}
	i, known := slices.BinarySearchFunc(m.tasks, c.name, func(t record.TaskRow, n string) int {
		switch {
		case t.Name < n:
			return -1
		case t.Name > n:
			return 1
		}
		return 0
	})
	row := record.TaskRow{Held: string(work.ReasonNoEntryPoint), Note: "no entry point of this name is registered in the program that runs the engine"}
	if known {
		row = m.tasks[i]
	}
	if row.Held == "" {
		return v, record.Never
	}
	fix := "register the task, or give it run: in the plan"
	if work.Code(row.Held) == work.ReasonNotInPlan {
		fix = "put the task back into the plan, or cancel the work"
	}
	return Verdict{State: record.Unmet, Code: work.Code(row.Held), Message: row.Note, Fix: fix}, record.Never
}

func judgeGroup(_ *Machine, c *condition) (Verdict, int64) {
	if c.busy == 0 {
		return Verdict{State: record.Met}, record.Never
	}
	return Verdict{
		Code: work.ReasonGroup, Message: c.words,
		Fix: "wait for it to end, or cancel it",
	}, record.Never
}

func judgeHours(m *Machine, c *condition) (Verdict, int64) {
	z, ok := m.zones[c.zone]
	if !ok {
		return Verdict{
			State: record.NotKnown, Code: work.ReasonUnknown, Message: "time zone " + c.zone + " has not been read",
			Fix: "install the time zone data",
		}, record.Never
	}
	wall := m.wall(m.now)
	until := m.engineTime(c.window.NextChange(z, wall))
	if c.window.Contains(z, wall) {
		return Verdict{State: record.Met, Code: work.ReasonHours, Stop: work.StopDeviceState}, until
	}
	return Verdict{
		Code: work.ReasonHours, Message: "it is outside " + c.window.String() + zoneWords(" (", c.zone, ")"),
		Fix: "wait for its hours, or change between: in the plan", Stop: work.StopDeviceState,
	}, until
}

// zoneWords names a time zone, but not the machine's own.
func zoneWords(before, zone, after string) string {
	if zone == LocalZone {
		return ""
	}
	return before + zone + after
}

// slotFree reports whether one more work may run.
func (m *Machine) slotFree() bool { return m.runs.len() < m.meta.Jobs }

// awake reports whether the engine starts works.
func (m *Machine) awake() bool { return m.dispatching && !m.closing && !m.asleep }

func judgeSlots(m *Machine, _ *condition) (Verdict, int64) {
	if m.slotFree() {
		return Verdict{State: record.Met}, record.Never
	}
	return Verdict{
		Code: work.ReasonSlots, Message: strconv.Itoa(m.runs.len()) + " of " + strconv.Itoa(m.meta.Jobs) + " slots are taken",
		Fix: "wait for a run to end, or allow more at once (--jobs)",
	}, record.Never
}

func judgeEngine(m *Machine, _ *condition) (Verdict, int64) {
	v := Verdict{State: record.Met}
	switch {
	case m.awake():
	case m.closing:
		v = Verdict{Code: work.ReasonShutdown, Message: "the engine is shutting down", Fix: "start it again (lull run)"}
	case m.asleep:
		v = Verdict{Code: work.ReasonAsleep, Message: "the machine is going to sleep", Fix: "wake it"}
	default:
		v = Verdict{Code: work.ReasonEngineDown, Message: "no engine runs on this state", Fix: "start one (lull run PLAN)"}
	}
	return v, record.Never
}

// review judges a condition again. Works wait while it is not met, and runs that
// need it are stopped when it is known to be lost. A signal that cannot be read
// for a while stops nothing.
func (m *Machine) review(c *condition) {
	was, code := c.v.State, c.v.Code
	v, until := c.judge(m, c)
	if c.until != until {
		c.until, m.unread = until, true
	}
	if c.v = v; v.State == was && (v.Code == code || c.met()) {
		return // it tells the same, if in other words
	}
	if len(c.specs) == 0 {
		m.turns++
	}
	for _, sp := range c.specs {
		sp.turns++
	}
	c.since = m.now
	if !m.quiet {
		m.changed = append(m.changed, c)
	}
	if m.system != nil {
		m.system.stirred = true // what it held is to be asked about, or held by another reason
	}
	if c.v.State == was {
		return // it gives another reason, as while it settles
	}
	for _, sp := range c.specs {
		m.turn(sp, was == record.Met, c.met())
	}
	// What settles after it could not be read was never seen to be lost.
	unseen := was == record.NotKnown && c.v.Code == work.ReasonSettling
	if c.v.State == record.Unmet && c.v.Stop != 0 && !unseen && m.runs.len() > 0 {
		m.stopFor(c)
	}
}

// stopFor stops the runs that need a condition which is lost.
func (m *Machine) stopFor(c *condition) {
	runs := m.runs.all()
	slices.SortFunc(runs, func(a, b *run) int { return compareRuns(&a.Run, &b.Run) })
	for _, sp := range c.specs {
		for _, r := range runs {
			if r.sp == sp {
				m.stopRun(r, c.v.Stop, c.v.Message)
			}
		}
	}
}

// reviewAll judges every condition again: after facts, clock or zones changed.
func (m *Machine) reviewAll() {
	for _, c := range m.conds {
		m.review(c)
	}
}

// turn counts a condition of a spec as met or not, and opens or closes the spec.
func (m *Machine) turn(sp *spec, was, is bool) {
	open := sp.unmet == 0
	switch {
	case !was && is:
		sp.unmet--
	case was && !is:
		sp.unmet++
	}
	if m.system == nil && open != (sp.unmet == 0) {
		m.fixLanes(sp)
	}
}

// tellConditions journals the conditions that differ from what was told last.
func (m *Machine) tellConditions() {
	if !m.slots.met() || !m.slotFree() {
		m.review(m.slots)
	}
	if len(m.changed) == 0 {
		return
	}
	for _, c := range m.changed {
		if c.isTold && c.told == c.tells() {
			continue
		}
		c.told, c.isTold = c.tells(), true
		if !m.quiet {
			m.log(record.Entry{Kind: record.EntryCondition, Cond: c.key, Value: stateWords[c.v.State], Code: c.told.code, Text: c.v.Message})
		}
		if c.kept {
			m.out.Tx.Conds = append(m.out.Tx.Conds, record.Condition{Key: c.key, State: c.v.State, Since: c.since, Text: c.v.Message})
		}
	}
	m.changed = m.changed[:0]
}

var stateWords = [...]string{record.Unmet: "unmet", record.Met: "met", record.NotKnown: "unknown"}

// nextFlip returns the next engine time at which a condition may change by time
// alone.
func (m *Machine) nextFlip() int64 {
	if m.unread {
		m.flip, m.unread = record.Never, false
		for _, c := range m.timed {
			m.flip = min(m.flip, c.until)
		}
	}
	return m.flip
}
