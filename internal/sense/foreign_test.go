package sense

import (
	"testing"

	"github.com/lullwork/lull/internal/record"
)

func TestPmset(t *testing.T) {
	const unknown = record.Unknown
	for _, c := range []struct {
		name, text           string
		charging, level, low int64
	}{
		{"desktop", "Now drawing from 'AC Power'\n", 1, unknown, 0},
		{"on battery", "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t83%; discharging; 4:12 remaining present: true\n", 0, 83, 0},
		{"low", "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t9%; discharging; (no estimate) present: true\n", 0, 9, 1},
		{"low, plugged", "Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t9%; charging; 2:01 remaining present: true\n", 1, 9, 0},
		{"full", "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining present: true\n", 1, 100, 0},
		{"battery taken out", "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t0%; charging; present: false\n", 1, unknown, 0},
		{"keyboard's battery", "Now drawing from 'AC Power'\n -Magic Keyboard (id=2)\t7%; discharging; present: true\n", 1, unknown, 0},
		{"UPS", "Now drawing from 'UPS Power'\n -Back-UPS (id=3)\t97%; discharging; 0:40 remaining present: true\n", 0, unknown, 0},
		{"nothing", "", unknown, unknown, 0},
		{"garbled", "Now drawing from 'AC", unknown, unknown, 0},
		{"garbled charge", "Now drawing from 'Battery Power'\n -InternalBattery-0\tx%; present: true", 0, unknown, unknown},
	} {
		r := parsePmset(c.text)
		r[record.Charging].check(t, c.name+": charging", c.charging, "pmset", "")
		r[record.BatteryLevel].check(t, c.name+": level", c.level, "", "")
		r[record.BatteryLow].check(t, c.name+": low", c.low, "", "")
	}
}

func TestPowerStatus(t *testing.T) {
	const unknown = record.Unknown
	for _, c := range []struct {
		name                       string
		status                     powerStatus
		charging, level, low, save int64
	}{
		{"desktop", powerStatus{ACLineStatus: 1, BatteryFlag: 128, BatteryLifePercent: 255}, 1, unknown, 0, 0},
		{"desktop, line unknown", powerStatus{ACLineStatus: 255, BatteryFlag: 128, BatteryLifePercent: 255}, 1, unknown, 0, 0},
		{"on battery, saving", powerStatus{BatteryFlag: 2, BatteryLifePercent: 15, SystemStatusFlag: 1}, 0, 15, 1, 1},
		{"plugged", powerStatus{ACLineStatus: 1, BatteryFlag: 8, BatteryLifePercent: 40}, 1, 40, 0, 0},
		{"knows nothing", powerStatus{ACLineStatus: 255, BatteryFlag: 255, BatteryLifePercent: 255}, unknown, unknown, unknown, 0},
	} {
		r := c.status.readings()
		r[record.Charging].check(t, c.name+": charging", c.charging, "", "")
		r[record.BatteryLevel].check(t, c.name+": level", c.level, "", "")
		r[record.BatteryLow].check(t, c.name+": low", c.low, "", "")
		r[record.LowPower].check(t, c.name+": low power", c.save, "SystemStatusFlag", "")
	}
}

func TestIdleByInput(t *testing.T) {
	for _, c := range []struct {
		name               string
		session, now, last uint32
		want               int64
	}{
		{"typing", 1, 1000, 900, 0},
		{"four minutes", 1, 1000 + 4*60_000, 1000, 0},
		{"five minutes", 1, 1000 + 5*60_000, 1000, 1},
		{"across the wrap", 1, 5 * 60_000, ^uint32(0), 1},
		{"stamped ahead", 1, 1000, 1010, 0},
		{"service", 0, 1 << 30, 0, record.Unknown},
	} {
		idleByInput(c.session, c.now, c.last).check(t, c.name, c.want, "GetLastInputInfo", "")
	}
}

func TestNotBuilt(t *testing.T) {
	r := notBuilt("Plan 9", record.Metered, record.Idle)
	r[record.Metered].check(t, "metered", record.Unknown, "", "`assume: {metered: no}`")
	r[record.Idle].check(t, "idle", record.Unknown, "", "`assume: {idle: yes}`")
}
