package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// DefaultAPI is the API level of a Policy that names none: Android 16.
const DefaultAPI = 36

// Policy is Android's.
type Policy struct {
	API int // API level; default DefaultAPI
}

// Rules returns WorkManager's constants.
func (Policy) Rules() core.Rules { return rules() }

func (p Policy) api() int {
	if p.API == 0 {
		return DefaultAPI
	}
	return p.API
}

// Judge evaluates a constraint as WorkManager does in process. Idle is left to the
// system there, and so holds here.
func (p Policy) Judge(n core.Need, f *record.Facts) core.Verdict {
	switch n.Kind {
	case core.NeedCharging:
		return verdict(f[record.Charging].Value == 1, work.ReasonCharging, pendingCharging, work.StopCharging, "not charging")
	case core.NeedBattery:
		return verdict(f[record.BatteryLow].Value != 1, work.ReasonBattery, pendingBattery, work.StopBatteryLow, "battery is low")
	case core.NeedStorage:
		return verdict(f[record.StorageLow].Value != 1, work.ReasonStorage, pendingStorage, work.StopStorage, "storage is low")
	case core.NeedNetwork:
		return p.network(n, f)
	}
	return core.Verdict{State: record.Met}
}

func verdict(met bool, code work.Code, pending int, stop work.StopReason, unmet string) core.Verdict {
	v := core.Verdict{Code: code, Android: pending, Stop: stop, Fix: "the device has to change"}
	if met {
		v.State = record.Met
		return v
	}
	v.Message = unmet
	return v
}
