package world

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// tellAll writes down what a source tells, a line an event.
func tellAll(s Source, from int64) string {
	var b strings.Builder
	for {
		at, ev, ok := s.Next()
		if !ok {
			return b.String()
		}
		fmt.Fprintf(&b, "%s", span(at-from))
		if ev.Kind != core.SenseFacts {
			fmt.Fprintf(&b, " %v %d\n", ev.Kind, ev.Value)
			continue
		}
		for i := range ev.Changes() {
			sig, v := ev.Change(i)
			fmt.Fprintf(&b, " %v=%d", sig, v)
		}
		b.WriteByte('\n')
	}
}

func TestTrace(t *testing.T) {
	tr, err := ReadTraceFile("testdata/small.csv", TraceConfig{App: "com.ours", Shift: hour})
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Rows: 20, Events: 15, Unknown: 1, UnknownKinds: []string{"solar_flare"}, Unused: 2, Others: 1, Again: 2}
	if got := tr.Report; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	if len(tr.Devices) != 2 || tr.Devices[0].Name != "p1" || tr.Devices[1].Events() != 1 {
		t.Fatalf("%d devices", len(tr.Devices))
	}
	p1 := tr.Devices[0]
	got := tellAll(p1.Replay(monday+5*day), monday+5*day)
	if want := `0s local-time 3600000000
0s installed 0
6h0m0s battery-level=17
6h0m0s connected=1 validated=1 metered=0 roaming=0
6h59m58s screen 1
6h59m59s unlocked 0
7h0m1s app-opened 0
7h0m41s app-left 0
7h0m50.25s screen 0
7h10m0s charging=1
7h30m0s battery-level=20
9h0m0s metered=1
9h30m0s bucket 30
10h0m0s shutdown 0
10h2m0s booted 0
10h2m0s battery-level=21
`; got != strings.Replace(want, "battery-level=17\n", "battery-level=17 battery-low=0\n", 1) {
		t.Errorf("it tells\n%s", got)
	}
	if m := fmt.Sprint(p1.Missing()); m != "[idle storage-low load-high low-power]" {
		t.Errorf("missing: %s", m)
	}
	// The time of the day stays, wherever the replay begins.
	at, _, _ := skip(p1.Replay(monday+20*hour), 2)
	if want := monday + 30*hour; at != want {
		t.Errorf("a replay from 20:00 begins %s later", span(at-monday-20*hour))
	}
}

func skip(s Source, n int) (int64, Event, bool) {
	for range n {
		s.Next()
	}
	return s.Next()
}

// pack packs a text with gzip.
func pack(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.Bytes()
}

func TestTraceFaults(t *testing.T) {
	const good = "d,2026-01-05T07:00:00Z,screen_on,,1\n"
	packed := pack(header + "\n" + strings.Repeat(good, 2000))
	for _, c := range []struct {
		name, text, want string
		faults           int // if they are skipped; -1: an error all the same
	}{
		{"nothing", "", "t.csv:1: it is empty", -1},
		{"other columns", "a,b,c\n", "t.csv:1: the first line is not " + header, -1},
		{"few columns", good + "d,2026-01-05T07:00:00Z,screen_off\n", "t.csv:3: 3 columns, not 5", 1},
		{"many columns", "d,2026-01-05T07:00:00Z,screen_off,,1,2\n", "t.csv:2: 6 columns, not 5", 1},
		{"no time", "d,7 o'clock,screen_on,,1\n", `t.csv:2: "7 o'clock" is not a time like 2006-01-02T15:04:05Z`, 1},
		{"1970", "d,1970-01-05T07:00:00Z,screen_on,,1\n", "t.csv:2: 1970-01-05T07:00:00Z is absurd", 1},
		{"far future", "d,9999-01-05T07:00:00Z,screen_on,,1\n", "t.csv:2: 9999-01-05T07:00:00Z is absurd", 1},
		{"out of order", good + "d,2026-01-05T06:59:25Z,screen_off,,1\n" + "e,2026-01-05T06:00:00Z,screen_off,,1\n", `t.csv:3: 2026-01-05T06:59:25Z is 35s before the last row of "d"`, 1},
		{"gap", good + "d,2026-01-09T08:00:00Z,screen_off,,1\n", `t.csv:3: "d" tells nothing for 97h0m0s`, 1},
		{"level", "d,2026-01-05T07:00:00Z,battery_pct,101,1\n", `t.csv:2: "battery_pct" cannot be "101"`, 1},
		{"no level", "d,2026-01-05T07:00:00Z,battery_pct,,1\n", `t.csv:2: "battery_pct" cannot be ""`, 1},
		{"res", "d,2026-01-05T07:00:00Z,screen_on,,often\n", `t.csv:2: res "often" is not a number of seconds`, 1},
		{"no device", ",2026-01-05T07:00:00Z,screen_on,,1\n", "t.csv:2: no device, or no event", 1},
		{"long line", good + strings.Repeat("x", maxLine+1) + "\n" + good, "t.csv:3: the line is longer than 65536 bytes", 1},
		{"cut gzip", string(packed[:len(packed)/2]), "", 1},
		{"no gzip", "\x1f\x8bnonsense", "t.csv:1: gzip: invalid header", -1},
	} {
		text := c.text
		if c.name != "nothing" && c.name != "other columns" && !strings.Contains(c.name, "gzip") {
			text = header + "\n" + text
		}
		_, err := ReadTrace(strings.NewReader(text), "t.csv", TraceConfig{})
		var fault *TraceError
		if !errors.As(err, &fault) || c.want != "" && err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		tr, err := ReadTrace(strings.NewReader(text), "t.csv", TraceConfig{Skip: true})
		if c.faults < 0 {
			if err == nil {
				t.Errorf("%s: no error when faults are skipped", c.name)
			}
			continue
		}
		if err != nil || tr.Report.Faults() != c.faults || tr.Report.First != fault.Error() {
			t.Errorf("%s: %v, %+v", c.name, err, tr)
		}
	}
	if _, err := ReadTrace(strings.NewReader(header+"\n"+good+good), "t.csv", TraceConfig{MaxRows: 1}); err == nil {
		t.Error("more rows than are allowed")
	}
	if _, err := ReadTraceFile("testdata/none.csv", TraceConfig{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestTraceGap: whole days are cut out of a gap.
func TestTraceGap(t *testing.T) {
	text := header + "\nd,2026-01-05T07:00:00Z,screen_on,,1\nd,2026-01-09T08:30:00Z,screen_off,,1\nd,2026-01-09T09:00:00Z,screen_on,,1\n"
	tr, err := ReadTrace(bytes.NewReader(pack(text)), "t.csv.gz", TraceConfig{Skip: true})
	if err != nil {
		t.Fatal(err)
	}
	got := tellAll(tr.Devices[0].Replay(monday), monday)
	if want := "0s local-time 0\n0s installed 0\n7h0m0s screen 1\n8h30m0s screen 0\n9h0m0s screen 1\n"; got != want {
		t.Errorf("it tells\n%s", got)
	}
}

// TestPublicTraces reads the recordings of four phones, where they are.
func TestPublicTraces(t *testing.T) {
	dir := os.Getenv("LULL_TRACES")
	files, _ := filepath.Glob(filepath.Join(dir, "*.csv.gz"))
	if dir == "" || len(files) == 0 {
		if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "traces") {
			t.Fatalf("traces are required by LULL_REQUIRE, and there are none in LULL_TRACES=%q", dir)
		}
		t.Skipf("SKIPPED, not tested: no *.csv.gz in LULL_TRACES=%q (LULL_REQUIRE=traces makes this a failure)", dir)
	}
	for _, file := range files {
		tr, err := ReadTraceFile(file, TraceConfig{App: "app004"})
		if err != nil {
			t.Error(err)
			continue
		}
		r := tr.Report
		t.Logf("%s: %d rows, %d events, %d unused, %d of other apps, %d again, unknown: %d %v",
			filepath.Base(file), r.Rows, r.Events, r.Unused, r.Others, r.Again, r.Unknown, r.UnknownKinds)
		if r.Unknown > 0 {
			t.Errorf("%d events of unknown kinds: %v", r.Unknown, r.UnknownKinds)
		}
		for _, d := range tr.Devices {
			n, last := 0, monday
			for s := d.Replay(monday); ; n++ {
				at, _, ok := s.Next()
				if !ok {
					break
				}
				if at < last {
					t.Fatalf("%s: time goes back at event %d", d.Name, n)
				}
				last = at
			}
			t.Logf("%s: %d events in %.1f d, missing: %v", d.Name, n, float64(last-monday)/float64(day), d.Missing())
			if n != d.Events()+2 || n < 100 {
				t.Errorf("%s: %d events", d.Name, n)
			}
		}
	}
}

func TestFLASH(t *testing.T) {
	f, err := os.Open("testdata/flash.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tr, err := ReadFLASH(f, "flash.json", TraceConfig{Shift: 2 * hour})
	if err != nil {
		t.Fatal(err)
	}
	got := tellAll(tr.Devices[0].Replay(monday+22*hour), monday)
	if want := `22h0m0s local-time 7200000000
22h0m0s installed 0
44h20m31s charging=1
44h20m31s battery-level=85 battery-low=0
44h21m0s connected=1 validated=1 metered=0 roaming=0
44h30m0s screen 0
53h0m0s screen 1
53h0m2s unlocked 0
53h30m0s metered=1
`; got != want {
		t.Errorf("it tells\n%s", got)
	}
	if r := tr.Report; r.Unknown != 1 || r.Unused != 2 || len(tr.Devices) != 2 {
		t.Errorf("%+v", r)
	}
	for text, want := range map[string]string{
		`[1]`:                          "f:1: is not a trace of FLASH at byte 1: it does not begin with {",
		`{"0": {"messages": 7}}`:       "f:1: is not a trace of FLASH",
		`{"0": {"messages": "a"}`:      `f:1: message of device "0" without a tab`,
		`{"0": {"messages": "a\tb"}}`:  `f:1: "a" is not a time like 2006-01-02 15:04:05`,
		`{"0": {"messages": ""}, "1":`: "f:1: is not a trace of FLASH",
	} {
		if _, err := ReadFLASH(strings.NewReader(text), "f", TraceConfig{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestLSApp(t *testing.T) {
	f, err := os.Open("testdata/lsapp.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tr, err := ReadLSApp(f, "lsapp.tsv", TraceConfig{App: "Ours"})
	if err != nil {
		t.Fatal(err)
	}
	got := tellAll(tr.Devices[0].Replay(monday), monday)
	if want := "0s local-time 0\n0s installed 0\n6h1m5s app-opened 0\n6h1m6s interacted 0\n6h2m5s app-left 0\n"; got != want {
		t.Errorf("it tells\n%s", got)
	}
	for text, want := range map[string]string{
		"user_id\ttimestamp\n":                             "f:1: the first line does not name",
		"user_id\ttimestamp\tapp_name\tevent_type\n1\t2\n": "f:2: 2 columns, not 4",
	} {
		if _, err := ReadLSApp(strings.NewReader(text), "f", TraceConfig{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestUnknownUntilTold: a fact that a trace does not tell is unknown, not false.
func TestUnknownUntilTold(t *testing.T) {
	tr, err := ReadTraceFile("testdata/small.csv", TraceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	f := record.NewFacts()
	s := tr.Devices[0].Replay(monday)
	for {
		at, ev, ok := s.Next()
		if !ok {
			break
		}
		if at < monday+7*hour && f[record.Charging].Value != record.Unknown {
			t.Fatal("the charger is known before anything was said of it")
		}
		ev.Apply(at, &f)
	}
	if f[record.Charging].Value != 1 || f[record.LowPower].Value != record.Unknown || f[record.Connected].Value != 1 {
		t.Errorf("%+v", f)
	}
}

func FuzzReadTrace(f *testing.F) {
	small, err := os.ReadFile("testdata/small.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add(pack(string(small)))
	f.Add([]byte(header + "\nd,2026-01-05T07:00:00+02:00,battery_pct,55.5%,\nd,2036-01-05T07:00:00Z,bucket_predicted,a=b,1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, skips := range []bool{false, true} {
			tr, err := ReadTrace(bytes.NewReader(b), "f", TraceConfig{App: "com.ours", Skip: skips})
			if err != nil {
				continue
			}
			if !skips && tr.Report.Faults() > 0 {
				t.Errorf("%+v", tr.Report)
			}
			for _, d := range tr.Devices {
				last := int64(0)
				for s := d.Replay(monday); ; {
					at, ev, ok := s.Next()
					if !ok {
						break
					}
					if at < last || at < monday || ev.Kind >= core.SenseKinds {
						t.Fatalf("%+v at %d after %d", ev, at, last)
					}
					last = at
				}
			}
		}
	})
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"flash.json", "lsapp.tsv"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func(io.Reader, string, TraceConfig) (*Trace, error){ReadFLASH, ReadLSApp} {
			tr, err := read(bytes.NewReader(b), "f", TraceConfig{App: "Ours", Skip: true})
			if err != nil {
				continue
			}
			for _, d := range tr.Devices {
				if d.First > d.Last+d.cut {
					t.Errorf("%s: from %d to %d", d.Name, d.First, d.Last)
				}
				tellAll(d.Replay(monday), monday)
			}
		}
	})
}
