package host_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// facts returns facts that are unknown but for the given ones.
func facts(values map[record.Signal]int64) *record.Facts {
	f := record.NewFacts()
	for s, v := range values {
		f[s].Value, f[s].Source = v, "a test"
	}
	return &f
}

func TestJudge(t *testing.T) {
	type values = map[record.Signal]int64
	for _, c := range []struct {
		name    string
		need    core.Need
		met     values
		unmet   values
		code    work.Code
		stop    work.StopReason
		android int
	}{
		{"charging", core.Need{Kind: core.NeedCharging}, values{record.Charging: 1}, values{record.Charging: 0}, work.ReasonCharging, work.StopCharging, 5},
		{"battery", core.Need{Kind: core.NeedBattery}, values{record.BatteryLow: 0}, values{record.BatteryLow: 1}, work.ReasonBattery, work.StopBatteryLow, 4},
		{"storage", core.Need{Kind: core.NeedStorage}, values{record.StorageLow: 0}, values{record.StorageLow: 1}, work.ReasonStorage, work.StopStorage, 11},
		{"idle", core.Need{Kind: core.NeedIdle}, values{record.Idle: 1}, values{record.Idle: 0}, work.ReasonIdle, work.StopDeviceIdle, 8},
		{"load", core.Need{Kind: core.NeedLoad}, values{record.LoadHigh: 0}, values{record.LoadHigh: 1}, work.ReasonLoad, 0, 0},
		{"low power", core.Need{Kind: core.NeedLowPowerOff}, values{record.LowPower: 0}, values{record.LowPower: 1}, work.ReasonLowPower, work.StopDeviceState, 18},
		{"connected", core.Need{Kind: core.NeedNetwork, Network: work.Connected}, values{record.Connected: 1}, values{record.Connected: 0}, work.ReasonNetwork, work.StopConnectivity, 6},
		{"unmetered", core.Need{Kind: core.NeedNetwork, Network: work.Unmetered}, values{record.Connected: 1, record.Metered: 0}, values{record.Connected: 1, record.Metered: 1}, work.ReasonNetwork, work.StopConnectivity, 6},
		{"temporarily", core.Need{Kind: core.NeedNetwork, Network: work.TemporarilyUnmetered}, values{record.Connected: 1, record.Metered: 0}, values{record.Connected: 1, record.Metered: 1}, work.ReasonNetwork, work.StopConnectivity, 6},
		{"metered", core.Need{Kind: core.NeedNetwork, Network: work.Metered}, values{record.Connected: 1, record.Metered: 1}, values{record.Connected: 1, record.Metered: 0}, work.ReasonNetwork, work.StopConnectivity, 6},
		{"roaming", core.Need{Kind: core.NeedNetwork, Network: work.NotRoaming}, values{record.Connected: 1, record.Roaming: 0}, values{record.Connected: 1, record.Roaming: 1}, work.ReasonNetwork, work.StopConnectivity, 6},
		{"unmetered offline", core.Need{Kind: core.NeedNetwork, Network: work.Unmetered}, values{record.Connected: 1, record.Metered: 0}, values{record.Connected: 0, record.Metered: 0}, work.ReasonNetwork, work.StopConnectivity, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			met := host.Policy{}.Judge(c.need, facts(c.met))
			if met.State != record.Met || !strings.HasSuffix(met.Message, "(a test)") {
				t.Errorf("met: %+v", met)
			}
			v := host.Policy{}.Judge(c.need, facts(c.unmet))
			if v.State != record.Unmet || v.Code != c.code || v.Stop != c.stop || v.Android != c.android || v.Fix == "" {
				t.Errorf("unmet: %+v", v)
			}
			if v.Message == met.Message || strings.Contains(v.Message, "|") {
				t.Errorf("messages %q and %q", met.Message, v.Message)
			}
			if v := (host.Policy{}).Judge(c.need, facts(nil)); v.State != record.NotKnown || v.Code != work.ReasonUnknown {
				t.Errorf("unknown: %+v", v)
			}
			// Each fact alone decides nothing if another one is unknown.
			for s := range c.met {
				one := facts(c.met)
				one[s].Value = record.Unknown
				if v := (host.Policy{}).Judge(c.need, one); v.State != record.NotKnown {
					t.Errorf("%v unknown: %+v", s, v)
				}
			}
		})
	}
}

func TestWhereAValueComesFrom(t *testing.T) {
	need := core.Need{Kind: core.NeedCharging}
	for want, change := range map[string]func(*record.Fact){
		"no external power (UPower)":              func(f *record.Fact) { f.Source = "UPower" },
		"no external power (pretended)":           func(f *record.Fact) { f.Pretended, f.Source = true, "UPower" },
		"no external power (assumed by the plan)": func(f *record.Fact) { f.Assumed = true },
		"no external power":                       func(*record.Fact) {},
	} {
		f := record.NewFacts()
		f[record.Charging].Value = 0
		change(&f[record.Charging])
		v := host.Policy{}.Judge(need, &f)
		if v.Message != want {
			t.Errorf("%q, want %q", v.Message, want)
		}
		if strings.Contains(v.Fix, "--pretend") != f[record.Charging].Pretended {
			t.Errorf("fix %q", v.Fix)
		}
	}
	f := record.NewFacts()
	f[record.Charging].Note = "install UPower"
	if v := (host.Policy{}).Judge(need, &f); v.Message != "charging has not been read yet" {
		t.Errorf("never read: %+v", v)
	}
	f[record.Charging].Since = 1
	if v := (host.Policy{}).Judge(need, &f); v.Fix != "install UPower" || v.Message != "charging cannot be read on this machine" {
		t.Errorf("read in vain: %+v", v)
	}
}
