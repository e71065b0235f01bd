// Package population simulates many phones with one app, and adds up what came of its
// tasks: by platform and by the kind of person that has the phone.
package population

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

const day = 24 * 3600 * 1_000_000 // µs

// Defaults of a Config.
const (
	DefaultDevices = 1000
	DefaultDays    = 14
	DefaultSettle  = 28 // the reach of what a phone learns of its user (policy/ios, predictor days)
)

// Config is a population and how long it is looked at.
type Config struct {
	Plan      *plan.Plan
	Platforms []string // of scenario: android, ios
	Devices   int      // on each platform; 0: DefaultDevices
	Only      []int    // of the devices, these; nil: all
	Days      int      // that are counted; 0: DefaultDays
	Settle    int      // days before, in which phones get to know their users; negative: none, 0: DefaultSettle
	// Whole makes the app have works from the first day on. Else it has none in the days
	// before of which nothing is left when counting begins, see [Config.join].
	Whole   bool
	Seed    uint64
	Mix     *world.Mix // nil: world.DefaultMix
	Workers int        // 0: one for each processor. What comes out does not depend on it
	Set     Overrides
	Pasts   *Pasts // where to keep what happens to phones; nil: it is made up anew
	// Progress is called now and then with how many phones are done, of how many.
	Progress func(done, of int)
}

// Overrides are other values for parameters of the platforms, by their names.
type Overrides struct {
	IOS     []Override
	Android []Override
	Version string // of Android; "": the newest
	scaled  []scaled
}

// Override is another value for a parameter.
type Override = platform.Setting

// Result is what came of a population.
type Result struct {
	Config Config
	Groups []Group // by platform, then in the mix's order; no devices: left out
	Phones []Phone // by platform, the first ones each for itself
	Events int64
}

// Group is what came of the phones of one platform and one kind of person.
type Group struct {
	Platform  string
	Archetype string
	Tally     phone.Tally
}

func (c *Config) defaults() {
	if c.Devices == 0 {
		c.Devices = DefaultDevices
	}
	if c.Days == 0 {
		c.Days = DefaultDays
	}
	switch {
	case c.Settle == 0:
		c.Settle = DefaultSettle
	case c.Settle < 0:
		c.Settle = 0
	}
	if c.Mix == nil {
		m := world.DefaultMix()
		c.Mix = &m
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
}

// phones is how many are simulated on each platform.
func (c *Config) phones() int {
	if c.Only != nil {
		return len(c.Only)
	}
	return c.Devices
}

// Run simulates a population.
func Run(ctx context.Context, c Config) (*Result, error) {
	c.defaults()
	r := &Result{Config: c}
	stages := make([]*stage, len(c.Platforms))
	for i, platform := range c.Platforms { // what is wrong with one is known before another takes minutes
		var err error
		if stages[i], err = newStage(&c, platform); err != nil {
			return nil, err
		}
	}
	sums, phones, err := simulate(ctx, &c, stages)
	if err != nil {
		return nil, err
	}
	for k := range stages {
		for _, g := range sums[k] {
			if g.Tally.Devices > 0 {
				r.Groups = append(r.Groups, g)
				r.Events += g.Tally.Events
			}
		}
		r.Phones = append(r.Phones, phones[k]...)
	}
	return r, nil
}

// simulate simulates all phones, and returns what came of them by platform. Phone n is the
// same whoever simulates it, and tallies can be added in any order.
func simulate(ctx context.Context, c *Config, stages []*stage) ([][]Group, [][]Phone, error) {
	var wg sync.WaitGroup
	var next, done atomic.Int64
	sums := make([][][]Group, c.Workers)
	errs := make([]error, c.Workers)
	phones := make([][]Phone, len(stages))
	for i := range phones {
		phones[i] = make([]Phone, min(c.phones(), mostPhones))
	}
	for k := range c.Workers {
		wg.Go(func() {
			var workers []*worker
			workers, errs[k] = workersOf(c, stages)
			for _, s := range stages {
				sums[k] = append(sums[k], s.groups())
			}
			for errs[k] == nil && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= c.phones() {
					return
				}
				n := i
				if c.Only != nil {
					n = c.Only[i]
				}
				for p, w := range workers {
					one, err := w.phone(n, nil, sums[k][p])
					if err != nil {
						errs[k] = err
						return
					}
					if i < len(phones[p]) {
						phones[p][i] = one
					}
					if d := done.Add(1); c.Progress != nil && d%64 == 0 {
						c.Progress(int(d), c.phones()*len(stages))
					}
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	out := make([][]Group, len(stages))
	for p, s := range stages {
		out[p] = s.groups()
		for k := range sums {
			for i := range out[p] {
				out[p][i].Tally.Merge(&sums[k][p][i].Tally)
			}
		}
	}
	return out, phones, nil
}

// stage is what all phones of one platform share. Nothing changes it.
type stage struct {
	c        *Config
	platform string
	tasks    []app.Task
	kinds    []string
	make     func() (maker, error)
}

// maker makes the platform of one phone after the other.
type maker func(m world.Member) (core.Platform, error)

func newStage(c *Config, platform string) (*stage, error) {
	s := &stage{c: c, platform: platform, tasks: scenario.Tasks(c.Plan, platform)}
	for _, p := range c.Mix.People {
		s.kinds = append(s.kinds, p.Of.Name)
	}
	switch platform {
	case scenario.IOS:
		s.make = func() (maker, error) { return iosMaker(c) }
	case scenario.Android:
		s.make = func() (maker, error) { return androidMaker(c) }
	default:
		return nil, &SettingError{Err: fmt.Errorf("unknown platform %q: use android or ios", platform)}
	}
	if _, err := s.make(); err != nil {
		return nil, &SettingError{Err: err}
	}
	return s, nil
}

// SettingError is a mistake in what was asked for.
type SettingError = platform.SettingError

func (s *stage) groups() []Group {
	out := make([]Group, len(s.kinds))
	for i, k := range s.kinds {
		out[i] = Group{Platform: s.platform, Archetype: k}
	}
	return out
}

// worker simulates one phone of a platform after the other.
type worker struct {
	*stage
	make maker
	past func(c world.Config, known int64) (world.Tape, *world.Device)
	room phone.Room
	one  phone.Tally // of the phone that is simulated
}

// workersOf returns a worker of each stage. They take turns.
func workersOf(c *Config, stages []*stage) ([]*worker, error) {
	var out []*worker
	past := new(past).of
	if c.Pasts != nil {
		past = c.Pasts.of
	}
	for _, s := range stages {
		m, err := s.make()
		if err != nil {
			return nil, err
		}
		out = append(out, &worker{stage: s, make: m, past: past})
	}
	return out, nil
}

func (s *stage) worker() (*worker, error) {
	w, err := workersOf(s.c, []*stage{s})
	if err != nil {
		return nil, err
	}
	return w[0], nil
}

// streams of a device's seed.
const (
	forApp = 100 + iota
	forPlatform
)

// phone simulates phone n, adds it to the group of its user, and returns it by itself.
func (w *worker) phone(n int, journal func([]byte), into []Group) (Phone, error) {
	who := w.c.Mix.Member(w.c.Seed, n)
	config, err := w.config(who)
	if err != nil {
		return Phone{}, err
	}
	config.Journal, config.Room = journal, &w.room
	p := phone.New(config)
	w.one.Reset()
	if err := p.Run(&w.one); err != nil {
		return Phone{}, fmt.Errorf("%s phone %d: %w", w.platform, n, err)
	}
	for i := range into {
		if into[i].Archetype == who.Of.Name {
			into[i].Tally.Merge(&w.one)
			return w.apart(n, who), nil
		}
	}
	return Phone{}, fmt.Errorf("phone %d is of no kind of the mix", n)
}

// config is what the phone of a member is made of.
func (w *worker) config(who world.Member) (phone.Config, error) {
	platform, err := w.make(who)
	if err != nil {
		return phone.Config{}, err
	}
	start := int64(sim.DefaultStart)
	count := start + int64(w.c.Settle)*day
	end := count + int64(w.c.Days)*day
	tape, rest := w.past(world.Config{Of: Seeing(w.c.Plan, w.platform, who.Of), Seed: who.Seed, Start: start, End: end}, count)
	return phone.Config{
		Platform: platform, Tasks: w.tasks, Chance: chance.New(who.Seed).Fork(forApp),
		Source: Events(tape, rest), Start: start, Count: count, End: end, Early: tape.Start(w.join(start, count)),
	}, nil
}

// Seeing is a kind of person who sees the widgets of a plan's app as often as the plan
// says.
func Seeing(p *plan.Plan, platform string, of *world.Archetype) *world.Archetype {
	views := scenario.Views(p)
	if views == 0 || platform != scenario.IOS || views == of.Values[world.WidgetViewsPerDay] {
		return of
	}
	seen := *of
	seen.Values[world.WidgetViewsPerDay] = views
	return &seen
}

// Single returns what the phone of one member of a population is made of. It shares
// nothing with others.
func Single(c Config, platform string, who world.Member) (phone.Config, error) {
	c.defaults()
	s, err := newStage(&c, platform)
	if err != nil {
		return phone.Config{}, err
	}
	w, err := s.worker()
	if err != nil {
		return phone.Config{}, err
	}
	return w.config(who)
}

// One simulates one phone of a population once more, with its journal: it shows the
// very runs that were counted.
func One(c Config, platform string, n int, journal func(lines []byte)) (*Group, error) {
	c.defaults()
	if n < 0 || n >= c.Devices {
		return nil, &SettingError{Err: fmt.Errorf("there is no device %d: they are numbered from 0 to %d", n, c.Devices-1)}
	}
	s, err := newStage(&c, platform)
	if err != nil {
		return nil, err
	}
	w, err := s.worker()
	if err != nil {
		return nil, err
	}
	groups := s.groups()
	if _, err := w.phone(n, journal, groups); err != nil {
		return nil, err
	}
	for i := range groups {
		if groups[i].Tally.Devices > 0 {
			return &groups[i], nil
		}
	}
	return nil, fmt.Errorf("device %d is of no kind of the mix", n)
}

// Counted returns the engine time from which on the phones of a population are counted.
func Counted(c Config) int64 {
	c.defaults()
	return int64(sim.DefaultStart) + int64(c.Settle)*day
}
