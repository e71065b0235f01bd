package world

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

func convert(t *testing.T, cfg DumpConfig, files ...string) (string, DumpReport) {
	t.Helper()
	var in, out bytes.Buffer
	for _, f := range files {
		b, err := os.ReadFile("testdata/" + f)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(b)
	}
	r, err := ConvertDump(&out, &in, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(out.String(), header+"\n"), r
}

func TestConvertDump(t *testing.T) {
	for _, c := range []struct {
		file   string
		want   string
		report DumpReport
	}{
		{"deviceidle.txt", `p,2026-01-05T07:00:00Z,unlock,,1
p,2026-01-05T07:00:00Z,doze_off,,1
p,2026-01-05T07:09:59.5Z,doze_light,,1
p,2026-01-05T07:20:00Z,doze_light_maint,,1
p,2026-01-05T07:50:00Z,doze_deep,,1
p,2026-01-05T08:50:00Z,motion,,1
p,2026-01-05T08:50:00Z,doze_off,,1
`, DumpReport{Lines: 11, Events: 7, Unused: 1, Unknown: 5}},
		{"usagestats.txt", `p,2026-01-05T07:00:00Z,screen_on,,1
p,2026-01-05T07:00:01Z,unlock,,1
p,2026-01-05T07:00:02Z,app_open,com.ours,1
p,2026-01-05T07:00:20Z,app_interact,com.ours,1
p,2026-01-05T07:00:30Z,app_close,com.ours,1
p,2026-01-05T07:00:31Z,screen_off,,1
p,2026-01-05T07:00:31Z,lock,,1
p,2026-01-05T07:10:00Z,bucket_predicted,com.ours=20,1
p,2026-01-05T07:11:00Z,bucket_change,com.ours,1
`, DumpReport{Lines: 14, Events: 9, Unused: 1, Unknown: 4}},
		{"batterystats.txt", `p,2026-01-05T07:00:00Z,battery_pct,71,1
p,2026-01-05T07:00:00Z,charging_stop,,1
p,2026-01-05T07:00:00Z,screen_on,,1
p,2026-01-05T07:00:00Z,app_open,com.other,1
p,2026-01-05T07:00:01.5Z,app_close,com.other,1
p,2026-01-05T07:00:01.5Z,app_open,com.ours,1
p,2026-01-05T07:00:01.5Z,network_wifi,,1
p,2026-01-05T07:00:10Z,screen_off,,1
p,2026-01-05T07:00:10Z,doze_light,,1
p,2026-01-05T07:05:00Z,battery_pct,70,1
p,2026-01-05T07:05:00Z,charging_start,ac,1
p,2026-01-05T07:06:00Z,network_none,,1
p,2026-01-05T07:06:00Z,power_save_on,,1
p,2026-01-05T07:07:00Z,network_cell,,1
p,2026-01-05T07:07:00Z,motion,,1
p,2026-01-05T07:08:00Z,phone_off,,1
p,2026-01-05T07:09:00Z,phone_on,,1
p,2026-01-05T07:31:00Z,battery_pct,69,1
p,2026-01-05T07:31:00Z,charging_stop,,1
`, DumpReport{Lines: 16, Events: 19, Unused: 5, Unknown: 2}},
		{"batterystats_dates.txt", `p,2025-12-31T22:59:01.25Z,battery_pct,100,1
p,2025-12-31T22:59:01.25Z,screen_on,,1
p,2025-12-31T22:59:01.25Z,charging_start,usb,1
p,2025-12-31T23:00:10Z,battery_pct,99,1
p,2025-12-31T23:00:10Z,screen_off,,1
p,2025-12-31T23:00:10Z,charging_stop,,1
`, DumpReport{Lines: 5, Events: 6, Unused: 3}},
	} {
		got, r := convert(t, DumpConfig{Device: "p", Shift: hour, Now: monday + 9*hour}, c.file)
		if got != c.want {
			t.Errorf("%s: it becomes\n%s", c.file, got)
		}
		if r != c.report {
			t.Errorf("%s: %+v, not %+v", c.file, r, c.report)
		}
	}
}

// TestConvertBugReport reads all parts at once, and what comes of it as a trace.
func TestConvertBugReport(t *testing.T) {
	files := []string{"batterystats.txt", "deviceidle.txt", "usagestats.txt"}
	got, r := convert(t, DumpConfig{Shift: hour, Now: monday + 9*hour}, append(files, "usagestats.txt")...)
	if r.Events != 34 {
		t.Errorf("%+v", r)
	}
	tr, err := ReadTrace(strings.NewReader(header+"\n"+got), "dump", TraceConfig{App: "com.ours"})
	if err != nil {
		t.Fatal(err)
	}
	if d := tr.Devices[0]; d.Name != "phone" || tr.Report.Unknown > 0 || d.Events() < 20 {
		t.Errorf("%+v", tr.Report)
	}
	_, r = convert(t, DumpConfig{}, files...)
	if r.Timeless != 5 {
		t.Errorf("without the time of the dump: %+v", r)
	}
	if _, err := ConvertDump(&bytes.Buffer{}, strings.NewReader("nothing\nof that kind\n"), DumpConfig{}); !errors.Is(err, ErrNoEvents) {
		t.Errorf("%v", err)
	}
}

func TestDuration(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "+1s067ms": 1_067_000, "-2h39m35s558ms": -(2*hour + 39*minute + 35*second + 558_000), "+12d21h": 12*day + 21*hour, "5m": 5 * minute,
	} {
		if got, ok := duration(s); !ok || got != want {
			t.Errorf("%s: %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "+", "12", "+1x", "1h2", "h", "+9999999d", "--1s", "1000000000000s"} {
		if got, ok := duration(s); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
}

func FuzzConvertDump(f *testing.F) {
	for _, name := range []string{"batterystats.txt", "batterystats_dates.txt", "deviceidle.txt", "usagestats.txt"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), "phone", monday)
	}
	f.Add("time=\"2026-01-05 08:10:00\" type=STANDBY_BUCKET_CHANGED package=a,b=c standbyBucket=200 reason=p", "a,b", int64(0))
	f.Fuzz(func(t *testing.T, text, device string, now int64) {
		var out bytes.Buffer
		r, err := ConvertDump(&out, strings.NewReader(text), DumpConfig{Device: device, Now: now})
		if err != nil {
			return
		}
		// What it writes is a trace, whatever it has read.
		tr, err := ReadTrace(&out, "dump", TraceConfig{App: "com.ours", MaxGap: 100 * year * day})
		if err != nil || tr.Report.Rows != r.Events || tr.Report.Unknown > 0 {
			t.Fatalf("%v, %+v, %+v", err, r, tr)
		}
	})
}
