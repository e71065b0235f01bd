package lulltest

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// Handset is a phone in the hands of a test: time passes when the test says so, and
// nothing happens on it that the test does not say, but for the end of runs and for what
// the system and the app do by themselves. It is used by one goroutine.
//
// It is 09:00, on a Monday if Phone.Before is a number of weeks; the phone lies locked and
// still on a table, with 80 % in its battery, on Wi-Fi that is not metered. The app has
// been installed this moment and was never opened, or has been there for Phone.Before days
// and is not in front.
type Handset struct {
	t       testing.TB
	phone   *phone.Phone
	seen    *witness
	names   []string
	kinds   []work.Kind
	journal bytes.Buffer
	lit     bool // the screen
	front   bool // the app
}

// Take puts the phone into the hands of a test. What a plan lets arrive at random
// (submit: {when: arrival}) comes only by Handset.Push and Handset.Ask.
func (p Phone) Take(t testing.TB) *Handset {
	t = orPanic(t)
	t.Helper()
	h := &Handset{t: t}
	h.must(h.open(p))
	return h
}

func (h *Handset) open(p Phone) error {
	m, err := p.mix(p.Person)
	if err != nil {
		return err
	}
	if p.Before == 0 {
		p.Before = -1
	}
	c, err := p.config(1, 1)
	if err != nil {
		return err
	}
	who := p.member(m, 0)
	config, err := population.Single(c, p.system(), who)
	if err != nil {
		return err
	}
	morning := config.Count + (9 * time.Hour).Microseconds()
	if p.Before < 0 {
		config.Start = morning
	}
	of := population.Seeing(c.Plan, p.system(), who.Of)
	var past world.Tape
	if p.Before > 0 {
		past.Record(world.New(world.Config{Of: of, Seed: who.Seed, Start: sim.DefaultStart, End: morning}), morning-sim.DefaultStart)
	}
	config.Source = population.Events(past, nil)
	config.Count, config.End = morning, math.MaxInt64
	p.wait(config.Tasks, true)
	for i := range config.Tasks {
		x := &config.Tasks[i]
		h.names = append(h.names, x.Name)
		h.kinds = append(h.kinds, x.Request.Phone.Kind)
	}
	h.seen = newWitness(&config)
	config.Journal = func(lines []byte) {
		if h.phone.Now() >= morning {
			h.journal.Write(lines)
		}
	}
	h.phone = phone.New(config)
	if err := h.phone.Until(morning); err != nil {
		return err
	}
	return h.lay(leftBy(past))
}

// lay puts the phone onto the table as it was left.
func (h *Handset) lay(left left) error {
	var senses []core.SenseKind
	if left.new {
		h.sense(core.SenseLocalTime, 0)
		h.sense(core.SenseInstalled, 0)
	}
	if left.off {
		senses = append(senses, core.SenseBooted)
	}
	if left.front {
		senses = append(senses, core.SenseAppLeft)
	}
	for _, s := range append(senses, core.SenseScreen, core.SenseMotion) {
		h.sense(s, 0)
	}
	facts := []record.Fact{{Signal: record.BatteryLevel, Value: 80}}
	for _, f := range [][2]string{
		{"charging", "no"},
		{"battery", "not-low"},
		{"storage", "not-low"},
		{"network", "unmetered"},
		{"roaming", "no"},
		{"load", "low"},
		{"power-saver", "no"},
	} {
		more, err := plan.FactsOf(f[0], f[1])
		if err != nil {
			return err
		}
		facts = append(facts, more...)
	}
	return h.phone.Happen(facts, core.Sense{})
}

// Now returns what the clock at home shows; UTC stands for its time zone.
func (h *Handset) Now() time.Time { return instant(h.phone.Now()) }

// Advance lets time pass and what is due in it happen. A negative time is an error.
func (h *Handset) Advance(by time.Duration) {
	h.t.Helper()
	if by < 0 {
		h.must(fmt.Errorf("time cannot go back by %v", -by))
	}
	h.must(h.phone.Until(h.phone.Now() + by.Microseconds()))
}

// Open lets the user unlock the phone, if it is locked, and open the app: its process is
// started if need be.
func (h *Handset) Open() {
	h.t.Helper()
	h.Unlock()
	if !h.front {
		h.front = true
		h.sense(core.SenseAppOpened, 0)
	}
}

// Leave lets the user leave the app. Its process goes on in the background.
func (h *Handset) Leave() {
	h.t.Helper()
	if h.front {
		h.front = false
		h.sense(core.SenseAppLeft, 0)
	}
}

// Swipe lets the user leave the app and remove it from the recent ones: on an iPhone
// that is a force quit.
func (h *Handset) Swipe() {
	h.t.Helper()
	h.Leave()
	h.sense(core.SenseAppSwiped, 0)
}

// Kill lets the system end the app's process to get its memory, once the user has left
// the app.
func (h *Handset) Kill() {
	h.t.Helper()
	h.Leave()
	h.sense(core.SenseAppDied, 0)
}

// Unlock lets the user take the phone up and unlock it.
func (h *Handset) Unlock() {
	h.t.Helper()
	if !h.lit {
		h.lit = true
		h.sense(core.SenseMotion, 1)
		h.sense(core.SenseScreen, 1)
		h.sense(core.SenseUnlocked, 0)
	}
}

// Lock lets the user leave the app, switch the screen off and put the phone down.
func (h *Handset) Lock() {
	h.t.Helper()
	h.Leave()
	if h.lit {
		h.lit = false
		h.sense(core.SenseScreen, 0)
		h.sense(core.SenseMotion, 0)
	}
}

// Charge plugs the charger in, or out. The battery is full at once: Android does not call
// it charging before it is nearly full. What it is afterwards is said by Set.
func (h *Handset) Charge(on bool) {
	h.t.Helper()
	if on {
		h.Set("battery-level", "100")
		h.Set("battery", "not-low")
	}
	h.Set("charging", yes(on))
}

// LowPower switches Low Power Mode, or battery saver.
func (h *Handset) LowPower(on bool) {
	h.t.Helper()
	h.Set("power-saver", yes(on))
}

func yes(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

// Set changes signals of the phone, in the words of a plan: Set("network", "metered"),
// Set("network", "none"), Set("battery", "low"), Set("battery-level", "15").
func (h *Handset) Set(key, value string) {
	h.t.Helper()
	facts, err := plan.FactsOf(key, value)
	if err == nil {
		err = h.phone.Happen(facts, core.Sense{})
	}
	h.must(err)
}

// Sense lets something else happen that a phone's system notices: "motion" 1 or 0,
// "refresh" 0 (the user switches Background App Refresh off), "force-stop", "thermal",
// "exempt", "restricted", "notified" ... A wrong name fails the test with the names that
// there are. What has no value takes 0.
func (h *Handset) Sense(name string, value int64) {
	h.t.Helper()
	kind, ok := core.SenseByName(name)
	if !ok || kind == core.SenseFacts {
		var known []string
		for k := core.SenseFacts + 1; k < core.SenseKinds; k++ {
			known = append(known, k.String())
		}
		h.must(fmt.Errorf("nothing that happens is called %q: use one of %s", name, strings.Join(known, ", ")))
	}
	h.sense(kind, value)
}

// Update installs a new version of the app, which ends its process.
func (h *Handset) Update() {
	h.t.Helper()
	h.Leave()
	h.sense(core.SenseUpdated, 0)
}

// Reboot switches the phone off and on, which takes half a minute. It is locked after
// it, and nobody has unlocked it.
func (h *Handset) Reboot() {
	h.t.Helper()
	h.Lock()
	h.sense(core.SenseShutdown, 0)
	h.Advance(30 * time.Second)
	h.sense(core.SenseBooted, 0)
}

// Push lets a push arrive. The test fails if the task is none on this system.
func (h *Handset) Push(task string) {
	h.t.Helper()
	if i := h.task(task); h.kinds[i] != work.KindPush {
		h.must(fmt.Errorf("task %q is no push here, but %q: Ask lets the app ask for it", task, h.kinds[i]))
	}
	h.Ask(task)
}

// Ask lets the app ask for a task now, as it would for something that has arrived. See
// Refused for what comes of it if the system does not take it.
func (h *Handset) Ask(task string) {
	h.t.Helper()
	h.must(h.phone.Ask(h.task(task)))
}

// Why returns everything that keeps a task from running now, in the system's order, with
// what would clear it: of its work that is due first. None: it runs. Where nothing waits
// of a task, the reason is "not_pending".
func (h *Handset) Why(task string) []work.Reason {
	h.t.Helper()
	_, reasons := h.phone.Pending(h.task(task))
	return reasons
}

// Codes returns the codes of Why.
func (h *Handset) Codes(task string) []work.Code {
	h.t.Helper()
	var codes []work.Code
	for _, r := range h.Why(task) {
		codes = append(codes, r.Code)
	}
	return codes
}

// Runs returns the runs of a task since the test has the phone, as they began.
func (h *Handset) Runs(task string) []PhoneRun {
	h.t.Helper()
	return append([]PhoneRun(nil), h.seen.tasks[h.task(task)].runs...)
}

// Refused returns the requests of a task that the system did not take since the test has
// the phone.
func (h *Handset) Refused(task string) []Refusal {
	h.t.Helper()
	return append([]Refusal(nil), h.seen.tasks[h.task(task)].refused...)
}

// Stale returns how old the data of a task is: since its last run that succeeded, or
// since the app was opened, which loads what it shows.
func (h *Handset) Stale(task string) time.Duration {
	h.t.Helper()
	return micros(h.phone.Age(h.task(task)))
}

// Journal returns the run log since the test has the phone, one JSON object a line.
func (h *Handset) Journal() string { return h.journal.String() }

func (h *Handset) task(name string) int {
	h.t.Helper()
	for i, n := range h.names {
		if n == name {
			return i
		}
	}
	h.must(fmt.Errorf("the app has no task %q here: it has %s", name, strings.Join(h.names, ", ")))
	return -1
}

func (h *Handset) sense(k core.SenseKind, value int64) {
	h.t.Helper()
	h.must(h.phone.Happen(nil, core.Sense{Kind: k, Value: value}))
}

func (h *Handset) must(err error) {
	h.t.Helper()
	must(h.t, err)
}

// left is how a phone was left.
type left struct{ new, off, front bool }

// leftBy returns how what happened before the test has the phone leaves it.
func leftBy(past world.Tape) left {
	p := left{new: len(past) == 0}
	for i := range past {
		p.see(past[i].Kind)
	}
	return p
}

func (p *left) see(k core.SenseKind) {
	switch k {
	case core.SenseShutdown:
		p.off, p.front = true, false
	case core.SenseBooted:
		p.off = false
	case core.SenseAppOpened:
		p.front = true
	case core.SenseAppLeft, core.SenseAppSwiped, core.SenseAppDied, core.SenseForceStop, core.SenseUpdated:
		p.front = false
	}
}
