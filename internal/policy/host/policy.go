package host

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Policy is the host's. The zero value is ready.
type Policy struct{}

// Rules returns the host's constants.
func (Policy) Rules() core.Rules { return rules() }

// Android's pending reasons (android.app.job.JobScheduler,
// PENDING_JOB_REASON_CONSTRAINT_*), for those needs that have one.
const (
	pendingBattery      = 4
	pendingCharging     = 5
	pendingConnectivity = 6
	pendingIdle         = 8
	pendingStorage      = 11
	pendingBatterySaver = 18
)

// Judge says whether a need is met.
func (Policy) Judge(n core.Need, f *record.Facts) core.Verdict {
	switch n.Kind {
	case core.NeedCharging:
		return want(f, record.Charging, 1, core.Verdict{
			Code: work.ReasonCharging, Message: "external power is connected|no external power", Fix: "connect external power",
			Stop: work.StopCharging, Android: pendingCharging,
		})
	case core.NeedBattery:
		return want(f, record.BatteryLow, 0, core.Verdict{
			Code: work.ReasonBattery, Message: "the battery is not low|the battery is low", Fix: "charge the battery",
			Stop: work.StopBatteryLow, Android: pendingBattery,
		})
	case core.NeedStorage:
		return want(f, record.StorageLow, 0, core.Verdict{
			Code: work.ReasonStorage, Message: "there is enough storage|storage is low", Fix: "free space on the file system of the state",
			Stop: work.StopStorage, Android: pendingStorage,
		})
	case core.NeedIdle:
		return want(f, record.Idle, 1, core.Verdict{
			Code: work.ReasonIdle, Message: "nobody uses the machine|somebody uses the machine", Fix: "leave the machine alone for a while",
			Stop: work.StopDeviceIdle, Android: pendingIdle,
		})
	case core.NeedLoad:
		// It stops no run: the load may be the run's own.
		return want(f, record.LoadHigh, 0, core.Verdict{
			Code: work.ReasonLoad, Message: "the machine has capacity to spare|the machine is under load", Fix: "wait for the load to drop",
		})
	case core.NeedLowPowerOff:
		return want(f, record.LowPower, 0, core.Verdict{
			Code: work.ReasonLowPower, Message: "power saver mode is off|power saver mode is on", Fix: "turn power saver mode off",
			Stop: work.StopDeviceState, Android: pendingBatterySaver,
		})
	}
	return network(n.Network, f)
}

func network(kind work.Network, f *record.Facts) core.Verdict {
	v := core.Verdict{
		Code: work.ReasonNetwork, Stop: work.StopConnectivity, Android: pendingConnectivity,
		Message: "a network is connected|no network is connected", Fix: "connect to a network",
	}
	if c := want(f, record.Connected, 1, v); kind == work.Connected || c.State != record.Met {
		return c
	}
	switch kind {
	case work.NotRoaming:
		v.Message, v.Fix = "the network is not roaming|the network is roaming", "connect to a network that is not roaming"
		return want(f, record.Roaming, 0, v)
	case work.Metered:
		v.Message, v.Fix = "the network is metered|the network is not metered", "connect to a metered network"
		return want(f, record.Metered, 1, v)
	}
	v.Message, v.Fix = "the network is unmetered|the network is metered", "connect to an unmetered network"
	return want(f, record.Metered, 0, v)
}

// want compares a fact with the value that is needed. The message of v holds the
// words for met and for unmet, with a bar between them.
func want(f *record.Facts, s record.Signal, value int64, v core.Verdict) core.Verdict {
	fact := &f[s]
	met, unmet := split(v.Message)
	switch fact.Value {
	case record.Unknown:
		v.State, v.Code = record.NotKnown, work.ReasonUnknown
		v.Message = s.String() + " cannot be read on this machine"
		v.Fix = "write assume: in the plan, if you know the answer"
		switch {
		case fact.Since == 0:
			v.Message, v.Fix = s.String()+" has not been read yet", "start an engine: it reads the signals first (lull run PLAN)"
		case fact.Note != "":
			v.Fix = fact.Note
		}
	case value:
		v.State, v.Message = record.Met, met+source(fact)
	default:
		v.State, v.Message = record.Unmet, unmet+source(fact)
	}
	if fact.Pretended {
		v.Fix += " (the value is pretended: --pretend)"
	}
	return v
}

func split(s string) (met, unmet string) {
	for i := range s {
		if s[i] == '|' {
			return s[:i], s[i+1:]
		}
	}
	return s, s
}

func source(f *record.Fact) string {
	switch {
	case f.Pretended:
		return " (pretended)"
	case f.Assumed:
		return " (assumed by the plan)"
	case f.Source != "":
		return " (" + f.Source + ")"
	}
	return ""
}
