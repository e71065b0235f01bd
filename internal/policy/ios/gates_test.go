package ios

import (
	"testing"

	"github.com/lullwork/lull/internal/core/chance"
)

// TestShutsAsTheContract compares what holds a request with the rules one by one.
func TestShutsAsTheContract(t *testing.T) {
	m, err := newModel(Params{}, false)
	if err != nil {
		t.Fatal(err)
	}
	c, l := chance.New(1), &m.Limits
	some := func() bool { return c.Chance(300_000) }
	for range 200_000 {
		d := Device{
			Pad: some(), Battery: c.Between(-1, 100), Charging: some(), LowPower: some(), RefreshAll: !some(), RefreshApp: !some(),
			Network: Network(c.Below(3)), InUse: some(), Focal: some(), Quit: some(), DaysSinceUse: c.Below(40), Debugger: some(),
		}
		k := kind(c.Below(int64(kindWidget) + 1))
		r := Request{Power: some(), Network: some(), LowPower: some(), Window: Window{StartAfter: c.Below(3)}}
		var want gateSet
		refresh, processing, health, continued, push := k == kindRefresh, k == kindProcessing, k == kindHealth, k == kindContinued, k == kindPush
		if k.requested() || push && !d.Focal && !d.Debugger {
			want.addIf(gateTooEarly, r.StartAfter > 1)
			want.addIf(gateForceQuit, d.Quit)
			want.addIf(gateRefreshOff, !health && !d.refreshes())
			want.addIf(gateLowPower, l.SavesPower(&d) && !(continued && r.LowPower))
			want.addIf(gateForeground, d.Focal && (refresh || processing))
			want.addIf(gateNoNetwork, d.Network == NetworkNone && (refresh || (processing || health) && r.Network))
			want.addIf(gateUnused, refresh && d.DaysSinceUse > l.UnusedRefresh || processing && d.DaysSinceUse > l.UnusedProcessing)
			want.addIf(gateBattery, (refresh || push) && l.BatteryCritical(&d))
			want.addIf(gateInUse, d.InUse && (processing || health))
			want.addIf(gateNotCharging, l.wantsCharger(&d, k, &r))
		}
		if h := l.hard(&d, k, &r, 1); h != want {
			t.Fatalf("kind %d, %+v on %+v: %b, want %b", k, r, d, h, want)
		}
	}
}
