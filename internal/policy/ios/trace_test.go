package ios

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

const hour = 60 * minute

// person is how somebody uses a phone and an app on it: the archetypes of the model's
// reference run.
type person struct {
	name     string
	launches float64 // a day
	habit    float64 // share of launches at fixed hours
	hours    []float64
	nightly  float64 // probability of a night on the charger
}

var people = []person{
	{"heavy", 20, 0, nil, 0.85},
	{"daily", 3, 0.7, []float64{7.5, 12.5, 21}, 0.85},
	{"few_per_week", 0.5, 0.5, []float64{20}, 0.85},
	{"weekly", 0.14, 0.3, []float64{18}, 0.85},
	{"dormant", 0, 0, nil, 0.85},
}

var profile = [24]float64{
	0.2, 0.1, 0.05, 0.05, 0.05, 0.1, 0.5, 1.2, 1.5, 1.2, 1, 1, 1.3, 1.2, 1, 1, 1.1, 1.3, 1.5, 1.6, 1.8, 1.8, 1.4, 0.7,
}

// luck draws what a person does.
type luck struct{ chance.Stream }

func (l *luck) uniform() float64 { return float64(l.Below(1<<53)) / (1 << 53) }

func (l *luck) exponential() float64 { return -math.Log(1 - l.uniform()) }

func (l *luck) normal() float64 {
	return math.Sqrt(2*l.exponential()) * math.Cos(2*math.Pi*l.uniform())
}

func (l *luck) poisson(mean float64) (n int) {
	for left := math.Exp(-mean); ; n++ {
		if left /= l.uniform(); left > 1 {
			return n
		}
	}
}

// clock draws an hour of the day by the profile.
func (l *luck) clock() float64 {
	total := 0.0
	for _, w := range profile {
		total += w
	}
	x := l.uniform() * total
	for h, w := range profile {
		if x < w {
			return float64(h) + x/w
		}
		x -= w
	}
	return 23.99
}

// happening is one event of a trace.
type happening struct {
	at    int64
	sense core.Sense
	facts [5]int64 // charging, level, connected, metered, low power
}

func (h *happening) tell(f *record.Facts) {
	for i, s := range [...]record.Signal{record.Charging, record.BatteryLevel, record.Connected, record.Metered, record.LowPower} {
		f[s].Value = h.facts[i]
	}
}

type span struct{ from, to int64 }

// trace makes up days of a person's life.
func trace(p person, days int, seed uint64) []happening {
	l := &luck{chance.New(seed)}
	at := func(d int, h float64) int64 { return int64(d)*day + int64(h*float64(hour)) }
	var uses, opens, plugs []span
	for d := range days {
		for range l.poisson(45) {
			t := at(d, l.clock())
			uses = append(uses, span{t, t + int64(l.exponential()*240*second) + second})
		}
		for range l.poisson(p.launches) {
			h := l.clock()
			if l.uniform() < p.habit {
				h = p.hours[l.Below(int64(len(p.hours)))] + l.normal()*0.5
			}
			t := at(d, h)
			opens = append(opens, span{t, t + minute})
			uses = append(uses, span{t, t + minute + second})
		}
		if l.uniform() < p.nightly {
			plugs = append(plugs, span{at(d, 22.75+l.normal()), at(d, 31+l.normal()*0.75)})
		}
		if l.uniform() < 0.35 {
			t := at(d, 9+l.uniform()*10)
			plugs = append(plugs, span{t, t + 40*minute})
		}
	}
	var out []happening
	for _, u := range union(uses) {
		out = append(out, happening{at: u.from, sense: core.Sense{Kind: core.SenseScreen, Value: 1}}, happening{at: u.to, sense: core.Sense{Kind: core.SenseScreen}})
	}
	for _, u := range union(opens) {
		out = append(out, happening{at: u.from + second/2, sense: core.Sense{Kind: core.SenseAppOpened}}, happening{at: u.to, sense: core.Sense{Kind: core.SenseAppLeft}})
	}
	for _, u := range union(plugs) {
		out = append(out, happening{at: u.from, facts: [5]int64{1}, sense: core.Sense{Kind: core.SenseFacts, Value: 1}}, happening{at: u.to, sense: core.Sense{Kind: core.SenseFacts}})
	}
	for t := int64(0); t < int64(days)*day; t += 5 * minute {
		out = append(out, happening{at: t, sense: core.Sense{Kind: core.SenseKinds}})
	}
	slices.SortStableFunc(out, func(a, b happening) int { return int(min(max(a.at-b.at, -1), 1)) })
	return charged(out)
}

func union(in []span) []span {
	slices.SortFunc(in, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	var out []span
	for _, s := range in {
		if s.from < 0 {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// charged lets the battery follow, and tells its level where that changed.
func charged(in []happening) []happening {
	out := in[:0:0]
	level, last := 80.0, int64(0)
	facts := [5]int64{0, 80, 1, 0, 0}
	screen := false
	for _, h := range in {
		took := float64(h.at-last) / float64(hour)
		switch last = h.at; {
		case facts[0] == 1:
			level += 45 * took
		case screen:
			level -= 9 * took
		default:
			level -= 1.2 * took
		}
		level = min(max(level, 1), 100)
		changed := facts[1] != int64(level)
		facts[1] = int64(level)
		switch h.sense.Kind {
		case core.SenseScreen:
			screen = h.sense.Value == 1
		case core.SenseFacts:
			facts[0] = h.sense.Value
		case core.SenseKinds:
			if !changed {
				continue
			}
			h.sense = core.Sense{Kind: core.SenseFacts}
		}
		h.facts = facts
		out = append(out, h)
	}
	return out
}

// app is an app that keeps a refresh and a processing request pending, and a device
// that carries out what its system starts.
type app struct {
	sys   *System
	facts record.Facts
	now   int64
	seq   int64
	jobs  []core.Job
	goes  []going
	ran   []ran
	// held counts the reasons of works that wait and are due, each time one was looked at.
	held  map[work.Code]int
	specs []*record.Spec
	takes int64
	seen  func(at int64, j core.Job, g []core.Gate)
	after func(*happening)     // each of them
	due   func(at int64) int64 // earliest begin of a request; nil: none
}

type going struct {
	j    core.Job
	ends int64
}

type ran struct {
	at   int64
	kind work.Kind
	job  core.Job
	in   Device
	took int64
}

func newApp(t testing.TB, c Config, specs ...*record.Spec) *app {
	s, err := NewSystem(c)
	if err != nil {
		t.Fatal(err)
	}
	return &app{sys: s, facts: record.NewFacts(), held: map[work.Code]int{}, specs: specs, takes: 12 * second}
}

// submit hands a work to the system, if none of its kind waits.
func (a *app) submit(t testing.TB, sp *record.Spec) {
	t.Helper()
	due := a.now
	if a.due != nil {
		due = a.due(a.now)
	}
	for _, j := range a.jobs {
		if j.Spec == sp {
			return
		}
	}
	if j := a.job(sp, due); a.sys.Admit(a.now, j, &a.facts) == nil {
		a.wait(j)
	}
}

func (a *app) job(sp *record.Spec, due int64) core.Job {
	a.seq++
	return core.Job{Work: &record.Work{Seq: a.seq, ID: work.ID("w" + strconv.FormatInt(a.seq, 10)), LastEnqueue: a.now, Due: due}, Spec: sp, Due: due}
}

func (a *app) wait(j core.Job) {
	a.jobs = append(a.jobs, j)
	a.sys.Waiting(a.now, j)
}

// look starts what can start.
func (a *app) look(t testing.TB) {
	a.obey()
	for i := 0; i < len(a.jobs); i++ {
		j := a.jobs[i]
		if j.Due > a.now {
			continue
		}
		var gates []core.Gate
		a.sys.Gates(a.now, j, &a.facts, func(g core.Gate) bool {
			gates = append(gates, g)
			return true
		})
		if a.seen != nil {
			a.seen(a.now, j, gates)
		}
		if len(gates) > 0 {
			a.held[gates[0].Code]++
			continue
		}
		a.jobs = slices.Delete(a.jobs, i, i+1)
		dev := a.sys.Dev
		terms := a.sys.Start(a.now, j, &a.facts)
		takes := a.takes
		if terms.Budget > 0 {
			takes = min(takes, terms.Budget)
		}
		if j.Spec.Phone.Kind == work.KindProcessing {
			takes = terms.Budget
		}
		a.ran = append(a.ran, ran{a.now, j.Spec.Phone.Kind, j, dev, takes})
		a.goes = append(a.goes, going{j, a.now + takes})
		if j.Spec.Phone.Kind == work.KindRefresh || j.Spec.Phone.Kind == work.KindProcessing {
			a.submit(t, j.Spec)
		}
		i = -1
	}
}

// obey carries out orders.
func (a *app) obey() {
	for _, o := range slices.Clone(a.sys.Orders()) {
		a.jobs = slices.DeleteFunc(a.jobs, func(j core.Job) bool { return o.Kind == core.OrderDrop && j.Work.ID == o.Work })
		for i := range a.goes {
			if a.goes[i].j.Work.ID == o.Work {
				a.goes[i].ends = a.now
			}
		}
	}
}

// until lets time pass.
func (a *app) until(t testing.TB, to int64) {
	for {
		next := a.sys.Next()
		for _, g := range a.goes {
			next = min(next, g.ends)
		}
		if next > to {
			return
		}
		a.now = max(a.now, next)
		for i := 0; i < len(a.goes); i++ {
			if g := a.goes[i]; g.ends <= a.now {
				a.goes = slices.Delete(a.goes, i, i+1)
				ended(a.sys, a.now, g.j, work.Success)
				a.look(t)
				i = -1
			}
		}
		if a.sys.Next() <= a.now && a.sys.Tick(a.now, &a.facts) {
			a.look(t)
		}
	}
}

// live lets a trace happen. The app submits what it has not pending whenever it is opened.
func (a *app) live(t testing.TB, events []happening) {
	for i := range events {
		e := &events[i]
		a.until(t, e.at)
		a.now = e.at
		e.tell(&a.facts)
		if a.sys.Sense(e.at, e.sense, &a.facts) {
			a.look(t)
		}
		if e.sense.Kind == core.SenseAppOpened || i == 0 {
			for _, sp := range a.specs {
				a.submit(t, sp)
			}
			a.look(t)
		}
		if a.after != nil {
			a.after(e)
		}
	}
}

func spec(k work.Kind) *record.Spec {
	return &record.Spec{Task: string(k), Phone: work.Traits{Kind: k, Identifier: "com.ex." + string(k)}}
}
