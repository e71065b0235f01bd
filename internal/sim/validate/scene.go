package validate

import (
	"embed"
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

const (
	second int64 = 1_000_000 // µs
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

//go:embed plans
var plans embed.FS

// scene is a world with an app in it: what differs from the default is what the
// conditions of a case state, and the profile that they name.
type scene struct {
	plan     string // of plans
	platform string

	who  string // archetype; default daily
	set  []change
	days int
	// settle is the days before, in which the phone gets to know its user. A fresh
	// install has none, and no day of a script counts as one.
	settle  int
	devices int // default 1

	script *script // in place of who

	android string // version
	vendor  string // default: none, which is AOSP
	values  []population.Override
	profile string // of iOS: an entitlement
}

// change is another value of a parameter of an archetype.
type change struct {
	param world.Param
	value int64
}

// seen is what was seen of one phone. Instants are µs since the first day that counts
// began, at midnight of a Monday.
type seen struct {
	runs    []run
	dropped []run // works that were dropped and had not run
	deep    []phase
	light   []phase
	buckets []phase
}

// run is one run of a task.
type run struct {
	work   work.ID
	task   string
	asked  int64
	at     int64
	took   int64 // -1: it goes on
	out    work.Outcome
	front  bool  // it began while the app was in front
	unlock int64 // when the user unlocked the phone during it; 0: not
}

// phase is something that lasts from an instant until that of the next.
type phase struct {
	at    int64
	state string
}

// play lets a scene happen and returns what was seen of each of its phones.
func (s *scene) play() ([]seen, error) {
	data, err := plans.ReadFile("plans/" + s.plan)
	if err != nil {
		return nil, err
	}
	p, err := plan.Parse(s.plan, data)
	if err != nil {
		return nil, err
	}
	name := s.who
	if name == "" {
		name = "daily"
	}
	who, err := world.ArchetypeByName(name)
	if err != nil {
		return nil, err
	}
	who.Vendor = android.AOSP
	if s.vendor != "" {
		who.Vendor = s.vendor
	}
	for _, c := range s.set {
		who.Values[c.param] = c.value
	}
	c := population.Config{
		Plan: p, Days: s.days, Settle: s.settle, Set: population.Overrides{Android: s.values, Version: s.android},
	}
	for _, p := range ios.Profiles() {
		if p.Name == s.profile {
			for _, v := range p.Set {
				c.Set.IOS = append(c.Set.IOS, population.Override{Name: v[0], Value: v[1]})
			}
		}
	}
	if (s.profile != "") != (len(c.Set.IOS) > 0) {
		return nil, fmt.Errorf("%s: iOS has no profile %q", s.plan, s.profile)
	}
	if s.settle == 0 {
		c.Settle = -1
	}
	mix := world.Mix{People: []world.Share{{Of: who, PPM: 1}}}
	all := make([]seen, max(1, s.devices))
	for n := range all {
		config, err := population.Single(c, s.platform, mix.Member(seed, n))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.plan, err)
		}
		if s, ok := config.Platform.(*android.System); ok {
			s.Watched()
		}
		config.Platform = watched(&watch{Platform: config.Platform, from: config.Count, seen: &all[n]})
		if s.script != nil {
			config.Source = s.script.from(config.Start)
		}
		if err := phone.New(config).Run(new(phone.Tally)); err != nil {
			return nil, fmt.Errorf("%s, phone %d: %w", s.plan, n, err)
		}
	}
	return all, nil
}

// seed is that of all phones.
const seed = 1

// watch stands between a machine and its platform and notes what goes through.
type watch struct {
	core.Platform
	from  int64
	seen  *seen
	last  [3]string
	front bool
}

// living is a platform that knows whether the app's process runs.
type living interface{ Alive() bool }

// watched leaves to a platform that is watched what it knows beyond others.
func watched(w *watch) core.Platform {
	if x, ok := w.Platform.(living); ok {
		return struct {
			*watch
			living
		}{w, x}
	}
	return w
}

// Sense implements [core.Platform].
func (w *watch) Sense(at int64, s core.Sense, f *record.Facts) bool {
	switch s.Kind {
	case core.SenseAppOpened:
		w.front = true
	case core.SenseAppLeft, core.SenseAppSwiped, core.SenseShutdown:
		w.front = false
	case core.SenseUnlocked:
		for i := range w.seen.runs {
			if r := &w.seen.runs[i]; r.took < 0 && r.unlock == 0 {
				r.unlock = at - w.from
			}
		}
	}
	changed := w.Platform.Sense(at, s, f)
	w.look(at)
	return changed
}

// Tick implements [core.Platform].
func (w *watch) Tick(at int64, f *record.Facts) bool {
	changed := w.Platform.Tick(at, f)
	w.look(at)
	return changed
}

// look notes in which states Android is.
func (w *watch) look(at int64) {
	s, ok := w.Platform.(*android.System)
	if !ok || at < w.from {
		return
	}
	for i, x := range [...]struct {
		to    *[]phase
		state string
	}{{&w.seen.deep, s.Doze.Deep.String()}, {&w.seen.light, s.Doze.Light.String()}, {&w.seen.buckets, s.Standby.Bucket.String()}} {
		if x.state != w.last[i] {
			w.last[i] = x.state
			*x.to = append(*x.to, phase{at - w.from, x.state})
		}
	}
}

// Start implements [core.Platform].
func (w *watch) Start(at int64, j core.Job, f *record.Facts) core.Terms {
	t := w.Platform.Start(at, j, f)
	w.look(at)
	if at >= w.from {
		w.seen.runs = append(w.seen.runs, run{
			work: j.Work.ID, task: j.Spec.Task, asked: j.Work.LastEnqueue - w.from, at: at - w.from, took: -1, front: w.front,
		})
	}
	return t
}

// End implements [core.Platform].
func (w *watch) End(at int64, j core.Job, o work.Outcome) {
	w.Platform.End(at, j, o)
	w.look(at)
	for i := len(w.seen.runs) - 1; i >= 0; i-- {
		if r := &w.seen.runs[i]; r.work == j.Work.ID && r.took < 0 {
			r.took, r.out = at-w.from-r.at, o
			return
		}
	}
}

// Gone implements [core.Platform].
func (w *watch) Gone(at int64, j core.Job) {
	w.Platform.Gone(at, j)
	ran := slices.ContainsFunc(w.seen.runs, func(r run) bool { return r.work == j.Work.ID })
	if !ran && at >= w.from {
		w.seen.dropped = append(w.seen.dropped, run{work: j.Work.ID, task: j.Spec.Task, asked: j.Work.LastEnqueue - w.from, at: at - w.from})
	}
}

// script is a list of what happens to a phone. Its instants are µs since the phone's
// start, at midnight of a Monday.
type script struct {
	list []phone.Happening
}

// begin is a phone at noon of life: online over Wi-Fi, well charged and off the
// charger, with the app just installed, opened and left again, and the screen off.
func begin() *script {
	s := new(script)
	s.facts(0, map[record.Signal]int64{
		record.Charging: 0, record.BatteryLevel: 80, record.BatteryLow: 0, record.Connected: 1, record.Validated: 1, record.Metered: 0,
		record.Roaming: 0, record.StorageLow: 0, record.LoadHigh: 0, record.LowPower: 0,
	})
	s.sense(0, core.SenseLocalTime, 0)
	s.sense(0, core.SenseInstalled, 0)
	s.visit(second, 20*second)
	return s
}

func (s *script) facts(at int64, values map[record.Signal]int64) {
	h := phone.Happening{At: at}
	for signal := range record.Signals {
		if v, ok := values[signal]; ok {
			h.Facts = append(h.Facts, record.Fact{Signal: signal, Value: v})
		}
	}
	s.list = append(s.list, h)
}

func (s *script) fact(at int64, signal record.Signal, value int64) {
	s.facts(at, map[record.Signal]int64{signal: value})
}

func (s *script) sense(at int64, k core.SenseKind, value int64) {
	s.list = append(s.list, phone.Happening{At: at, Sense: core.Sense{Kind: k, Value: value}})
}

// visit opens the app for a while.
func (s *script) visit(at, lasts int64) {
	s.sense(at, core.SenseScreen, 1)
	s.sense(at, core.SenseUnlocked, 0)
	s.sense(at+second, core.SenseAppOpened, 0)
	s.sense(at+lasts-second, core.SenseAppLeft, 0)
	s.sense(at+lasts, core.SenseScreen, 0)
}

// glance lights the screen up for a while, and unlocks the phone if so.
func (s *script) glance(at, lasts int64, unlock bool) {
	s.sense(at, core.SenseScreen, 1)
	if unlock {
		s.sense(at, core.SenseUnlocked, 0)
	}
	s.sense(at+lasts, core.SenseScreen, 0)
}

// from returns the script as what happens to a phone that starts at an instant.
func (s *script) from(start int64) phone.Source {
	r := reading(slices.Clone(s.list))
	slices.SortStableFunc(r, func(a, b phone.Happening) int { return int(a.At - b.At) })
	for i := range r {
		r[i].At += start
	}
	return &r
}

type reading []phone.Happening

// Next implements [phone.Source].
func (r *reading) Next() *phone.Happening {
	if len(*r) == 0 {
		return nil
	}
	h := &(*r)[0]
	*r = (*r)[1:]
	return h
}
