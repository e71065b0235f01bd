package android_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// batchPhone is one on which no other app has jobs, in a bucket whose jobs are held.
func batchPhone(t coretest.TB, profile maker, version string, set ...android.Setting) *phone {
	t.Helper()
	p := opened(t, profile, version, "", append(set, alone, android.Setting{Name: "batch.others", Value: "never"}, android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})...)
	p.leave(minute)
	p.sense(13*hour, core.SenseBucket, android.WorkingSet.Number())
	return p
}

func checkBatches(t coretest.TB, profile maker) {
	for _, c := range []struct {
		version string
		ram     string
		metered bool
		network work.Network
		ready   int // that let all go
	}{
		{"12", "6144", false, work.NoNetwork, 5},
		{"12", "2048", false, work.NoNetwork, 2}, // a third of eight
		{"12", "6144", true, work.Connected, 5},
		{"12+", "6144", false, work.NoNetwork, 5}, // with batches for each network
		{"16", "8192", false, work.NoNetwork, 3},
		{"16", "8192", true, work.Connected, 3},
		{"16", "8192", false, work.Connected, 1}, // a network that needs no radio
	} {
		set := []android.Setting{{Name: "device.ram", Value: c.ram}}
		version, more := strings.CutSuffix(c.version, "+")
		if more {
			set = append(set, android.Setting{Name: "batch.network.wait", Value: "31m"})
		}
		p := batchPhone(t, profile, version, set...)
		p.facts(p.At, map[record.Signal]int64{record.Metered: map[bool]int64{false: 0, true: 1}[c.metered]})
		at := p.At
		for i := range c.ready {
			if n := len(p.runs); n != 0 {
				t.Errorf("%+v: with %d ready %d run", c, i, n)
			}
			p.must(at, work.Request{Task: fmt.Sprint("t", i), Needs: work.Constraints{Network: c.network}})
			p.until(at)
		}
		if n := len(p.runs); n != c.ready {
			t.Errorf("%+v: with %d ready %d run: %v", c, c.ready, n, p.Codes(p.At, "t0-1"))
		}
	}
}

func checkBatchWaitsSoLong(t coretest.TB, profile maker) {
	p := batchPhone(t, profile, "13")
	at := p.At
	id := p.must(at, work.Request{Task: "t"})
	p.until(at + minute)
	p.wantCodes(id, android.ReasonBatching)
	if r := p.Explain(p.At, id)[0]; r.Until.UnixMicro() != at+31*minute || r.Android != 13 {
		t.Errorf("%+v", r)
	}
	p.must(at+10*minute, work.Request{Task: "t"})
	p.until(at + 40*minute)
	if got := p.starts("t"); !slices.Equal(got, []int64{at + 31*minute, at + 31*minute}) {
		t.Errorf("started at %v", clocks(got))
	}
	metered := batchPhone(t, profile, "16")
	metered.facts(13*hour, map[record.Signal]int64{record.Metered: 1})
	metered.must(13*hour, work.Request{Task: "t", Needs: work.Constraints{Network: work.Connected}})
	metered.until(14 * hour)
	if got := metered.starts("t"); !slices.Equal(got, []int64{13*hour + 31*minute}) {
		t.Errorf("for the radio's sake: started at %v", clocks(got))
	}
	// An expedited job is not held, and takes along what is.
	p.must(at+hour, work.Request{Task: "held"})
	p.must(at+hour+minute, work.Request{Task: "e", Expedited: true})
	p.until(at + 2*hour)
	if got := p.starts("held"); !slices.Equal(got, []int64{at + hour + minute}) {
		t.Errorf("held until %v", clocks(got))
	}
	// Nor is one held while the app is active, or was tried before.
	p.sense(at+3*hour, core.SenseMedia, 1)
	p.must(at+3*hour, work.Request{Task: "active"})
	if got := p.starts("active"); !slices.Equal(got, []int64{at + 3*hour}) {
		t.Errorf("active: started at %v", clocks(got))
	}
}

// checkOtherAppsTakeJobsAlong: when is chance, and is called an assumption.
func checkOtherAppsTakeJobsAlong(t coretest.TB, profile maker) {
	var waits []int64
	p := opened(t, profile, "13", "", alone, android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"},
		android.Setting{Name: "quota.working-set.sessions", Value: "1000"}, android.Setting{Name: "batch.wait", Value: "10h"})
	p.leave(minute)
	p.sense(13*hour, core.SenseBucket, android.WorkingSet.Number())
	for i := range int64(40) {
		at := 13*hour + i*30*minute
		if i == 23 {
			p.sense(at, core.SenseBucket, android.WorkingSet.Number())
		}
		id := p.must(at, work.Request{Task: "t"})
		p.until(at)
		if codes := p.Codes(p.At, id); i == 0 && !slices.Equal(codes, []work.Code{android.ReasonBatching}) {
			t.Errorf("held by %v", codes)
		}
	}
	p.until(13*hour + 21*hour)
	starts := p.starts("t")
	for i, at := range starts {
		waits = append(waits, at-(13*hour+int64(i)*30*minute))
	}
	if len(starts) != 40 || slices.Max(waits) > 20*minute+second || slices.Min(waits) < 0 {
		t.Fatalf("%d runs, after waits of %v", len(starts), clocks(waits))
	}
	var sum int64
	for _, w := range waits {
		sum += w
	}
	if mean := sum / 40; mean < 6*minute || mean > 14*minute {
		t.Errorf("they wait for %s on average", clock(mean))
	}
}

// checkRestrictedJobsRunTogether: jobs of the bucket RESTRICTED wait for others however
// long that takes.
func checkRestrictedJobsRunTogether(t coretest.TB, profile maker) {
	p := batchPhone(t, profile, "16")
	p.sense(14*hour, core.SenseScreen, 1)
	p.sense(22*hour, core.SenseScreen, 0)
	p.until(9 * day)
	if !p.bucketIs(android.Restricted) {
		t.Fatal("it is not restricted")
	}
	at := p.At
	p.must(at, work.Request{Task: "t"})
	p.until(at + 10*hour)
	if len(p.runs) != 0 {
		t.Errorf("%+v", p.runs)
	}
	for range 4 {
		p.must(p.At, work.Request{Task: "t"})
	}
	p.until(p.At)
	if len(p.runs) != 5 {
		t.Errorf("%d run: %v", len(p.runs), p.Codes(p.At, "t-1"))
	}
}
