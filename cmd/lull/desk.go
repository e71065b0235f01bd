package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// deskFlags are the flags of lull run that make a phone of it.
type deskFlags struct {
	as       string
	world    string
	traceApp string
	seed     uint64
	set      []string
	android  string
}

// host reports whether there is no phone. It refuses flags that only a phone has.
func (f *deskFlags) host(changed func(string) bool) (bool, error) {
	switch f.as {
	case "host":
		for _, name := range []string{"world", "trace-app", "seed", "set", "android"} {
			if changed(name) {
				return false, usage("add --as ios or --as android", "--%s is for a phone", name)
			}
		}
		return true, nil
	case platform.Android, platform.IOS:
		for _, name := range []string{"until-idle", "again"} {
			if changed(name) {
				return false, usage("leave it out: a phone is never done", "--%s has no meaning with --as %s", name, f.as)
			}
		}
		return false, nil
	}
	return false, usage(plan.DidYouMean(f.as, []string{"host", platform.Android, platform.IOS}), "unknown platform %q", f.as)
}

// desk is a phone that stands on a desk: the app of a plan in real time, in a world.
type desk struct {
	out   *display
	plan  *plan.Plan
	setup platform.Setup
	tasks []app.Task
	index map[string]int
	open  func(seed uint64, now, shift int64) *deskWorld
	facts deskFacts
	fresh bool // the state is new

	eng     *lull.Engine
	app     *app.App
	world   *deskWorld
	is      []core.Sense // how the world's past leaves the phone
	later   []arrival
	err     error  // of the last request
	refused string // what was told of it
	calls   chan func(context.Context)
	grace   int64 // µs
	doubts  int64 // engine time until which a run may end the app's process
}

// arrival is a call of the app that is to come.
type arrival struct {
	at   int64
	task int
}

func newDesk(f *deskFlags, p *plan.Plan, out *display) (*desk, error) {
	d := &desk{out: out, plan: p, index: map[string]int{}, calls: make(chan func(context.Context)), facts: deskFacts{told: map[record.Signal]int64{}}}
	var err error
	seeing := func(a *world.Archetype) *world.Archetype { return population.Seeing(p, f.as, a) }
	if d.open, err = checkWorld(f.world, f.traceApp, seeing); err != nil {
		return nil, err
	}
	d.setup = scenario.Setup(p, f.as)
	d.setup.Seed = f.seed
	if f.as == platform.IOS && f.android != "" {
		return nil, usage("leave it out", "--android with --as ios")
	}
	d.setup.Version = f.android
	for _, s := range f.set {
		name, value, ok := strings.Cut(strings.TrimPrefix(s, f.as+"."), "=")
		if !ok {
			return nil, usage("write --set theta0=0.7", "--set: %q is no parameter=value", s)
		}
		d.setup.Set = append(d.setup.Set, platform.Setting{Name: name, Value: value})
	}
	// Whose phone it is hangs on the archetype alone.
	if f.as == platform.Android {
		d.setup.Vendor = d.open(0, 0, 0).vendor
	}
	rules, err := d.setup.Policy()
	if err != nil {
		return nil, setError(err)
	}
	d.grace = rules.Rules().Grace
	if d.tasks = scenario.Tasks(p, f.as); len(d.tasks) == 0 {
		return nil, usage("write what a task is there, as "+f.as+": {as: ...}; see examples/ios/lull.yaml", "%s: no task exists on %s", p.File, platform.Title(f.as))
	}
	for i := range d.tasks {
		d.index[d.tasks[i].Name] = i
	}
	return d, nil
}

// configure makes an engine the phone's.
func (d *desk) configure(cfg *lull.Config) {
	cfg.Phone = lull.Phone{Setup: d.setup, Tasks: map[string]lull.PhoneTask{}, World: d.facts.lay}
	for i := range d.tasks {
		t := &d.tasks[i]
		cfg.Phone.Tasks[t.Name] = lull.PhoneTask{Request: t.Request, Unique: t.Unique}
	}
}

// localShift returns local time minus engine time, µs.
func (d *desk) localShift() int64 {
	now := time.Now()
	_, offset := now.Zone()
	const second = 1_000_000
	return (now.UnixMicro() - d.eng.Now() + int64(offset)*second + second/2) / second * second
}

// attach makes it ready for an engine that is about to run.
func (d *desk) attach(ctx context.Context, eng *lull.Engine) {
	d.eng = eng
	d.app = app.New(d.tasks, chance.New(d.setup.Seed), d)
	now := eng.Now()
	d.world = d.open(d.setup.Seed, now, d.localShift())
	d.is = d.world.skip(now)
	d.facts.name = d.world.name
	d.facts.set(&d.world.facts)
	d.out.note("phone", fmt.Sprintf("%s, world %s; lull app --help lists what may happen to it", d.setup.Words(), d.world.name))
	if !d.fresh {
		d.begin(ctx) // before anything is started: the process of old is not there for it
	}
}

// run lets the phone live until ctx is done: the world, the app, and what the user says.
func (d *desk) run(ctx context.Context, seq int64) {
	select {
	case <-d.eng.Ready():
	case <-ctx.Done():
		return
	}
	entries := make(chan record.Entry)
	go func() {
		defer close(entries)
		for e, err := range d.eng.Watch(ctx, seq) {
			if err != nil {
				d.out.talk("phone: run log: %v", err)
				return
			}
			select {
			case entries <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	if d.fresh {
		d.begin(ctx) // by now the facts are known
	}
	for {
		timer := time.NewTimer(d.wait())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case f := <-d.calls:
			f(ctx)
		case e, ok := <-entries:
			if !ok {
				entries = nil
			}
			d.saw(ctx, &e)
		case <-timer.C:
			d.happen(ctx)
		}
		timer.Stop()
	}
}

// begin tells what the phone is like at first. An app that was there before has lost its
// process.
func (d *desk) begin(ctx context.Context) {
	first := core.SenseAppDied
	if d.fresh {
		first = core.SenseInstalled
	}
	for _, s := range append([]core.Sense{{Kind: core.SenseLocalTime, Value: d.localShift()}, {Kind: first}}, d.is...) {
		d.sense(ctx, s)
	}
}

// longestWait bounds a wait, so that a clock that was set is noticed.
const longestWait = time.Minute

// wait returns how long nothing is due.
func (d *desk) wait() time.Duration {
	at := d.world.due()
	for _, a := range d.later {
		at = min(at, a.at)
	}
	longest := longestWait
	if d.app.Alive && d.eng.Now() < d.doubts {
		longest = time.Second / 4
	}
	return min(longest, max(0, time.Duration(min(at-d.eng.Now(), longest.Microseconds()))*time.Microsecond))
}

// happen lets happen what is due.
func (d *desk) happen(ctx context.Context) {
	d.mourn(ctx)
	now := d.eng.Now()
	for d.world.due() <= now {
		h := d.world.take()
		d.facts.set(&d.world.facts)
		switch {
		case h.facts:
			d.eng.Refresh()
		case h.Kind != core.SenseInstalled:
			d.tell(h.Sense)
			d.sense(ctx, h.Sense)
		}
	}
	due := d.later
	d.later = nil
	for _, a := range due {
		if a.at > now {
			d.later = append(d.later, a)
			continue
		}
		d.app.Arrived(now, a.task)
	}
}

// worlds are what the display tells of a world.
var worlds = map[core.SenseKind]string{
	core.SenseAppOpened: "the user opens the app", core.SenseAppLeft: "the user leaves the app", core.SenseAppSwiped: "the user swipes the app away",
	core.SenseAppDied: "the system ends the app's process", core.SenseAppCrashed: "the app crashes", core.SenseForceStop: "the user stops the app",
	core.SenseUpdated: "the app is updated", core.SenseShutdown: "the phone goes off", core.SenseBooted: "the phone is booted",
}

func (d *desk) tell(s core.Sense) {
	if text := worlds[s.Kind]; text != "" {
		d.out.note("phone", text)
	}
}

// mourn lets the app know that the system has ended its process.
func (d *desk) mourn(ctx context.Context) {
	if !d.app.Alive {
		return
	}
	if alive, known, err := d.eng.AppAlive(ctx); err == nil && known && !alive {
		d.app.Alive, d.app.Front = false, false
		d.out.note("phone", "the app's process has ended")
	}
}

// sense tells the platform what happens, and the app.
func (d *desk) sense(ctx context.Context, s core.Sense) {
	d.mourn(ctx)
	if err := d.eng.Sense(ctx, s); err != nil {
		if ctx.Err() == nil && !errors.Is(err, lull.ErrClosed) {
			d.out.talk("phone: %v", err)
		}
		return
	}
	d.app.Sees(d.eng.Now(), s)
}

// saw lets the app do what it does as runs begin and end.
func (d *desk) saw(ctx context.Context, e *record.Entry) {
	d.mourn(ctx)
	i, ok := d.index[e.Task]
	if !ok {
		return
	}
	switch e.Kind {
	case record.EntryStarted:
		d.app.Begun(d.eng.Now(), i)
	case record.EntryEnded, record.EntryStopping:
		const soon = 2_000_000 // µs, until the run of which nothing is left is reaped
		d.doubts = d.eng.Now() + d.grace + soon
		d.app.Ended(d.eng.Now(), i, e.Outcome)
	}
}

// NewID implements [app.Host].
func (d *desk) NewID() work.ID { return lull.NewID() }

// Later implements [app.Host].
func (d *desk) Later(task int, at int64) { d.later = append(d.later, arrival{at, task}) }

// Ask implements [app.Host].
func (d *desk) Ask(task, _ int, ev core.Enqueue) error {
	q := ev.Nodes[0].Request
	if ev.Unique.Name == "" {
		_, d.err = d.eng.Enqueue(context.Background(), q)
	} else {
		_, d.err = d.eng.EnqueueUnique(context.Background(), ev.Unique, q)
	}
	if d.err != nil {
		text := d.tasks[task].Name + ": " + refusal(d.err)
		if text != d.refused && !errors.Is(d.err, lull.ErrClosed) {
			d.out.note("refused", text)
		}
		d.refused = text
		d.mourn(context.Background()) // what was thrown may have ended it
		return d.err
	}
	d.refused = ""
	return nil
}

// Stands implements [app.Host]. The machine replaces what waits by its like.
func (d *desk) Stands(int, int, int64) bool { return false }

// refusal puts into words why a request was refused.
func refusal(err error) string {
	var no *core.Refusal
	if !errors.As(err, &no) {
		var e *work.Error
		if errors.As(err, &e) {
			return e.Err.Error()
		}
		return err.Error()
	}
	text := no.Name + " (" + no.Text + ")"
	switch {
	case no.Domain != "" && no.Code == 0: // an exception
		text = no.Domain + "." + text
	case no.Domain != "":
		text = fmt.Sprintf("%s %d, %s", no.Domain, no.Code, text)
	}
	if no.Fatal {
		text += "; the system would end the app for it"
	}
	return text
}

// names are the words by which a task may be called: its name and, on iOS, its
// identifier.
func (d *desk) find(word string) (int, error) {
	if i, ok := d.index[word]; ok {
		return i, nil
	}
	var names []string
	for i := range d.tasks {
		t := &d.tasks[i]
		if t.Request.Phone.Identifier == word {
			return i, nil
		}
		names = append(names, t.Name)
	}
	for i := range d.plan.Tasks {
		if d.plan.Tasks[i].Name == word {
			return 0, &work.Error{Op: "app", Task: word, Err: fmt.Errorf("%w: the task does not exist on %s", work.ErrUnknownTask, platform.Title(d.setup.Name)), Hint: "give it " + d.setup.Name + ": in the plan"}
		}
	}
	return 0, &work.Error{Op: "app", Err: fmt.Errorf("%w %q", work.ErrUnknownTask, word), Hint: plan.DidYouMean(word, names)}
}

// modelled reports whether there is nothing to run for a task.
func (d *desk) modelled(task string) bool {
	i := slices.IndexFunc(d.plan.Tasks, func(t plan.Task) bool { return t.Name == task })
	return i < 0 || d.plan.Tasks[i].Modelled
}
