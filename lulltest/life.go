package lulltest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// Life is what came of an app on one phone or many in some days. Times of day are those
// of the phones' home. The days begin at 00:00, on a Monday if Phone.Before is a number of
// weeks.
type Life struct {
	t      testing.TB
	From   time.Time // when the days began; UTC stands for the time at home
	Days   int
	Phones int
	Opens  int // how often the app was opened, on all phones
	Tasks  []TaskLife
	// Journal is the run log of the days, one JSON object a line, as lull log --json has it.
	// A Crowd has none.
	Journal string
}

// TaskLife is what came of one task. Of a Crowd it has what all phones had, one phone
// after the other.
type TaskLife struct {
	Task   string
	Phones int
	Idle   int // of those: without any run

	Runs     []PhoneRun
	Gaps     Durations // without a run: between the begins of two, from the first instant and to the last; in order
	Stale    Durations // the age of the task's data each time the app was opened; in order
	Days     int       // phone-days
	IdleDays int       // of those: without a run

	Asked   int // works that the system has taken
	Refused []Refusal
	// Waits say what kept works that were due from running, the longest first. Each instant
	// is charged to the first thing that held the work, so that they add up to Waited.
	Waits  []PhoneWait
	Waited time.Duration
}

// PhoneRun is one run.
type PhoneRun struct {
	Began   time.Time
	Ended   time.Time    // zero: it goes on
	Outcome work.Outcome // work.Stopped: the system ended it
}

// PhoneWait is how long one reason held a task.
type PhoneWait struct {
	Code  work.Code
	First time.Duration // as the first reason
	Alone time.Duration // as the only one
	// Assumed is true where the reason rests on something that is not published: on values
	// that can be changed by Phone.Set.
	Assumed bool
}

// Refusal is a request that the system did not take.
type Refusal struct {
	At  time.Time
	Err error
}

// Durations are measured one after the other.
type Durations []time.Duration

// At returns the one that so many percent of them do not exceed; 0 if there are none.
func (d Durations) At(percent int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[max(0, min((len(d)*percent+99)/100, len(d))-1)]
}

// Median returns the one in the middle; 0 if there are none.
func (d Durations) Median() time.Duration { return d.At(50) }

// Max returns the longest; 0 if there are none.
func (d Durations) Max() time.Duration { return d.At(100) }

// Task returns what came of a task. The test fails if the app has no such task.
func (l *Life) Task(name string) *TaskLife {
	var known []string
	for i := range l.Tasks {
		if l.Tasks[i].Task == name {
			return &l.Tasks[i]
		}
		known = append(known, l.Tasks[i].Task)
	}
	l.t.Helper()
	must(l.t, fmt.Errorf("the app has no task %q here: it has %s", name, strings.Join(known, ", ")))
	return nil
}

// IdleShare returns the share of days without a run, from 0 to 1.
func (x *TaskLife) IdleShare() float64 { return share(x.IdleDays, x.Days) }

// RunsPerDay returns how often it ran a day, on average.
func (x *TaskLife) RunsPerDay() float64 { return share(len(x.Runs), x.Days) }

func share(n, of int) float64 { return float64(n) / float64(max(1, of)) }

// Wait returns how long a reason held the task, as the first one.
func (x *TaskLife) Wait(code work.Code) time.Duration {
	for _, w := range x.Waits {
		if w.Code == code {
			return w.First
		}
	}
	return 0
}

// String is a short report, for a test that fails.
func (l *Life) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "phones %d, days %d, openings %d\n", l.Phones, l.Days, l.Opens)
	for i := range l.Tasks {
		x := &l.Tasks[i]
		fmt.Fprintf(&b, "%s: %.1f runs/day, days without %.0f %%, longest gap %s; stale at openings: median %s, 90 %% within %s\n",
			x.Task, x.RunsPerDay(), 100*x.IdleShare(), inHours(x.Gaps.Max()), inHours(x.Stale.Median()), inHours(x.Stale.At(90)))
		for _, w := range x.Waits[:min(len(x.Waits), 5)] {
			mark := ""
			if w.Assumed {
				mark = "~"
			}
			fmt.Fprintf(&b, "  waited for %-24s %s%.0f %%\n", w.Code, mark, 100*float64(w.First)/float64(max(1, x.Waited)))
		}
		if n := len(x.Refused); n > 0 {
			fmt.Fprintf(&b, "  refused %d times, at last: %v\n", n, x.Refused[n-1].Err)
		}
	}
	return b.String()
}

// inHours leaves out what nobody asks for: seconds of days.
func inHours(d time.Duration) string {
	if d >= time.Hour {
		d = d.Round(time.Minute)
	}
	return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
}

// Live lets the person live with the phone for some days, from 1 to 3650, and returns
// what came of the app's tasks in them.
func (p Phone) Live(t testing.TB, days int) *Life {
	t = orPanic(t)
	t.Helper()
	if p.Before == 0 {
		p.Before = population.DefaultSettle
	}
	m, err := p.mix(p.Person)
	must(t, err)
	c, err := p.config(1, days)
	must(t, err)
	var journal bytes.Buffer
	lives, err := p.one(&c, m, 0, &journal)
	must(t, err)
	lives.t, lives.Journal = t, journal.String()
	return lives
}

// Crowd lets many people live with such phones, at most 100,000, each with one. They are
// like the people who are given, by their weights; else like Phone.Person; and if nothing
// is said there, the mix of lull sim, which has the unlucky too.
func (p Phone) Crowd(t testing.TB, phones, days int, people ...Person) *Life {
	t = orPanic(t)
	t.Helper()
	if p.Before == 0 {
		p.Before = population.DefaultSettle
	}
	if len(people) == 0 {
		people = []Person{p.Person}
	}
	m, err := p.mix(people...)
	must(t, err)
	if len(people) == 1 && reflect.ValueOf(people[0]).IsZero() {
		*m = world.DefaultMix()
	}
	c, err := p.config(phones, days)
	must(t, err)
	lives, errs := make([]*Life, phones), make([]error, phones)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(phones, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < phones; n = int(next.Add(1)) - 1 {
				lives[n], errs[n] = p.one(&c, m, n, nil)
			}
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	sum := lives[0]
	for _, l := range lives[1:] {
		sum.add(l)
	}
	for i := range sum.Tasks {
		sum.Tasks[i].sort()
	}
	sum.t = t
	return sum
}

// one lets phone n live. The journal may be nil.
func (p Phone) one(c *population.Config, m *world.Mix, n int, journal *bytes.Buffer) (*Life, error) {
	config, err := population.Single(*c, p.system(), p.member(m, n))
	if err != nil {
		return nil, err
	}
	p.wait(config.Tasks, false)
	w := newWitness(&config)
	var x *phone.Phone
	if journal != nil {
		config.Journal = func(lines []byte) {
			if x.Now() >= config.Count {
				journal.Write(lines)
			}
		}
	}
	x = phone.New(config)
	var counted phone.Tally
	if err := x.Run(&counted); err != nil {
		return nil, err
	}
	l := &Life{From: instant(config.Count), Days: c.Days, Phones: 1, Opens: int(counted.Opens)}
	for i := range config.Tasks {
		l.Tasks = append(l.Tasks, w.life(i, &counted.Tasks[i], config.Count, config.End))
	}
	return l, nil
}

// add adds what came of another phone.
func (l *Life) add(o *Life) {
	l.Phones += o.Phones
	l.Opens += o.Opens
	for i := range l.Tasks {
		x, y := &l.Tasks[i], &o.Tasks[i]
		x.Phones += y.Phones
		x.Idle += y.Idle
		x.Runs = append(x.Runs, y.Runs...)
		x.Gaps = append(x.Gaps, y.Gaps...)
		x.Stale = append(x.Stale, y.Stale...)
		x.Days += y.Days
		x.IdleDays += y.IdleDays
		x.Asked += y.Asked
		x.Refused = append(x.Refused, y.Refused...)
		x.Waited += y.Waited
		for _, w := range y.Waits {
			k := slices.IndexFunc(x.Waits, func(v PhoneWait) bool { return v.Code == w.Code })
			if k < 0 {
				x.Waits = append(x.Waits, w)
				continue
			}
			x.Waits[k].First += w.First
			x.Waits[k].Alone += w.Alone
			x.Waits[k].Assumed = x.Waits[k].Assumed || w.Assumed
		}
	}
}

// sort puts the longest wait first.
func (x *TaskLife) sort() {
	slices.SortFunc(x.Waits, func(a, b PhoneWait) int {
		return cmp.Or(cmp.Compare(b.First, a.First), cmp.Compare(a.Code, b.Code))
	})
}
