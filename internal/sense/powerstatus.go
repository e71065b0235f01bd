package sense

import (
	"time"

	"github.com/lullwork/lull/internal/record"
)

// powerStatus is the start of Windows' SYSTEM_POWER_STATUS.
type powerStatus struct {
	ACLineStatus        byte // 0 offline, 1 online, 255 unknown
	BatteryFlag         byte // bit set; 128: no battery, 255: unknown
	BatteryLifePercent  byte // 0 to 100, 255 unknown
	SystemStatusFlag    byte // 1: battery saver is on
	BatteryLifeTime     uint32
	BatteryFullLifeTime uint32
}

const powerStatusSource = "GetSystemPowerStatus "

func (p powerStatus) readings() (out readings) {
	const noSystemBattery, unknownFlag = 128, 255
	present := p.BatteryFlag == unknownFlag || p.BatteryFlag&noSystemBattery == 0
	switch {
	case p.ACLineStatus <= 1:
		out[record.Charging] = yes(p.ACLineStatus == 1, powerStatusSource+"ACLineStatus")
	case !present:
		out[record.Charging] = yes(true, noBattery)
	default:
		out[record.Charging] = unknown(powerStatusSource+"ACLineStatus", "Windows does not know the power source; "+assume(record.Charging, "yes"))
	}
	level := int64(record.Unknown)
	if p.BatteryLifePercent <= 100 {
		level = int64(p.BatteryLifePercent)
	}
	out[record.BatteryLevel], out[record.BatteryLow] = wholeBattery(present, level, out[record.Charging].value, powerStatusSource+"BatteryLifePercent")
	out[record.LowPower] = yes(p.SystemStatusFlag&1 != 0, powerStatusSource+"SystemStatusFlag")
	return out
}

// idleInput is how long a Windows session must have had no input to be idle,
// before IdleAfter: what desktops on Linux wait before they say so.
const idleInput = 5 * time.Minute

// idleByInput decides from two tick counts in milliseconds, which wrap. A
// service has a session of its own, in which there never is any input.
func idleByInput(sessionID, now, lastInput uint32) reading {
	const source = "GetLastInputInfo"
	if sessionID == 0 {
		return unknown(source, "a service does not see the user's input: start lull in the login session, or "+assume(record.Idle, "yes"))
	}
	// The last input may be stamped a little ahead of the clock.
	since := max(int32(now-lastInput), 0)
	return yes(time.Duration(since)*time.Millisecond >= idleInput, source)
}
