package android_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestGoneInTheJournal: whatever ends the app's process is in the journal, before the runs
// that are lost with it, and nothing is told twice.
func TestGoneInTheJournal(t *testing.T) {
	const lost = "the app's process is gone: "
	for _, c := range []struct {
		name, vendor string
		happens      func(p *phone)
		want         []string
	}{
		{"swiped away", "", func(p *phone) { p.sense(day, core.SenseAppSwiped); p.sense(day, core.SenseAppSwiped) }, []string{lost + "the user swiped the app away"}},
		{"swiped away, and stopped", "xiaomi", func(p *phone) { p.sense(hour, core.SenseAppSwiped) }, []string{lost + "the user swiped the app away, and the vendor ends such apps"}},
		{"memory", "", func(p *phone) { p.sense(hour, core.SenseAppDied) }, []string{lost + "the system needed its memory"}},
		{"crash", "", func(p *phone) { p.sense(hour, core.SenseAppCrashed) }, []string{lost + "its process crashed"}},
		{"update", "", func(p *phone) { p.sense(hour, core.SenseUpdated) }, []string{lost + "a new version of the app was installed"}},
		{"force stop", "", func(p *phone) { p.sense(hour, core.SenseForceStop) }, []string{lost + "the user stopped the app"}},
		{
			"force stop without a process", "", func(p *phone) {
				p.sense(day, core.SenseAppDied)
				p.sense(day, core.SenseForceStop)
				p.sense(day, core.SenseForceStop)
			}, []string{lost + "the system needed its memory", "the user stopped the app"},
		},
		{"reboot", "", func(p *phone) { p.sense(hour, core.SenseBooted) }, []string{lost + "the phone was switched off"}},
		{
			"off and on", "", func(p *phone) {
				p.sense(day, core.SenseAppDied)
				p.sense(day, core.SenseShutdown)
				p.sense(day+hour, core.SenseBooted)
			}, []string{lost + "the system needed its memory", "the phone was switched off"},
		},
		{"no answer", "", func(p *phone) { p.senseTask(hour, core.SenseStalled, "long") }, []string{lost + "the app did not respond"}},
		{"killed by time alone", "xiaomi", func(p *phone) { p.leave(hour); p.until(3 * hour) }, []string{lost + "the vendor's battery saver ended the app"}},
		{
			"stopped each night", "huawei", func(p *phone) {
				p.leave(hour)
				p.until(3 * hour)
				p.sense(4*hour, core.SenseScreen, 1)
				p.sense(5*hour, core.SenseScreen, 0)
				p.until(8 * hour)
			}, []string{lost + "the vendor's battery saver ended the app"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := opened(t, profiles(t), "14", c.vendor)
			p.takes["long"] = 20 * hour
			p.must(minute, work.Request{Task: "long", Phone: work.Traits{Kind: work.KindWork}, Delay: time.Second})
			p.until(2 * minute)
			c.happens(p)
			var got []string
			running, seen := false, false
			for _, e := range p.Journal() {
				switch {
				case e.Kind == record.EntryStarted:
					running = true
				case e.Kind == record.EntryGone:
					got = append(got, e.Text)
					seen = true
					if e.Task != "" || e.Work != "" {
						t.Errorf("it is told of %s", e.Task)
					}
				case e.Kind == record.EntryEnded && e.Outcome == work.Lost && !seen:
					t.Errorf("a run is lost before it is told why")
				}
			}
			if !running {
				t.Error("nothing ran")
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("told: %q\nnot %q", got, c.want)
			}
		})
	}
}
