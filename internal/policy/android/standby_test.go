package android_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
)

// used is an app that the user opened at an instant, on a device whose screen is on.
func used(p *android.Profile, at int64) *android.Standby {
	s := android.NewStandby(p, 0)
	s.SetScreen(0, true)
	s.Opened(at)
	return s
}

// until ticks when the machine asks for it, and returns when the bucket becomes b.
func until(tb coretest.TB, s *android.Standby, b android.Bucket) int64 {
	tb.Helper()
	for range 1000 {
		at := s.Next()
		if s.Tick(at - 1) {
			tb.Fatalf("at %d it changed before it was asked for", at-1)
		}
		if s.Tick(at) && s.Bucket == b {
			return at
		}
		if s.Next() <= at {
			tb.Fatalf("at %d it asks for %d", at, s.Next())
		}
	}
	tb.Fatalf("it stays in %v", s.Bucket)
	return 0
}

// The system looks only now and then, so that an app sinks later than its clocks say.
func checkStandbyLooks(tb coretest.TB, profile maker) {
	for _, c := range []struct {
		version                     string
		opened, working, restricted int64
	}{{"16", 5 * hour, 20 * hour, 200 * hour}, {"12", 5 * hour, 20 * hour, 0}, {"11", 8 * hour, 21 * hour, 0}} {
		s := used(profile(c.version, ""), c.opened)
		if s.Bucket != android.Active {
			tb.Errorf("opened: %v", s.Bucket)
		}
		if at := until(tb, s, android.WorkingSet); at != c.working {
			tb.Errorf("Android %s: WORKING_SET at %d h", c.version, at/hour)
		}
		if c.restricted == 0 {
			continue
		}
		if at := until(tb, s, android.Restricted); at != c.restricted {
			tb.Errorf("Android %s: RESTRICTED at %d h", c.version, at/hour)
		}
	}
	s := used(profile("16", ""), 0)
	s.Tick(100 * hour)
	if s.Next() != 104*hour {
		tb.Errorf("after a long time it looks at %d h", s.Next()/hour)
	}
}

func checkStandbyRestricted11(tb coretest.TB, profile maker) {
	p := profile("11", "")
	p.Set(param(tb, "standby.restricted"), 1)
	s := used(p, 0)
	if b, c := s.Judge(30*day-1), s.Judge(30*day); b != android.Rare || c != android.Restricted {
		tb.Errorf("after 30 days: %v, %v", b, c)
	}
}

func checkStandbyHolds(tb coretest.TB, profile maker) {
	for h, c := range map[android.Hold]struct {
		bucket android.Bucket
		lasts  int64
	}{
		android.SystemInteraction: {android.Active, 10 * minute}, android.SyncAdapter: {android.Active, 10 * minute},
		android.NotificationSeen: {android.WorkingSet, 12 * hour}, android.SlicePinned: {android.WorkingSet, 12 * hour},
		android.ExemptSync: {android.WorkingSet, 4 * hour}, android.SystemUpdated: {android.Active, 2 * hour},
	} {
		s := used(profile("16", ""), 0)
		until(tb, s, android.Rare)
		at := 50 * hour
		if !s.Held(at, h) || s.Bucket != c.bucket || s.Held(at, h) {
			tb.Errorf("hold %d: %v", h, s.Bucket)
		}
		if end := until(tb, s, android.Rare); end != at+c.lasts {
			tb.Errorf("hold %d lasts for %d min", h, (end-at)/minute)
		}
	}
	s := android.NewStandby(profile("16", ""), 0)
	if s.Bucket != android.Never || !s.Held(hour, android.FirstService) || s.Bucket != android.Active || s.Held(hour, android.FirstService) {
		tb.Errorf("a first service: %v", s.Bucket)
	}
	if end := until(tb, s, android.Never); end != hour+30*minute {
		tb.Errorf("a first service lasts until %d min", end/minute)
	}
	// Opening the app holds it for an hour against a prediction, and installing it does.
	for range 2 {
		s := android.NewStandby(profile("16", ""), 0)
		if !s.Installed(hour) || s.Bucket != android.Active || s.Predict(hour, android.Rare) {
			tb.Errorf("installed: %v", s.Bucket)
		}
		if end := until(tb, s, android.Rare); end != 2*hour {
			tb.Errorf("installed: until %d min", end/minute)
		}
		if !s.Opened(3*hour) || s.Bucket != android.Active || s.Predict(3*hour, android.Rare) {
			tb.Errorf("opened: %v", s.Bucket)
		}
		if end := until(tb, s, android.Rare); end != 4*hour {
			tb.Errorf("opened: until %d min", end/minute)
		}
	}
}

func checkStandbyPrediction(tb coretest.TB, profile maker) {
	s := used(profile("16", ""), 0)
	until(tb, s, android.Rare)
	if !s.Predict(50*hour, android.WorkingSet) || s.Bucket != android.WorkingSet || s.Predict(50*hour, android.Never) {
		tb.Errorf("predicted: %v", s.Bucket)
	}
	// It is valid for 12 h, and then the next look counts.
	if end := until(tb, s, android.Rare); end != 64*hour {
		tb.Errorf("the prediction holds until %d h", end/hour)
	}
	never := android.NewStandby(profile("16", ""), 0)
	if never.Predict(0, android.Active) || never.Bucket != android.Never {
		tb.Errorf("an app that was never used: %v", never.Bucket)
	}
}

func checkStandbyRestrict(tb coretest.TB, profile maker) {
	for version, delay := range map[string]int64{"16": hour, "12": hour} {
		s := used(profile(version, ""), 0)
		if s.Restrict(30*minute) || s.Next() != delay {
			tb.Errorf("restricted while in use: %v, next %d", s.Bucket, s.Next())
		}
		if at := until(tb, s, android.Restricted); at != delay {
			tb.Errorf("restricted at %d min", at/minute)
		}
		if s.Held(2*hour, android.NotificationSeen) || s.Predict(2*hour, android.Active) || s.Bucket != android.Restricted {
			tb.Errorf("only the user lifts it: %v", s.Bucket)
		}
		if !s.Opened(3*hour) || s.Bucket != android.Active {
			tb.Errorf("opened: %v", s.Bucket)
		}
	}
	// Android 11 waits for a day; its bucket is off by default.
	p := profile("11", "")
	p.Set(param(tb, "standby.restricted"), 1)
	s := used(p, 0)
	s.Restrict(hour)
	if b, c := s.Judge(day-1), s.Judge(day); b == android.Restricted || c != android.Restricted {
		tb.Errorf("Android 11: %v, %v", b, c)
	}
}

func TestStandbyForcedAndExempt(t *testing.T) {
	s := used(profile(t, "16", ""), 0)
	if !s.Force(minute, android.Rare) || s.Bucket != android.Rare || s.Predict(minute, android.Active) || s.Held(minute, android.SystemInteraction) {
		t.Errorf("forced: %v", s.Bucket)
	}
	if !s.SetExempt(2*minute, true) || s.Bucket != android.Exempted || s.Opened(2*minute) || s.Force(2*minute, android.Frequent) {
		t.Errorf("exempt: %v", s.Bucket)
	}
	if !s.SetExempt(3*minute, false) || s.Bucket != android.Frequent {
		t.Errorf("exempt no longer: %v", s.Bucket)
	}
	if !s.Opened(4*minute) || s.Bucket != android.Active {
		t.Errorf("opened: %v", s.Bucket)
	}
}

func TestBuckets(t *testing.T) {
	for i, n := range []int64{5, 10, 20, 30, 40, 45, 50} {
		b, ok := android.BucketByNumber(n)
		if c, ok2 := android.BucketByName(b.String()); !ok || !ok2 || int(b) != i || c != b || b.Number() != n {
			t.Errorf("%d is %v", n, b)
		}
	}
	if _, ok := android.BucketByNumber(11); ok {
		t.Error("11 is a bucket")
	}
	if _, ok := android.BucketByName("active"); ok {
		t.Error("active is a name")
	}
}

// Whatever happens, the bucket is what it should be after each look, it changes only
// when something happens or the machine asked for it, and a stored state goes on alike.
func TestStandbyMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		s := android.NewStandby(p, 0)
		var at int64
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			target := at + rapid.OneOf(step, rapid.Int64Range(0, 20*day)).Draw(t, "later")
			for s.Next() <= target {
				if s.Next() <= at && at > 0 {
					t.Fatalf("at %d it asks for %d", at, s.Next())
				}
				at = s.Next()
				was := s.Bucket
				if changed := s.Tick(at); changed != (was != s.Bucket) || s.Bucket != s.Judge(at) {
					t.Fatalf("it is in %v, not %v", s.Bucket, s.Judge(at))
				}
			}
			if target-1 > at && s.Tick(target-1) {
				t.Fatalf("it changed at %d, and asks for %d", target-1, s.Next())
			}
			at = target
			was, changed := s.Bucket, false
			what := rapid.IntRange(0, 8).Draw(t, "what")
			switch what {
			case 0:
				changed = s.Opened(at)
			case 1:
				changed = s.Held(at, android.Hold(rapid.IntRange(0, 6).Draw(t, "hold")))
			case 2:
				changed = s.Predict(at, android.Bucket(rapid.IntRange(0, 6).Draw(t, "predicted")))
			case 3:
				changed = s.Restrict(at)
			case 4:
				changed = s.SetExempt(at, rapid.Bool().Draw(t, "exempt"))
			case 5:
				changed = s.Force(at, android.Bucket(rapid.IntRange(1, 5).Draw(t, "forced")))
			case 6:
				changed = s.Installed(at)
			case 7:
				s.SetScreen(at, rapid.Bool().Draw(t, "screen"))
			case 8:
				next := s.Next()
				if s = reload(t, s, p); s.Next() != next {
					t.Fatalf("a stored state asks for %d, not %d", s.Next(), next)
				}
			}
			if changed != (was != s.Bucket) {
				t.Fatalf("event %d: from %v to %v, changed %v", what, was, s.Bucket, changed)
			}
			if what == 0 && s.Bucket > android.Active {
				t.Fatalf("opened: %v", s.Bucket)
			}
		}
	})
}

func BenchmarkStandbyTick(b *testing.B) {
	s := used(profile(b, "16", ""), 0)
	at := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		at += minute
		s.Tick(at)
	}
}
