package core_test

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// charging: yes, unknown for a moment (UPower restarts), yes again (debounced as sense does it).
func TestUnreadableSignalStopsNothing(t *testing.T) {
	m := core.New(host.Policy{})
	m.Step(1000, core.Recover{}, record.Rows{})
	m.Step(1000, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: 1}}}, record.Rows{})
	out := m.Step(1000, core.Enqueue{Fresh: true, Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Needs: work.Constraints{Charging: true}}}}}, record.Rows{})
	t.Logf("%+v", out.Effects)
	out = m.Step(2000, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: record.Unknown}}}, record.Rows{})
	t.Logf("unknown: %+v", out.Effects)
	out = m.Step(3000, core.FactsRead{Facts: []record.Fact{{Signal: record.Charging, Value: record.Unknown, Next: 1, Settles: 10_003_000}}}, record.Rows{})
	for _, f := range out.Effects {
		if f.Kind == core.RequestEnd {
			t.Errorf("stopped (%v), though power was never seen to be lost", f.Stop)
		}
	}
}
