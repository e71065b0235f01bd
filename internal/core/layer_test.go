package core_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/coretest"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

func layers(given ...record.Layer) core.LayersKnown { return core.LayersKnown{Layers: given} }

func checkRequired(tb coretest.TB, p core.Policy) {
	r := coretest.New(tb, p)
	r.Do(0, layers(record.Layer{Name: work.LayerFiles, Given: "no", Why: "no landlock"}, record.Layer{Name: work.LayerMemory, Given: record.GivenYes, Means: "cgroup"}))
	add(r, 0, work.Request{ID: "a", Require: []work.Layer{work.LayerMemory, work.LayerFiles, work.LayerFiles}})
	add(r, 0, work.Request{ID: "b", Require: []work.Layer{work.LayerMemory}})
	wantStarts(r, "b")
	wantCodes(r, 0, "a", work.ReasonIsolation)
}

func TestLayersAreKnownAfterARestart(t *testing.T) {
	r := rig(t)
	add(r, 0, work.Request{ID: "early", Require: []work.Layer{work.LayerFiles}})
	wantCodes(r, 0, "early", work.ReasonIsolation)
	r.Do(second, layers(record.Layer{Name: work.LayerFiles, Given: "no", Why: "no landlock"}, record.Layer{Name: work.LayerDisk, Given: "no", Why: "never"}))
	r.Restart(2 * second)
	add(r, 2*second, work.Request{ID: "late", Require: []work.Layer{work.LayerDisk, work.LayerFiles}})
	wantCodes(r, 2*second, "late", work.ReasonIsolation, work.ReasonIsolation)
	for _, reason := range r.M.Explain(r.At, r.Row("late"), nil) {
		if !strings.Contains(reason.Message, "this host cannot enforce ") || !strings.Contains(reason.Fix, "out of require:") {
			t.Errorf("%+v", reason)
		}
	}
	// Clear what why names, and the work starts.
	r.Do(3*second, layers(record.Layer{Name: work.LayerFiles, Given: record.GivenYes, Means: "landlock"}))
	wantStarts(r, "early")
	r.Do(4*second, layers(record.Layer{Name: work.LayerDisk, Given: record.GivenYes, Means: "quota"}))
	wantStarts(r, "early", "late")
	if e := r.Effects[len(r.Effects)-1]; len(e.Require) != 2 {
		t.Errorf("the driver is told %v", e.Require)
	}
	// What runs keeps what it has.
	r.Do(5*second, layers(record.Layer{Name: work.LayerDisk, Given: "no", Why: "lost"}))
	wantState(r, "late", work.Running)
}
