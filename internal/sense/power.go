package sense

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lullwork/lull/internal/record"
)

// lowPercent is the charge up to which a battery is low while nothing charges
// it. UPower's own warning, where it gives one, goes first.
const lowPercent = 15

const noBattery = "no battery found"

// supply is an entry of /sys/class/power_supply that can power the machine.
type supply struct {
	name, dir string
	online    string // external: 1 delivers power, 2 likewise at an adjustable voltage
	battery   bool   // else external
	status    string // battery: as Charging, Discharging, Full, Not charging
}

// readPower reads external power and batteries from sysfs.
func readPower(sysRoot string) (out readings) {
	class := filepath.Join(sysRoot, "sys/class")
	supplies, err := listSupplies(filepath.Join(class, "power_supply"))
	if err != nil {
		// No such class means a kernel without power supplies; no classes at all
		// mean that sysfs is not mounted.
		if _, none := os.Stat(class); none != nil || !errors.Is(err, fs.ErrNotExist) {
			for s, example := range map[record.Signal]string{record.Charging: "yes", record.BatteryLevel: "80", record.BatteryLow: "no"} {
				out[s] = unknown("sysfs", "cannot read power supplies ("+err.Error()+"): mount sysfs, or "+assume(s, example))
			}
			return out
		}
	}
	charging := externalPower(supplies)
	out[record.Charging] = charging
	out[record.BatteryLevel], out[record.BatteryLow] = batteries(supplies, charging.value)
	return out
}

func listSupplies(class string) ([]supply, error) {
	entries, err := os.ReadDir(class)
	if err != nil {
		return nil, err
	}
	var list []supply
	for _, e := range entries {
		s := supply{name: e.Name(), dir: filepath.Join(class, e.Name())}
		if attr(filepath.Join(s.dir, "scope")) == "Device" { // the battery of a mouse
			continue
		}
		switch kind := attr(filepath.Join(s.dir, "type")); {
		case kind == "Battery", kind == "UPS":
			if attr(filepath.Join(s.dir, "present")) == "0" {
				continue // an empty bay
			}
			s.battery = true
			s.status = attr(filepath.Join(s.dir, "status"))
		case kind == "Mains", kind == "Wireless", kind == "BrickID", strings.HasPrefix(kind, "USB"):
			if onlySources(s.dir) {
				continue
			}
			s.online = attr(filepath.Join(s.dir, "online"))
		default:
			continue
		}
		list = append(list, s)
	}
	return list, nil
}

// onlySources tells whether a port gives power and takes none, as the USB-C
// output of a graphics card (systemd issue 21988). A controller has one supply
// and may have several ports: one sink among them is enough to count.
func onlySources(dir string) bool {
	roles, _ := filepath.Glob(filepath.Join(dir, "device/typec/port*/power_role"))
	source := false
	for _, r := range roles {
		// The role in force stands in brackets where the port knows both.
		switch role := attr(r); {
		case strings.Contains(role, "[sink]"), role == "sink":
			return false
		case strings.Contains(role, "[source]"), role == "source":
			source = true
		}
	}
	return source
}

// externalPower is the rule for "charging": an online supply is proof whatever
// the battery says (a weak charger, a capped charge), else a battery that
// discharges is, else a machine without a battery is on external power. A
// battery that charges gets its power from somewhere, whatever the supplies say
// (laptops charged over USB-C that list no supply).
func externalPower(supplies []supply) reading {
	var offline, discharging, charging, other *supply
	for i := range supplies {
		s := &supplies[i]
		switch {
		case s.online == "1", s.online == "2":
			return yes(true, "sysfs "+s.name+" online="+s.online)
		case !s.battery:
			if offline == nil {
				offline = s
			}
		case s.status == "Discharging":
			discharging = s
		case s.status == "Charging":
			charging = s
		default:
			other = s
		}
	}
	switch {
	case discharging != nil && offline != nil:
		return yes(false, "sysfs "+offline.name+" online=0")
	case discharging != nil:
		return yes(false, "sysfs "+discharging.name+" status=Discharging")
	case charging != nil:
		return yes(true, "sysfs "+charging.name+" status=Charging")
	case other == nil:
		return yes(true, noBattery)
	}
	status := other.status
	if status == "" {
		status = "unreadable"
	}
	return unknown("sysfs "+other.name+" status="+status,
		"no power supply is online and the battery does not discharge: install UPower, or "+assume(record.Charging, "yes"))
}

// batteries returns the level and whether it is low.
func batteries(supplies []supply, charging int64) (level, low reading) {
	var list []supply
	for _, s := range supplies {
		if s.battery {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return unknown(noBattery, "this machine has no battery; "+assume(record.BatteryLevel, "100")), yes(false, noBattery)
	}
	name := list[0].name
	if n, ok := percent(list); ok {
		level = known(n, "sysfs "+name+" capacity")
		return level, lowBattery(n, charging, level.source)
	}
	level = unknown("sysfs "+name, "the battery does not tell its charge; "+assume(record.BatteryLevel, "80"))
	switch word := attr(filepath.Join(list[0].dir, "capacity_level")); word {
	case "Critical", "Low":
		low = lowBattery(0, charging, "sysfs "+name+" capacity_level="+word)
	case "Normal", "High", "Full":
		low = yes(false, "sysfs "+name+" capacity_level="+word)
	default:
		low = unknown("sysfs "+name, "the battery does not tell its charge; "+assume(record.BatteryLow, "no"))
	}
	return level, low
}

// lowBattery is the rule without a warning level: at most 15 % and not on
// external power.
func lowBattery(percent, charging int64, source string) reading {
	switch {
	case percent > lowPercent || charging == 1:
		return yes(false, source)
	case charging == 0:
		return yes(true, source)
	}
	return unknown(source, "the battery is at 15 % or less and external power is unknown; "+assume(record.BatteryLow, "no"))
}

// percent is the charge of all batteries: by energy, else by charge, else the
// mean of what they say. A single one is believed.
func percent(list []supply) (int64, bool) {
	if len(list) > 1 {
		for _, unit := range []string{"energy", "charge"} {
			if n, ok := ratio(list, unit); ok {
				return n, true
			}
		}
	}
	var sum, count int64
	for _, s := range list {
		if n, ok := attrInt(filepath.Join(s.dir, "capacity")); ok {
			sum += min(n, 100)
			count++
		}
	}
	if count > 0 {
		return sum / count, true
	}
	if n, ok := ratio(list, "energy"); ok {
		return n, true
	}
	return ratio(list, "charge")
}

func ratio(list []supply, unit string) (int64, bool) {
	var now, full int64
	for _, s := range list {
		n, ok1 := attrInt(filepath.Join(s.dir, unit+"_now"))
		f, ok2 := attrInt(filepath.Join(s.dir, unit+"_full"))
		const sane = 1 << 40 // micro-units: a megawatt hour
		if !ok1 || !ok2 || n > sane || f > sane {
			return 0, false
		}
		now, full = now+n, full+f
	}
	if full == 0 {
		return 0, false
	}
	return min(now*100/full, 100), true
}

// readProfile reads the firmware's power profile: what a power saver switches
// where no service tells.
func readProfile(sysRoot string) (out readings) {
	profile := attr(filepath.Join(sysRoot, "sys/firmware/acpi/platform_profile"))
	if profile == "" {
		out[record.LowPower] = unknown("", "no power profile is known: install power-profiles-daemon, or "+assume(record.LowPower, "no"))
	} else {
		out[record.LowPower] = yes(profile == "low-power", "sysfs platform_profile")
	}
	return out
}
