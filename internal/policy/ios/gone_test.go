package ios

import (
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestGoneInTheJournal: whatever ends the app's process is in the journal, before the runs
// that are lost with it, and nothing is told twice.
func TestGoneInTheJournal(t *testing.T) {
	const lost = "the app's process is gone: "
	for _, c := range []struct {
		name   string
		senses []core.SenseKind
		want   []string
	}{
		{"swiped away", []core.SenseKind{core.SenseAppSwiped, core.SenseAppSwiped}, []string{lost + "the user swiped the app away"}},
		{"swiped away without a process", []core.SenseKind{core.SenseAppDied, core.SenseAppSwiped}, []string{lost + "the system needed its memory", "the user swiped the app away"}},
		{"crash", []core.SenseKind{core.SenseAppCrashed}, []string{lost + "it crashed"}},
		{"update", []core.SenseKind{core.SenseUpdated}, []string{lost + "a new version of the app was installed"}},
		{"installed", []core.SenseKind{core.SenseInstalled}, []string{lost + "the app was installed"}},
		{"off and on", []core.SenseKind{core.SenseShutdown, core.SenseBooted}, []string{lost + "the phone was switched off"}},
		{"off and on without a process", []core.SenseKind{core.SenseAppDied, core.SenseShutdown, core.SenseBooted}, []string{lost + "the system needed its memory", "the phone was switched off"}},
		{"reboot", []core.SenseKind{core.SenseBooted}, []string{lost + "the phone was booted"}},
		{"reboot without a process", []core.SenseKind{core.SenseAppDied, core.SenseBooted}, []string{lost + "the system needed its memory", "the phone was booted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPhone(t, 1)
			if _, err := p.ask(start, work.KindTimer, "tick"); err != nil {
				t.Fatal(err)
			}
			for i, k := range c.senses {
				p.feel(start+minute*int64(i+1), k, 0)
			}
			var got []string
			for _, e := range p.Journal() {
				switch {
				case e.Kind == record.EntryGone:
					got = append(got, e.Text)
				case e.Kind == record.EntryEnded && e.Outcome == work.Lost && len(got) == 0:
					t.Errorf("a run is lost before it is told why")
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("told: %q\nnot %q", got, c.want)
			}
		})
	}
}

// TestGoneForTheGrace: a run that does not end in its grace takes the process with it.
func TestGoneForTheGrace(t *testing.T) {
	p := newPhone(t, 1)
	id, err := p.ask(start, work.KindRefresh, "sync")
	if err != nil {
		t.Fatal(err)
	}
	p.feel(start+minute, core.SenseAppLeft, 0)
	p.feel(start+2*minute, core.SenseScreen, 0)
	if !p.until(start+3*day, id) {
		t.Fatal("it did not start")
	}
	began := p.At
	p.Do(began+30*second, core.BudgetSpent{Work: id, Epoch: 1})
	p.Do(began+10*minute, core.Tick{})
	var got []string
	for _, e := range p.Journal() {
		if e.Kind == record.EntryGone {
			got = append(got, e.Text)
		}
	}
	if want := []string{"the app's process is gone: a task was not completed within its grace"}; !slices.Equal(got, want) {
		t.Errorf("told: %q\nnot %q", got, want)
	}
}

// TestEndings: there are words for each way in which a process ends.
func TestEndings(t *testing.T) {
	for _, code := range []string{"app-died", "app-crashed", "relaunched", "updated", "installed", "shutdown", "reboot", string(GateForceQuit), DiedAssertion, DiedGrace} {
		if endings[code] == "" {
			t.Errorf("no words for %s", code)
		}
	}
}
