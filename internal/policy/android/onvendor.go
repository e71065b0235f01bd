package android

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/promise"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// This file is what is promised on the phones of vendors. It has no rules of its own: each
// task is put to the System of each vendor, and what becomes of it there is compared with
// what becomes of it on a phone whose vendor adds nothing.

// OnVendors adds to the promises of tasks what vendors leave of them, each on a device of
// its profile.
func OnVendors(vendors []*Profile, asks []promise.Ask, promises []promise.Promise) {
	var list []*Profile
	plain := make([]*Profile, 0, len(vendors))
	for _, v := range vendors {
		if p := v.bare(); p.values != v.values {
			list, plain = append(list, v), append(plain, p)
		}
	}
	for i := range asks {
		if p := &promises[i]; p.Class != promise.None && len(list) > 0 {
			x := &tried{ask: &asks[i], seq: int64(i + 1)}
			for _, t := range trials() {
				x.try(&t, list, plain)
			}
			x.exempt(list)
			p.Vendors, p.Lesser = x.effects, x.lesser(p.Class)
		}
	}
}

// tried is a task that is tried on the phones of vendors.
type tried struct {
	ask     *promise.Ask
	seq     int64
	effects []promise.Vendor
	classes map[promise.Class][]string
}

// trial is something that happens to a phone, which most vendors let pass.
type trial struct {
	name, when string
	param      Param // that tells how it is known
	user       bool  // it is the user who does it to the app
	timed      bool  // how long it takes is told
	lasts      int64
	happens    []core.Sense // one after the other, a second apart, the app in front before
}

// trials are what vendors are known to act on. The first is shorter than any vendor waits
// for the app to be used.
func trials() []trial {
	left := core.Sense{Kind: core.SenseAppLeft}
	return []trial{
		{name: "screen-off", when: "the screen is off", param: vendorKillOnScreenOff, timed: true, lasts: 20 * hour, happens: []core.Sense{left, {Kind: core.SenseScreen}}},
		{name: "unused", when: "the app is not used", param: vendorSleepAfterUnused, timed: true, lasts: 60 * day, happens: []core.Sense{left}},
		{name: "boot", when: "the phone was booted", param: vendorNoAutostart, lasts: hour, happens: []core.Sense{
			left, {Kind: core.SenseShutdown}, {Kind: core.SenseBooted}, {Kind: core.SenseScreen, Value: 1}, {Kind: core.SenseUnlocked},
		}},
		{name: "swipe", when: "the user swipes the app away", param: vendorKillOnSwipe, user: true, lasts: minute, happens: []core.Sense{left, {Kind: core.SenseAppSwiped}}},
	}
}

// fate is what becomes of a task in a trial.
type fate struct {
	ended   bool // a run that went on was
	held    bool // until the phone is used
	stopped bool // until the app is
	dropped bool
	after   int64
	assumed bool
	clears  string
}

// added are the parameters of what vendors add to Android.
var added = []Param{
	vendorKillOnScreenOff, vendorKillOnSwipe, vendorKillIsForceStop, vendorNoAutostart, vendorSleepAfterUnused, vendorSettingReverts, vendorKillHolds,
}

// bare returns the profile without what its vendor adds.
func (p *Profile) bare() *Profile {
	q, plain := *p, newProfile(table(), p.Version, AOSP)
	for _, x := range added {
		q.values[x], q.tags[x] = plain.values[x], plain.tags[x]
	}
	return &q
}

// try tries a task on the phones of vendors, and on the same without what they add.
func (x *tried) try(t *trial, vendors, plain []*Profile) {
	var last *Profile
	var without fate
	for i, v := range vendors {
		if last == nil || plain[i].values != last.values {
			last, without = plain[i], x.fate(plain[i], t)
		}
		with := x.fate(v, t)
		effect, gets := with.beyond(&without)
		if effect == "" {
			continue
		}
		y := promise.By{Vendor: v.Vendor, Assumed: with.assumed || v.tags[t.param] == "assumed"}
		if t.timed {
			y.After = timeOf(with.after)
		}
		x.add(promise.Vendor{Effect: t.name + "-" + effect, When: t.when, Gets: gets, Clears: with.clears}, y, with.ended && !without.ended)
		if !t.user {
			x.lessen(effect, v.Vendor)
		}
	}
}

// exempt tells of vendors that take back what would spare the app.
func (x *tried) exempt(vendors []*Profile) {
	known := func(v *Profile) bool {
		return slices.ContainsFunc(x.effects, func(e promise.Vendor) bool {
			return slices.ContainsFunc(e.By, func(y promise.By) bool { return y.Vendor == v.Vendor })
		})
	}
	for _, v := range vendors {
		if after, ok := reverts(v); ok && known(v) {
			x.add(promise.Vendor{
				Effect: "exemption-undone", When: "the user exempts the app from battery optimisation", Gets: "the vendor takes it back", Clears: "exempt it again",
			}, promise.By{Vendor: v.Vendor, After: timeOf(after), Assumed: v.tags[vendorSettingReverts] == "assumed"}, false)
		}
	}
}

// beyond names what a fate has that another one has not, and puts it into words.
func (f *fate) beyond(other *fate) (effect, gets string) {
	switch {
	case f.dropped && !other.dropped:
		return "dropped", "it is gone until the app asks for it again"
	case f.stopped && !other.stopped:
		return "stopped", "it waits until the app is opened"
	case f.held && !other.held:
		return "held", "it waits as long as that lasts"
	case f.ended && !other.ended:
		return "ended", ending
	}
	return "", ""
}

const ending = "a run that still goes on is ended"

// add notes what a vendor does, beside others that do the same.
func (x *tried) add(e promise.Vendor, y promise.By, ends bool) {
	e.Source = killer
	i := slices.IndexFunc(x.effects, func(o promise.Vendor) bool { return o.Effect == e.Effect && o.Clears == e.Clears })
	if i < 0 {
		i, x.effects = len(x.effects), append(x.effects, e)
	}
	if o := &x.effects[i]; ends && !strings.Contains(o.Gets, ending) {
		o.Gets += "; " + ending
	}
	by := append(x.effects[i].By, y)
	slices.SortStableFunc(by, func(a, b promise.By) int { return cmp.Compare(a.After, b.After) })
	x.effects[i].By = by
}

// lessen notes that a vendor does so without the user's doing.
func (x *tried) lessen(effect, vendor string) {
	class := promise.Deferred
	if effect == "dropped" {
		class = promise.Opportunistic
	}
	if x.classes == nil {
		x.classes = map[promise.Class][]string{}
	}
	if !slices.Contains(x.classes[class], vendor) {
		x.classes[class] = append(x.classes[class], vendor)
	}
}

// lesser returns what vendors leave of a class: of each the least.
func (x *tried) lesser(class promise.Class) (out []promise.Lesser) {
	all := promise.Classes()
	var told []string
	for i := len(all) - 1; i > slices.Index(all, class); i-- {
		vendors := slices.DeleteFunc(slices.Clone(x.classes[all[i]]), func(v string) bool { return slices.Contains(told, v) })
		if slices.Sort(vendors); len(vendors) > 0 {
			out = append(out, promise.Lesser{Class: all[i], Vendors: vendors})
			told = append(told, vendors...)
		}
	}
	slices.Reverse(out)
	return out
}

// fate tries a task once as it waits and once as it runs.
func (x *tried) fate(p *Profile, t *trial) (f fate) {
	for _, runs := range [...]bool{false, true} {
		s := &stage{System: NewSystem(p, chance.New(1)), facts: promise.Kind(), out: &f, runs: runs}
		var err error
		if s.job, err = promise.Hand(s.System, x.seq, x.ask, true); err != nil {
			return f // it is not there to be tried
		}
		s.job.Due = 0 // nothing but the vendor is to be in the way
		s.play(t)
	}
	return f
}

// stage is a phone on which something is tried.
type stage struct {
	*System
	facts record.Facts
	job   core.Job
	runs  bool
	began int64
	out   *fate
}

// play lets a trial happen, and looks what becomes of the task.
func (s *stage) play(t *trial) {
	s.Waiting(0, s.job)
	if s.runs {
		s.Start(0, s.job, &s.facts)
	}
	at := int64(0)
	for i, x := range t.happens {
		if i > 0 {
			at += second
		}
		s.until(at - 1)
		s.Sense(at, x, &s.facts)
		s.began = at
		s.see(at)
	}
	at += t.lasts
	if s.until(at); s.out.held && !s.runs {
		s.Sense(at, core.Sense{Kind: core.SenseScreen, Value: 1}, &s.facts)
		s.out.stopped = s.vendorHolds(at)
	}
}

// until lets time pass.
func (s *stage) until(to int64) {
	const most = 1000 // ticks at one instant
	at := int64(math.MinInt64)
	for still := 0; still < most; still++ {
		next := s.Next()
		if next > to {
			return
		}
		if next > at {
			at, still = next, 0
		}
		s.Tick(at, &s.facts)
		s.see(at)
	}
}

// see looks what has become of the task.
func (s *stage) see(at int64) {
	f := s.out
	for _, o := range slices.Clone(s.Orders()) {
		switch {
		case o.Kind == core.OrderDrop:
			s.Gone(at, s.job)
			if s.runs || f.dropped {
				continue
			}
			if f.dropped = true; !f.held {
				f.after = at - s.began
			}
		case !s.runs:
		case o.Kind == core.OrderKill && !f.ended:
			if f.ended = true; !f.held && !f.dropped {
				f.after = at - s.began
			}
			fallthrough
		default:
			s.End(at, s.job, work.Stopped)
		}
	}
	if !s.runs && !f.dropped && s.vendorHolds(at) && !f.held {
		f.held, f.after = true, at-s.began
	}
}

// vendorHolds reports whether the vendor keeps the task from starting.
func (s *stage) vendorHolds(at int64) (held bool) {
	s.Gates(at, s.job, &s.facts, func(g core.Gate) bool {
		if held = g.Code == ReasonVendorKilled; held {
			_, s.out.clears = s.Explain(at, s.job, g, &s.facts)
			s.out.assumed = g.Assumed
		}
		return !held
	})
	return held
}

// reverts reports whether a vendor takes back that the user exempts an app, and after
// how long.
func reverts(p *Profile) (after int64, ok bool) {
	s := &stage{System: NewSystem(p, chance.New(1)), facts: promise.Kind()}
	s.Sense(0, core.Sense{Kind: core.SenseAppOpened}, &s.facts)
	s.Sense(0, core.Sense{Kind: core.SenseExempt, Value: 1}, &s.facts)
	for at := s.Next(); at <= 60*day; at = s.Next() {
		if s.Tick(at, &s.facts); !s.App.Exempt {
			return at, true
		}
	}
	return 0, false
}
