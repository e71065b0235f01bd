package android_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

const (
	second = int64(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// maker makes the profiles that a check runs with: another test bends them.
type maker func(version, vendor string) *android.Profile

func checkMinute(tb coretest.TB, profile maker) {
	q, ask := android.NewQuota(profile("16", "")), &android.Ask{Bucket: android.Active}
	for i := range int64(20) {
		if at := hour + i*second; !q.Within(at, ask) {
			tb.Errorf("job %d may not start", i)
		}
		q.Start(hour + i*second)
	}
	for at, want := range map[int64]bool{hour + 20*second: false, hour + minute - 1: false, hour + minute: true} {
		if got := q.Within(at, ask); got != want {
			tb.Errorf("after 20 jobs in a minute, %d µs later, a job may start: %v", at-hour, got)
		}
	}
	q = android.NewQuota(profile("16", ""))
	for i := range int64(20) {
		q.Start(hour + i*second)
		q.End(hour + i*second + 1)
	}
	if u := q.Used(hour+20*second, android.Active); u.Sessions != 1 || u.Jobs != 20 || u.Time != 20 {
		tb.Errorf("20 sessions a second apart count as %+v", u)
	}
	if at, out := q.RegainsAt(hour+20*second, android.Active); !out || at != hour+minute+1 {
		tb.Errorf("after 20 sessions quota comes back at %d, %v", at-hour, out)
	}
}

// A session that goes on counts its jobs and its time, but not itself.
func checkGoingOn(tb coretest.TB, profile maker) {
	q, ask := android.NewQuota(profile("16", "")), &android.Ask{Bucket: android.Restricted}
	for i := range 10 {
		if !q.Within(hour, ask) {
			tb.Errorf("job %d may not start", i)
		}
		q.Start(hour)
	}
	if u := q.Used(hour+minute, android.Restricted); u != (android.Use{Time: minute, Jobs: 10, DayTime: minute}) {
		tb.Errorf("%+v", u)
	}
	if q.Within(hour+minute, ask) {
		tb.Errorf("an 11th job may start")
	}
	if at, out := q.RegainsAt(hour+minute, android.Restricted); !out || at != hour+minute+day {
		tb.Errorf("back at %d, %v", at, out)
	}
	for range 10 {
		q.End(hour + 2*minute)
	}
	q.End(hour + 2*minute) // of a job that did not count
	if u := q.Used(hour+3*minute, android.Restricted); u != (android.Use{Time: 2 * minute, Jobs: 10, Sessions: 1, DayTime: 2 * minute}) {
		tb.Errorf("%+v", u)
	}
	q = android.NewQuota(profile("16", ""))
	q.Start(hour)
	if at, out := q.RegainsAt(hour+10*minute, android.Rare); !out || at != hour+day+30*second {
		tb.Errorf("a job of 10 min: back at %d, %v", at, out)
	}
	if left := q.Lasts(hour+4*minute, android.Rare); left != 6*minute {
		tb.Errorf("a job of 4 min may go on for %d", left)
	}
}

func checkAccount(tb coretest.TB, profile maker) {
	a := android.NewAccount(profile("16", ""))
	state := android.Ask{Bucket: android.Rare}
	set := func(at int64) { a.Set(at, &state) }
	counts := func(at int64, regular, expedited bool) {
		tb.Helper()
		if a.Regular.Free == regular || a.Expedited.Free == expedited {
			tb.Errorf("at %d quota is free: regular %v, expedited %v", at, a.Regular.Free, a.Expedited.Free)
		}
	}
	set(0)
	a.Regular.Start(0)
	a.Expedited.Start(0)
	counts(0, true, true)
	state.Top = true
	set(minute)
	counts(minute, false, false)
	state.Top = false
	set(3 * minute)
	counts(3*minute, true, false)
	if a.Next() != 4*minute || a.Tick(4*minute-1) || !a.Tick(4*minute) {
		tb.Errorf("the grace after the app was in front ends at %d", a.Next())
	}
	counts(4*minute, true, true)
	state.AllowListed = true
	set(5 * minute)
	counts(5*minute, true, false)
	state.AllowListed = false
	set(6 * minute)
	if a.Next() != 9*minute {
		tb.Errorf("the grace after the allow-list ends at %d", a.Next())
	}
	a.Tick(9 * minute)
	counts(9*minute, true, true)
	state.Charging = true
	set(10 * minute)
	counts(10*minute, false, false)
	state.Bucket = android.Restricted
	set(11 * minute)
	counts(11*minute, true, true)
	// Regular jobs cost the minutes 0-1, 3-10 and from 11; expedited ones 0-1, 4-5, 9-10 and from 11, of which
	// 2 min in front pay back 10 s.
	if u := a.Regular.Used(12*minute, android.Restricted); u.Time != 9*minute || u.Jobs != 3 || u.Sessions != 2 {
		tb.Errorf("%+v", u)
	}
	if left := a.Expedited.Remaining(12*minute, android.Restricted); left != minute+10*second {
		tb.Errorf("expedited: %d left", left)
	}
	job := android.Ask{UserInitiated: true}
	top := android.Ask{StartedTop: true}
	if a.Counts(&job) || !a.Counts(&top) || !a.Counts(&android.Ask{}) || android.NewAccount(profile("15", "")).Counts(&top) {
		tb.Errorf("what is subject to quota")
	}
	a.Reset()
	if u := a.Regular.Used(12*minute, android.Rare); u != (android.Use{}) || a.Expedited.Remaining(12*minute, android.Rare) != 10*minute {
		tb.Errorf("after a reset: %+v", u)
	}
	// Quota came back a moment ago, and one job used it up: the system does not look again at once.
	a.Regular.Add(android.Session{Start: day - 10*minute, End: day, Jobs: 1})
	if at, out := a.RecheckAt(2*day-10*minute, android.Rare); !out || at != 2*day-10*minute+30*second {
		tb.Errorf("the system looks at %d, %v", at-2*day, out)
	}
	a.Rechecked(2*day - 10*minute)
	if at, out := a.RecheckAt(2*day-10*minute, android.Rare); !out || at != 2*day-9*minute {
		tb.Errorf("the system looks again at %d, %v", at-2*day, out)
	}
	if _, out := a.RecheckAt(2*day-9*minute, android.Rare); out {
		tb.Errorf("quota did not come back")
	}
}

// quotaOf names a parameter of a bucket's quota.
func quotaOf(b android.Bucket, what string) string {
	return "quota." + strings.ReplaceAll(strings.ToLower(b.String()), "_", "-") + "." + what
}

func checkBattery(tb coretest.TB, profile maker) {
	p := profile("16", "")
	for _, c := range []struct {
		level              int64
		plugged, was, want bool
	}{
		{15, false, false, true},
		{16, false, false, false},
		{16, false, true, true},
		{19, false, true, true},
		{20, false, true, false},
		{20, false, false, false},
		{10, true, true, false},
	} {
		if got := p.BatteryLow(c.level, c.plugged, c.was); got != c.want {
			tb.Errorf("%+v: low %v", c, got)
		}
	}
	if !p.BatteryLowAtFirst(15) || p.BatteryLowAtFirst(16) {
		tb.Errorf("at first")
	}
}

// naive sums up without running sums.
func naive(q *android.Quota, p *android.Profile, tb coretest.TB, all []android.Session, at int64, b android.Bucket) android.Use {
	value := func(name string) int64 { return p.Value(param(tb, name)) }
	var u android.Use
	window, whole := value(quotaOf(b, "window")), value("quota.day.window")
	for i, x := range all {
		if x.End > at-whole {
			u.DayTime += x.End - max(x.Start, at-whole)
		}
		if x.End <= at-window {
			continue
		}
		u.Time += x.End - max(x.Start, at-window)
		u.Jobs += x.Jobs
		if i+1 == len(all) || all[i+1].Start-x.End > value("quota.coalesce") {
			u.Sessions++
		}
	}
	if q.Jobs > 0 {
		u.Time += at - q.Since
		u.DayTime += at - q.Since
		u.Jobs += q.Jobs
	}
	return u
}

// reload takes a state through its stored form.
func reload[T any, P interface {
	*T
	Use(*android.Profile)
}](t coretest.TB, from P, p *android.Profile) P {
	t.Helper()
	b, err := json.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	to := P(new(T))
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
	to.Use(p)
	return to
}

func anyProfile(t *rapid.T) *android.Profile {
	v, err := android.VersionByName(rapid.SampledFrom([]string{"11", "12", "15", "16.0", "16"}).Draw(t, "version"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := android.NewProfile(v, "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func anyBucket(t *rapid.T) android.Bucket {
	return android.Bucket(rapid.IntRange(0, int(android.Restricted)).Draw(t, "bucket"))
}

// step draws times near the limits more often than others.
var step = rapid.OneOf(
	rapid.Int64Range(0, 10*second), rapid.Int64Range(0, 20*minute), rapid.Int64Range(0, 5*hour),
	rapid.SampledFrom([]int64{0, 1, 5 * second, 5*second + 1, minute, 10 * minute, 2 * hour, day}),
)

// Running sums are what summing up gives, whatever happens.
func TestQuotaSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		q := android.NewQuota(p)
		var all []android.Session
		var at int64
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			at += step.Draw(t, "later")
			before := len(q.List)
			closes := q.Jobs > 0
			since, jobs := q.Since, q.Jobs
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				q.Start(at)
				closes = false
			case 2:
				closes = closes && q.Running == 1
				q.End(at)
			case 3:
				closes = closes && !q.Free
				q.SetFree(at, true)
			case 4:
				closes = false
				q.SetFree(at, false)
			case 5:
				q, closes = reload(t, q, p), false
			}
			if closes {
				all = append(all, android.Session{Start: since, End: at, Jobs: jobs})
			}
			if len(q.List) > len(all) || before > len(q.List)+len(all) {
				t.Fatalf("%d sessions are kept of %d", len(q.List), len(all))
			}
			for range 2 {
				b := anyBucket(t)
				if got, want := q.Used(at, b), naive(q, p, t, all, at, b); got != want {
					t.Fatalf("at %d in %v it used %+v, not %+v", at, b, got, want)
				}
			}
		}
	})
}

// fill makes an app use its quota in some way.
func fill(t *rapid.T, q *android.Quota) (at int64) {
	at = day
	for range rapid.IntRange(0, 30).Draw(t, "sessions") {
		at += step.Draw(t, "gap")
		end := at + rapid.Int64Range(1, 15*minute).Draw(t, "length")
		for range rapid.IntRange(1, 3).Draw(t, "jobs") {
			q.Start(at)
		}
		for q.Running > 0 {
			q.End(end)
		}
		at = end
	}
	return at + step.Draw(t, "later")
}

// Quota comes back at the instant that RegainsAt says, and not earlier.
func TestQuotaComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		q := android.NewQuota(p)
		now, b := fill(t, q), anyBucket(t)
		ask := &android.Ask{Bucket: b}
		at, out := q.RegainsAt(now, b)
		if out == q.Within(now, ask) {
			t.Fatalf("out of quota: %v", out)
		}
		if !out {
			return
		}
		if at <= now {
			t.Fatalf("back at %d, before now %d", at, now)
		}
		enough := func(at int64) bool { return q.Within(at, ask) && q.Remaining(at, b) >= 30*second }
		if enough(at-1) || !enough(at) {
			t.Fatalf("of quota are left: %d at %d, %d a moment before", q.Remaining(at, b), at, q.Remaining(at-1, b))
		}
		between := rapid.Int64Range(now, at-1).Draw(t, "between")
		if enough(between) {
			t.Fatalf("there is quota before, at %d", between)
		}
		if again, _ := q.RegainsAt(between, b); again != at && again != 0 {
			t.Fatalf("later it says %d, not %d", again, at)
		}
	})
}

// An app whose jobs start only within quota and stop when Lasts says so never has a
// negative rest, nor more than it is allowed in any window.
func TestQuotaIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		q := android.NewQuota(p)
		b := anyBucket(t)
		ask := &android.Ask{Bucket: b}
		whole := p.Value(param(t, quotaOf(b, "time"))) >= p.Value(param(t, quotaOf(b, "window")))
		at := day
		for range rapid.IntRange(1, 40).Draw(t, "runs") {
			at += step.Draw(t, "gap")
			if !q.Within(at, ask) {
				again, _ := q.RegainsAt(at, b)
				at = again
			}
			left := q.Lasts(at, b)
			if left <= 0 {
				t.Fatalf("within quota, but nothing lasts: %d", left)
			}
			q.Start(at)
			length := min(left, rapid.Int64Range(1, hour).Draw(t, "length"))
			for _, after := range []int64{length / 3, length - 1, length} {
				rest, u := q.Remaining(at+after, b), q.Used(at+after, b)
				if u.DayTime > 4*hour || rest < 0 && !whole {
					t.Fatalf("after %d of %d: %d left, used %+v", after, length, rest, u)
				}
			}
			if rest := q.Remaining(at+left, b); rest > 0 && left < 4*hour && !whole && length == left {
				t.Fatalf("it lasts for %d, but then %d is left", left, rest)
			}
			at += length
			q.End(at)
		}
	})
}

func TestExpeditedIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		e := android.NewExpedited(p)
		e.Installer = rapid.Bool().Draw(t, "installer")
		b := anyBucket(t)
		ask := &android.Ask{Bucket: b}
		at, limit := day, e.Remaining(day, b)
		if at, out := e.RegainsAt(day, b); limit == 0 && (!out || at != math.MaxInt64) {
			t.Fatalf("there is none, but it comes back at %d", at)
		} else if limit == 0 {
			return
		}
		for range rapid.IntRange(1, 40).Draw(t, "runs") {
			at += step.Draw(t, "gap")
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				e.Touched(at)
			case 1:
				e.SetTop(at, true)
				at += step.Draw(t, "top")
				e.SetTop(at, false)
				at += minute
			case 2:
				e = reload(t, e, p)
			}
			if !e.Within(at, ask) {
				back, out := e.RegainsAt(at, b)
				if !out || back <= at || e.Remaining(back-1, b) >= 30*second || e.Remaining(back, b) < 30*second {
					t.Fatalf("back at %d, %v", back, out)
				}
				at = back
			}
			if rest := e.Remaining(at, b); rest <= 0 || rest > limit {
				t.Fatalf("%d left of %d", rest, limit)
			}
			left := e.Lasts(at, b)
			length := min(left, rapid.Int64Range(1, hour).Draw(t, "length"))
			e.Start(at)
			if rest := e.Remaining(at+length, b); rest < 0 {
				t.Fatalf("after %d of %d: %d left", length, left, rest)
			}
			at += length
			e.End(at)
		}
	})
}

// A reward that is more than what is owed goes to the stretch that goes on.
func TestRewardWhileRunning(t *testing.T) {
	e := android.NewExpedited(profile(t, "15", ""))
	e.Start(hour)
	e.Touched(hour + minute)
	if got := e.Remaining(hour+minute, android.Rare); got != 9*minute+15*second {
		t.Errorf("%d left", got)
	}
	e.Reward(hour+minute, hour)
	if got := e.Remaining(hour+minute, android.Rare); got != 10*minute {
		t.Errorf("%d left", got)
	}
	e.End(hour + 2*minute)
	if got := e.Remaining(hour+2*minute, android.Rare); got != 9*minute {
		t.Errorf("%d left", got)
	}
	e.SetTop(hour+3*minute, true)
	if got := e.Remaining(hour+4*minute, android.Rare); got != 9*minute+20*second {
		t.Errorf("%d left while in front", got)
	}
}

func BenchmarkQuotaWithin(b *testing.B) {
	q, ask := android.NewQuota(profile(b, "16", "")), &android.Ask{Bucket: android.WorkingSet}
	at := day
	b.ReportAllocs()
	for b.Loop() {
		at += minute
		if q.Within(at, ask) {
			q.Start(at)
			q.End(at + 10*second)
		}
	}
}

func BenchmarkQuotaRegainsAt(b *testing.B) {
	q := android.NewQuota(profile(b, "16", ""))
	for i := range int64(100) {
		q.Add(android.Session{Start: day + i*10*minute, End: day + i*10*minute + minute, Jobs: 1})
	}
	at := day + 1000*minute
	b.ReportAllocs()
	for b.Loop() {
		if _, out := q.RegainsAt(at, android.Rare); !out {
			b.Fatal("in quota")
		}
	}
}

func BenchmarkAccountSet(b *testing.B) {
	a := android.NewAccount(profile(b, "16", ""))
	state := android.Ask{Bucket: android.Rare}
	at := day
	b.ReportAllocs()
	for b.Loop() {
		at += second
		state.Charging = !state.Charging
		a.Set(at, &state)
	}
}
