package sense

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/record"
)

func FuzzRoutes(f *testing.F) {
	for _, s := range []string{"", routeEth, routeBoth, routeBad, route6, "a 00000000 0 3 0 0 99999999999999999999 00000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range append(parseRoutes4(s), parseRoutes6(s)...) {
			if r.link == "" || strings.ContainsAny(r.link, " \n\t") {
				t.Errorf("link %q", r.link)
			}
			linkWorks("/none", r.link)
		}
	})
}

func FuzzPressure(f *testing.F) {
	for _, s := range []string{"", "some avg10=1.50 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00", "some avg10=", "some avg10=-1.00", "some avg10=99999999999.00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parsePressure(s); ok && n < 0 {
			t.Errorf("avg10 of %q is %d", s, n)
		}
	})
}

func FuzzPmset(f *testing.F) {
	for _, s := range []string{
		"", "Now drawing from 'AC Power'\n", "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t83%; discharging; 4:12 remaining present: true\n",
		"'\n-InternalBattery\t300%", "''\n-InternalBattery\t%",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := parsePmset(s)
		for _, sig := range []record.Signal{record.Charging, record.BatteryLevel, record.BatteryLow} {
			top := int64(1)
			if sig == record.BatteryLevel {
				top = 100
			}
			if v := r[sig].value; !r[sig].ok || v < record.Unknown || v > top || v == record.Unknown && r[sig].note == "" {
				t.Errorf("%v of %q: %+v", sig, s, r[sig])
			}
		}
	})
}

// FuzzSupply writes arbitrary text into every file of a battery and a supply.
func FuzzSupply(f *testing.F) {
	f.Add("1", "Battery", "Discharging", "50")
	f.Add("2", "USB_PD", "Not charging", "-9223372036854775808")
	f.Add("", "UPS", "", "999999999999999999999999")
	f.Fuzz(func(t *testing.T, online, kind, status, number string) {
		root := fakeRoot(t, map[string]string{
			"sys/class/power_supply/A/type": kind, "sys/class/power_supply/A/online": online, "sys/class/power_supply/A/status": status,
			"sys/class/power_supply/A/capacity": number, "sys/class/power_supply/B/type": "Battery", "sys/class/power_supply/B/status": status,
			"sys/class/power_supply/B/energy_now": number, "sys/class/power_supply/B/energy_full": number,
		})
		r := readPower(root)
		if v := r[record.BatteryLevel].value; v < record.Unknown || v > 100 {
			t.Errorf("level %d", v)
		}
		if v := r[record.Charging].value; v < record.Unknown || v > 1 {
			t.Errorf("charging %d", v)
		}
	})
}
