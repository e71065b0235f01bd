package lulltest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/work"
)

const sixTasks = "../examples/mobile/lull.yaml"

// failure returns what a test would fail with.
func failure(f func()) (message string) {
	defer func() {
		if x := recover(); x != nil {
			message = fmt.Sprint(x)
		}
	}()
	f()
	return ""
}

func TestHowStale(t *testing.T) {
	p := Phone{System: IPhone, Person: Person{OpensPerWeek: 2, NoNightCharger: true}}
	life := p.Live(t, 14)
	x := life.Task("refresh")
	if life.Opens == 0 || len(x.Stale) != life.Opens || x.Stale.Max() == 0 || x.Days != 14 || x.Phones != 1 || len(x.Waits) == 0 {
		t.Errorf("%+v", x)
	}
	if x.Stale.Median() > x.Stale.At(90) || x.Stale.At(90) > x.Stale.Max() {
		t.Errorf("%v", x.Stale)
	}
	if s := life.String(); !strings.Contains(s, "refresh: ") || !strings.Contains(s, "waited for "+string(x.Waits[0].Code)) {
		t.Error(s)
	}
	often := Phone{Person: Person{Like: "heavy"}}.Live(t, 14).Task("refresh")
	if often.RunsPerDay() <= x.RunsPerDay() || often.IdleShare() >= x.IdleShare() {
		t.Errorf("used often: %.1f runs a day, %.2f of days without; seldom: %.1f, %.2f", often.RunsPerDay(), often.IdleShare(), x.RunsPerDay(), x.IdleShare())
	}
}

// TestLivesAsSimulated compares with what lull sim counts of the same phone.
func TestLivesAsSimulated(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		for seed := range uint64(3) {
			p := Phone{System: system, Plan: sixTasks, Before: 3, Seed: seed, Vendor: map[System]string{Android: "xiaomi"}[system]}
			life := p.Live(t, 10)
			m, err := p.mix(Person{})
			if err != nil {
				t.Fatal(err)
			}
			m.People[0].Of.Vendor = "xiaomi"
			c, err := p.config(1, 10)
			if err != nil {
				t.Fatal(err)
			}
			c.Mix = m
			g, err := population.One(c, string(system), 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			if life.Opens != int(g.Tally.Opens) || len(life.Tasks) != len(g.Tally.Tasks) || life.Days != 10 {
				t.Errorf("%s %d: %d openings, not %d", system, seed, life.Opens, g.Tally.Opens)
			}
			for i := range life.Tasks {
				same(t, &life.Tasks[i], &g.Tally.Tasks[i])
			}
		}
	}
}

func same(t *testing.T, x *TaskLife, y *phone.TaskTally) {
	t.Helper()
	var refused, first, stale, gaps int64
	for _, r := range y.Refusals {
		refused += r.N
	}
	for _, w := range x.Waits {
		first += w.First.Microseconds()
	}
	for _, d := range x.Stale {
		stale += d.Microseconds()
	}
	for _, d := range x.Gaps {
		gaps += d.Microseconds()
	}
	for _, v := range []struct {
		what      string
		got, want int64
	}{
		{"runs", int64(len(x.Runs)), y.Runs},
		{"runs cut", int64(count(x.Runs, work.Stopped)), y.Cut},
		{"succeeded", int64(count(x.Runs, work.Success)), y.Succeeded},
		{"openings", int64(len(x.Stale)), y.Stale.Count},
		{"sum of ages", stale, y.Stale.Sum},
		{"longest gap", x.Gaps.Max().Microseconds(), y.Longest.Max},
		{"sum of gaps", gaps, 10 * 24 * time.Hour.Microseconds()},
		{"days", int64(x.Days), y.Days},
		{"idle days", int64(x.IdleDays), y.IdleDays},
		{"idle", int64(x.Idle), y.Idle},
		{"asked", int64(x.Asked), y.Asked},
		{"refused", int64(len(x.Refused)), refused},
		{"waited", x.Waited.Microseconds(), y.Waited},
		{"sum of waits", first, y.Waited},
	} {
		if v.got != v.want {
			t.Errorf("%s: %s: %d, not %d", x.Task, v.what, v.got, v.want)
		}
	}
}

func count(runs []PhoneRun, out work.Outcome) int {
	n := 0
	for _, r := range runs {
		// One that began before is ended too, and one at the end is not.
		if r.Outcome == out {
			n++
		}
	}
	return n
}

func TestSameAgain(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		p := Phone{System: system, Plan: sixTasks, Before: 3}
		a, b := p.Live(t, 5), p.Live(t, 5)
		if !reflect.DeepEqual(a, b) || a.Journal == "" {
			t.Errorf("%s: another life of the same phone", system)
		}
		if p.Seed = 1; p.Live(t, 5).Journal == a.Journal {
			t.Errorf("%s: another phone, and the same life", system)
		}
		first, _, _ := strings.Cut(a.Journal, "\n")
		if !strings.Contains(first, `"time":"`+a.From.Format("2006-01-02")) || a.From.Weekday() != time.Thursday {
			t.Errorf("the journal begins with %s, the days on %v", first, a.From)
		}
	}
}

func TestCrowd(t *testing.T) {
	p := Phone{System: Android, Plan: sixTasks, Before: -1, Seed: 7}
	life := p.Crowd(t, 12, 4)
	c, err := p.config(12, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Platforms = []string{"android"}
	r, err := population.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var sum phone.Tally
	for i := range r.Groups {
		sum.Merge(&r.Groups[i].Tally)
	}
	if life.Phones != 12 || life.Opens != int(sum.Opens) {
		t.Errorf("%d phones, %d openings, not %d", life.Phones, life.Opens, sum.Opens)
	}
	for i := range life.Tasks {
		x, y := &life.Tasks[i], &sum.Tasks[i]
		if x.Phones != 12 || x.Days != 48 || len(x.Runs) != int(y.Runs) || len(x.Stale) != int(y.Stale.Count) || x.Idle != int(y.Idle) ||
			x.Waited.Microseconds() != y.Waited || len(x.Waits) != len(y.Waits) {
			t.Errorf("%s: %+v, not %+v", x.Task, x, y)
		}
		if !slices.IsSortedFunc(x.Waits, func(a, b PhoneWait) int { return int(b.First - a.First) }) {
			t.Errorf("%s: %+v", x.Task, x.Waits)
		}
	}
	p = Phone{Before: -1}
	never, always := Person{OpensPerWeek: -1}, Person{OpensPerWeek: 140}
	mostly := always
	mostly.Weight = 9
	few, many := p.Crowd(t, 20, 7, never, always).Opens, p.Crowd(t, 20, 7, never, mostly).Opens
	if p.Person = never; few == 0 || few >= many || p.Crowd(t, 5, 7).Opens > 5 {
		t.Errorf("%d and %d openings", few, many)
	}
}

func TestPerson(t *testing.T) {
	live := func(system System, who Person, tasks ...PhoneTask) *Life {
		return Phone{System: system, Person: who, Tasks: tasks}.Live(t, 28)
	}
	for _, n := range []int{1, 2, 7, 21, 70, 140} {
		life := live(IPhone, Person{OpensPerWeek: n})
		if got := life.Opens; got < n || got > 8*n {
			t.Errorf("%d times a week: %d in 4 weeks", n, got)
		}
	}
	if n := live(IPhone, Person{OpensPerWeek: -1}).Opens; n != 0 {
		t.Errorf("never opened, and opened %d times", n)
	}
	charging := PhoneTask{Name: "clean", Every: 24 * time.Hour, Needs: work.Constraints{Charging: true}}
	at, not := live(IPhone, Person{}, charging).Task("clean"), live(IPhone, Person{NoNightCharger: true}, charging).Task("clean")
	if len(at.Runs) == 0 || len(not.Runs) >= len(at.Runs) {
		t.Errorf("%d runs with a charger at night, %d without", len(at.Runs), len(not.Runs))
	}
	if x := live(IPhone, Person{SwipesAway: true}).Task("refresh"); x.Wait("not_pending") < 7*24*time.Hour {
		t.Errorf("swiped away: %+v", x.Waits)
	}
	if x := live(IPhone, Person{RefreshOff: true}).Task("refresh"); len(x.Runs) != 0 || len(x.Refused) == 0 || x.Idle != 1 || x.IdleShare() != 1 {
		t.Errorf("refresh is off: %d runs, %v", len(x.Runs), x.Refused)
	}
	low := live(IPhone, Person{LowPower: true}).Task("refresh")
	if high := live(IPhone, Person{}).Task("refresh"); low.Wait("low_power_mode") <= high.Wait("low_power_mode") {
		t.Errorf("low power: %+v", low.Waits)
	}
	free := PhoneTask{Needs: work.Constraints{Network: work.Unmetered}}
	if x := live(Android, Person{NoWifi: true}, free).Task("refresh"); len(x.Runs) != 0 || len(x.Waits) == 0 {
		t.Errorf("no Wi-Fi: %d runs, %+v", len(x.Runs), x.Waits)
	}
	if x := live(Android, Person{}, free).Task("refresh"); len(x.Runs) == 0 {
		t.Error("no run on Wi-Fi")
	}
	a, b := live(IPhone, Person{}), live(IPhone, Person{Values: map[string]int64{"launches-per-day": 20_000}})
	if b.Opens <= 2*a.Opens {
		t.Errorf("%d openings, not %d", b.Opens, a.Opens)
	}
}

func TestPhoneTask(t *testing.T) {
	for _, system := range []System{IPhone, Android} {
		life := Phone{System: system, Person: Person{Like: "heavy"}, Tasks: []PhoneTask{
			{},
			{Name: "long", Takes: 2 * time.Minute, Every: 6 * time.Hour},
			{Name: "once", Once: true, Takes: time.Minute},
			{Name: "push", Kind: work.KindPush, PerDay: 5},
			{Name: "silent", Kind: work.KindPush},
			{Name: "fails", Every: 2 * time.Hour, Takes: time.Minute, Fails: 100},
			{Name: "forgets", Every: 2 * time.Hour, Takes: time.Minute, Forgets: 100},
			{Name: "needy", Every: 2 * time.Hour, Needs: work.Constraints{Network: work.Connected, Charging: true, Idle: true, BatteryNotLow: true, StorageNotLow: true}},
		}}.Live(t, 14)
		for _, name := range []string{"refresh", "long", "once", "push", "fails", "forgets", "needy"} {
			if x := life.Task(name); len(x.Runs) == 0 {
				t.Errorf("%s %s: no run: %+v %+v", system, name, x.Waits, x.Refused)
			}
		}
		if x := life.Task("silent"); x.Asked != 0 {
			t.Errorf("%s: %d pushes from nowhere", system, x.Asked)
		}
		if n := life.Task("push").Asked; n < 40 || n > 100 {
			t.Errorf("%s: %d pushes in 14 days", system, n)
		}
		for _, r := range life.Task("refresh").Runs {
			if r.Outcome == work.Success && r.Ended.Sub(r.Began) != 5*time.Second {
				t.Errorf("%s: a run from %v to %v", system, r.Began, r.Ended)
			}
		}
		if n := count(life.Task("fails").Runs, work.Success); n != 0 {
			t.Errorf("%s: %d runs succeed", system, n)
		}
		if n := count(life.Task("forgets").Runs, work.Success); n != 0 {
			t.Errorf("%s: %d runs say that they are done", system, n)
		}
	}
}

func TestPhoneMistakes(t *testing.T) {
	for _, c := range []struct {
		phone Phone
		want  string
	}{
		{Phone{System: "symbian"}, `unknown System "symbian"`},
		{Phone{Vendor: "samsung"}, "only Android phones"},
		{Phone{System: Android, Vendor: "nobody"}, "nobody"},
		{Phone{System: Android, Version: "3"}, "3"},
		{Phone{Set: map[string]string{"no.such": "1"}}, "no.such"},
		{Phone{System: Android, Set: map[string]string{"no.such": "1"}}, "no.such"},
		{Phone{Person: Person{Like: "weakly"}}, "weekly"},
		{Phone{Person: Person{Like: "zzzzzzzzzzz"}}, "few-per-week"},
		{Phone{Person: Person{Values: map[string]int64{"habit-shares": 1}}}, "habit-share"},
		{Phone{Person: Person{Values: map[string]int64{"habit-share": -1}}}, "-1"},
		{Phone{Person: Person{OpensPerWeek: 1e9}}, "at most 3500"},
		{Phone{Person: Person{Weight: -1}}, "cannot be negative"},
		{Phone{Plan: "no/such.yaml"}, "no such file"},
		{Phone{Plan: "tasks:\n  a: {ios: {as: refesh}}\n"}, "Phone.Plan:2"},
		{Phone{Plan: "app: {}\ntasks:\n  a: {android: {as: periodic}, every: 1h}\n"}, "no task of the plan exists on ios"},
		{Phone{Plan: sixTasks, Tasks: []PhoneTask{{}}}, "not both"},
		{Phone{Tasks: []PhoneTask{{}, {}}}, `two tasks are called "refresh"`},
		{Phone{Tasks: []PhoneTask{{Fails: 101}}}, "percent"},
		{Phone{Tasks: []PhoneTask{{Kind: work.KindAlarm}}}, "alarm"},
		{Phone{Tasks: []PhoneTask{{Every: -time.Hour}}}, "-1h"},
		{Phone{Tasks: []PhoneTask{{Name: "no name\n"}}}, "Phone.Tasks:2"},
		{Phone{Before: 5000}, "at most 3650"},
	} {
		for name, f := range map[string]func(){
			"Live": func() { c.phone.Live(nil, 1) }, "Take": func() { c.phone.Take(nil) }, "Crowd": func() { c.phone.Crowd(nil, 2, 1) },
		} {
			if got := failure(f); !strings.Contains(got, c.want) || !strings.HasPrefix(got, "lulltest: ") {
				t.Errorf("%s of %+v: %q, want %q", name, c.phone, got, c.want)
			}
		}
	}
	for want, f := range map[string]func(){
		"0 days: from 1":           func() { Phone{}.Live(nil, 0) },
		"3651 days":                func() { Phone{}.Live(nil, 3651) },
		"0 phones":                 func() { Phone{}.Crowd(nil, 0, 1) },
		`no task "b" here: it has`: func() { Phone{}.Live(nil, 1).Task("b") },
	} {
		if got := failure(f); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// failing is a test that fails.
type failing struct {
	testing.TB
	message string
}

func (f *failing) Helper() {}

func (f *failing) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	panic(f)
}

func TestPhoneFailsItsTest(t *testing.T) {
	f := &failing{TB: t}
	failure(func() { Phone{System: "symbian"}.Live(f, 1) })
	if !strings.HasPrefix(f.message, "lulltest: unknown System") {
		t.Errorf("%q", f.message)
	}
}

func TestDurations(t *testing.T) {
	if d := (Durations{}); d.Median() != 0 || d.Max() != 0 || d.At(90) != 0 {
		t.Error("none")
	}
	d := Durations{3, 1, 2, 5, 4, 10, 9, 8, 7, 6}
	for percent, want := range map[int]time.Duration{-1: 1, 0: 1, 10: 1, 11: 2, 50: 5, 90: 9, 91: 10, 100: 10, 500: 10} {
		if got := d.At(percent); got != want {
			t.Errorf("%d %%: %d, not %d", percent, got, want)
		}
	}
	if d[0] != 3 {
		t.Error("it was sorted in place")
	}
}
