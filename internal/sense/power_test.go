package sense

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lullwork/lull/internal/record"
)

// TestExternalPower is the truth table of "charging". The field traps carry the
// issue in which they were met.
func TestExternalPower(t *testing.T) {
	const yes, no, unknown = 1, 0, record.Unknown
	for _, c := range []struct {
		name, supplies string
		want           int64
		source         string
	}{
		{"empty class", "", yes, "no battery found"},
		{"desktop lists its mains", "AC type=Mains online=1", yes, "sysfs AC online=1"},
		{"desktop with offline mains", "AC type=Mains online=0", yes, "no battery found"},
		{"laptop plugged, charging", "AC type=Mains online=1; BAT0 type=Battery status=Charging", yes, "sysfs AC online=1"},
		{"laptop plugged, full", "AC type=Mains online=1; BAT0 type=Battery status=Full", yes, "sysfs AC online=1"},
		{"laptop unplugged", "AC type=Mains online=0; BAT0 type=Battery status=Discharging", no, "sysfs AC online=0"},
		{"laptop without listed supply, unplugged", "BAT0 type=Battery status=Discharging", no, "sysfs BAT0 status=Discharging"},
		{"two batteries, one drained", "AC type=Mains online=0; BAT0 type=Battery status=Unknown; BAT1 type=Battery status=Discharging", no, "sysfs AC online=0"},
		{"two batteries, both at rest, plugged", "AC type=Mains online=1; BAT0 type=Battery status=Unknown; BAT1 type=Battery status=Not_charging", yes, "sysfs AC online=1"},
		{"adjustable voltage", "USB0 type=USB online=2; BAT0 type=Battery status=Charging", yes, "sysfs USB0 online=2"},
		{"wireless charger", "W type=Wireless online=1; BAT0 type=Battery status=Charging", yes, "sysfs W online=1"},
		{"old USB-C type", "C type=USB_C online=1; BAT0 type=Battery status=Discharging", yes, "sysfs C online=1"},
		{"USB charger behind mains", "AC type=Mains online=0; USB0 type=USB_PD online=1; BAT0 type=Battery status=Charging", yes, "sysfs USB0 online=1"},
		{"empty bay", "AC type=Mains online=0; BAT0 type=Battery present=0 status=Discharging", yes, "no battery found"},
		{"second bay empty", "AC type=Mains online=0; BAT0 type=Battery present=1 status=Discharging; BAT1 type=Battery present=0", no, "sysfs AC online=0"},
		{"UPS on its battery", "UPS0 type=UPS status=Discharging", no, "sysfs UPS0 status=Discharging"},
		{"unplugged and full", "AC type=Mains online=0; BAT0 type=Battery status=Full", unknown, "sysfs BAT0 status=Full"},
		{"unplugged and capped", "AC type=Mains online=0; BAT0 type=Battery status=Not_charging", unknown, "sysfs BAT0 status=Not charging"},
		{"battery says nothing", "BAT0 type=Battery", unknown, "sysfs BAT0 status=unreadable"},
		{"battery does not know", "AC type=Mains online=0; BAT0 type=Battery status=Unknown", unknown, "sysfs BAT0 status=Unknown"},
		{"unknown type only", "X type=Thing online=1", yes, "no battery found"},
		{"entry without type", "X online=1; BAT0 type=Battery status=Discharging", no, "sysfs BAT0"},
		{"unreadable online", "AC type=Mains; BAT0 type=Battery status=Discharging", no, "sysfs AC online=0"},
		{"sink port among sources", "C type=USB online=1 device/typec/port0/power_role=[source]_sink device/typec/port1/power_role=source_[sink]; BAT0 type=Battery status=Discharging", yes, "sysfs C online=1"},
		{"phone powered by us", "AC type=Mains online=0; C type=USB online=1 device/typec/port0/power_role=[source]_sink; BAT0 type=Battery status=Discharging", no, "sysfs AC online=0"},
		{"fixed source", "C type=USB online=1 device/typec/port0/power_role=source; BAT0 type=Battery status=Discharging", no, "sysfs BAT0 status=Discharging"},

		{"trap: graphics card's output port (systemd #21988)", "C type=USB online=0 device/typec/port0/power_role=[source]", yes, "no battery found"},
		{"trap: desktop NUC with idle USB-C ports (systemd #24214)", "C1 type=USB online=0; C2 type=USB online=0", yes, "no battery found"},
		{"trap: laptop over USB-C without mains (systemd #25316)", "C type=USB online=1; BAT0 type=Battery status=Charging", yes, "sysfs C online=1"},
		{"trap: charging with no supply online (systemd #25316)", "AC type=Mains online=0; BAT0 type=Battery status=Charging", yes, "sysfs BAT0 status=Charging"},
		{"trap: battery of a mouse (systemd #25316)", "hid type=Battery scope=Device status=Discharging", yes, "no battery found"},
		{"trap: mouse beside a laptop's battery", "AC type=Mains online=1; BAT0 type=Battery scope=System status=Full; hid type=Battery scope=Device status=Discharging", yes, "sysfs AC online=1"},
		{"trap: several USB and mains (OpenRC #427)", "AC type=Mains online=1; C1 type=USB online=0; C2 type=USB online=0; BAT0 type=Battery status=Full", yes, "sysfs AC online=1"},
		{"trap: several USB, the last one powers", "AC type=Mains online=0; C1 type=USB online=0; C2 type=USB online=1; BAT0 type=Battery status=Charging", yes, "sysfs C2 online=1"},
		{"trap: weak charger (fwupd #3386)", "AC type=Mains online=1; BAT0 type=Battery status=Discharging", yes, "sysfs AC online=1"},
	} {
		root := fakeRoot(t, nil)
		supplies(t, root, c.supplies)
		readPower(root)[record.Charging].check(t, c.name, c.want, c.source, "")
	}
}

func TestExternalPowerWithoutClass(t *testing.T) {
	root := t.TempDir()
	r := readPower(root)
	for _, s := range []record.Signal{record.Charging, record.BatteryLevel, record.BatteryLow} {
		r[s].check(t, "sysfs not mounted", record.Unknown, "sysfs", "mount sysfs")
	}
	if err := os.MkdirAll(filepath.Join(root, "sys/class"), 0o755); err != nil {
		t.Fatal(err)
	}
	readPower(root)[record.Charging].check(t, "kernel without power supplies", 1, "no battery found", "")
	writeFile(t, filepath.Join(root, "sys/class/power_supply"), "")
	readPower(root)[record.Charging].check(t, "class is a file", record.Unknown, "sysfs", "not a directory")
}

func TestBatteries(t *testing.T) {
	const unknown = record.Unknown
	for _, c := range []struct {
		name, supplies string
		level, low     int64
		source         string // of low
	}{
		{"none", "AC type=Mains online=1", unknown, 0, "no battery found"},
		{"half", "BAT0 type=Battery status=Discharging capacity=50", 50, 0, "sysfs BAT0 capacity"},
		{"just not low", "BAT0 type=Battery status=Discharging capacity=16", 16, 0, "sysfs BAT0 capacity"},
		{"just low", "BAT0 type=Battery status=Discharging capacity=15", 15, 1, "sysfs BAT0 capacity"},
		{"empty", "BAT0 type=Battery status=Discharging capacity=0", 0, 1, "sysfs BAT0 capacity"},
		{"low but plugged", "AC type=Mains online=1; BAT0 type=Battery status=Charging capacity=5", 5, 0, "sysfs BAT0 capacity"},
		{"low, power unknown", "BAT0 type=Battery status=Unknown capacity=5", 5, unknown, "sysfs BAT0 capacity"},
		{"more than all", "BAT0 type=Battery status=Full capacity=104", 100, 0, "sysfs BAT0 capacity"},
		{"two by energy", "A type=Battery status=Discharging capacity=100 energy_now=10 energy_full=10; B type=Battery status=Unknown capacity=0 energy_now=0 energy_full=90", 10, 1, "sysfs A capacity"},
		{"two by charge", "A type=Battery status=Discharging charge_now=30 charge_full=40; B type=Battery status=Unknown charge_now=30 charge_full=40", 75, 0, "sysfs A capacity"},
		{"two by mean", "A type=Battery status=Discharging capacity=20; B type=Battery status=Unknown capacity=40", 30, 0, "sysfs A capacity"},
		{"one by energy", "A type=Battery status=Discharging energy_now=1 energy_full=4", 25, 0, "sysfs A capacity"},
		{"only words: low", "A type=Battery status=Discharging capacity_level=Critical", unknown, 1, "sysfs A capacity_level=Critical"},
		{"only words: normal", "A type=Battery status=Discharging capacity_level=Normal", unknown, 0, "sysfs A capacity_level=Normal"},
		{"nothing", "A type=Battery status=Discharging", unknown, unknown, "sysfs A"},
		{"nonsense", "A type=Battery status=Discharging capacity=-3 energy_now=9 energy_full=0", unknown, unknown, "sysfs A"},
		{"huge", "A type=Battery status=Discharging energy_now=9223372036854775807 energy_full=9223372036854775807", unknown, unknown, "sysfs A"},
	} {
		root := fakeRoot(t, nil)
		supplies(t, root, c.supplies)
		r := readPower(root)
		r[record.BatteryLevel].check(t, c.name+": level", c.level, "", "")
		r[record.BatteryLow].check(t, c.name+": low", c.low, c.source, "")
	}
}

func TestPlatformProfile(t *testing.T) {
	const file = "sys/firmware/acpi/platform_profile"
	readProfile(fakeRoot(t, map[string]string{file: "low-power"}))[record.LowPower].check(t, "on", 1, "sysfs platform_profile", "")
	readProfile(fakeRoot(t, map[string]string{file: "balanced"}))[record.LowPower].check(t, "off", 0, "sysfs platform_profile", "")
	readProfile(fakeRoot(t, nil))[record.LowPower].check(t, "none", record.Unknown, "", "power-profiles-daemon")
}
