package runlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// entry is a line of a log: minutes after its begin, and an outcome.
func entry(task string, started, at int, outcome string) string {
	text := func(minutes int) string {
		return begin.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339Nano)
	}
	ended := "null"
	if outcome != "running" {
		ended = `"` + text(at) + `"`
	}
	return fmt.Sprintf(`{"at":%q,"task":%q,"platform":"android","app_version":"1.0","scheduled":null,"started":%q,"ended":%s,"outcome":%q,"stop_reason":null,"error":null}`+"\n",
		text(at), task, text(started), ended, outcome)
}

// ran are both lines of a run that takes a minute.
func ran(task string, minute int) string {
	return entry(task, minute, minute, "running") + entry(task, minute, minute+1, "success")
}

func read(t *testing.T, text string) *Log {
	t.Helper()
	l, err := Read("a.jsonl", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func device(t *testing.T, text string) *Device {
	t.Helper()
	all := read(t, text).Devices()
	if len(all) != 1 {
		t.Fatalf("%d devices", len(all))
	}
	return all[0]
}

func TestBadLines(t *testing.T) {
	good := strings.TrimSpace(ran("sync", 0))
	with := func(old, replacement string) string {
		return strings.Replace(strings.TrimSpace(entry("sync", 0, 1, "success")), old, replacement, 1)
	}
	for _, x := range []struct{ line, why string }{
		{"[]", "no JSON object"},
		{`{"at":"2026`, "no JSON object: broken or cut short"},
		{`{}`, "at is missing"},
		{with(`"sync"`, `7`), "task: a number is no text"},
		{with(`"sync"`, `""`), "task is missing"},
		{with(`"sync"`, `"a\u001b[2J"`), "task has characters that cannot be shown"},
		{with(`"sync"`, `"`+strings.Repeat("a", maxName+1)+`"`), "task is longer than 256 bytes"},
		{with(`2026-01-01T00:01:00Z`, `yesterday`), "at is no time as 2026-01-31T08:15:30.123Z"},
		{with(`2026-01-01T00:01:00Z`, `1970-01-01T00:01:00Z`), "at is in the year 1970"},
		{with(`"success"`, `"fine"`), `unknown outcome "fine"`},
		{with(`"ended":"2026-01-01T00:01:00Z"`, `"ended":null`), "ended is missing, with the outcome success"},
		{`{"x":"` + strings.Repeat("a", 3*maxLine) + `"}`, "longer than 65536 bytes"},
	} {
		l := read(t, x.line+"\n\n"+good+"\n")
		if l.Bad != 1 || len(l.Told) != 1 || l.Told[0] != (Bad{1, x.why}) || len(l.Lines) != 2 || l.Cut {
			t.Errorf("%.60s: %d bad, %v, %d lines", x.line, l.Bad, l.Told, len(l.Lines))
		}
		if _, err := Read("b", strings.NewReader(x.line+"\n")); !errors.Is(err, ErrNoLog) || !strings.Contains(err.Error(), x.why) {
			t.Errorf("%.60s alone: %v", x.line, err)
		}
	}
	l := read(t, strings.Repeat("?\n", 9)+good+"\n{\n")
	if !l.Cut || l.Bad != 9 || len(l.Told) != maxTold {
		t.Errorf("%d bad, %d told", l.Bad, len(l.Told))
	}
}

func TestManyTasks(t *testing.T) {
	var text strings.Builder
	for i := range maxTask + 3 {
		text.WriteString(ran(fmt.Sprint("upload-", i), i))
	}
	l := read(t, text.String())
	if l.Bad != 6 || len(l.Lines) != 2*maxTask || !strings.HasPrefix(l.Told[0].Why, "more than 200 tasks") {
		t.Errorf("%d lines, %d bad: %v", len(l.Lines), l.Bad, l.Told)
	}
}

func TestTolerated(t *testing.T) {
	run := ran("sync", 0)
	for name, text := range map[string]string{
		"byte order mark": "\xef\xbb\xbf" + run,
		"CRLF":            strings.ReplaceAll(run, "\n", "\r\n"),
		"no last newline": strings.TrimSpace(run),
		"unknown fields":  strings.ReplaceAll(run, `{"at"`, `{"battery":{"level":[1]},"at"`),
		"copies":          run + run,
		"out of order":    entry("sync", 0, 1, "success") + entry("sync", 0, 0, "running"),
		"other zone":      strings.ReplaceAll(run, "T00:00:00Z", "T02:00:00+02:00"),
		"only its end":    entry("sync", 0, 1, "success"),
		"cut last line":   run + run[:40],
		"cut, then ended": run + run[:40] + "\n\n",
	} {
		l := read(t, text)
		d := l.Devices()[0]
		if len(d.Runs) != 1 || d.Runs[0].Outcome != Success || !d.Runs[0].Started.Equal(begin) || d.Span() != time.Minute || l.Bad > 0 {
			t.Errorf("%s: %+v, %d bad", name, d, l.Bad)
		}
		if cut := strings.HasPrefix(name, "cut"); l.Cut != cut {
			t.Errorf("%s: cut %v", name, l.Cut)
		}
		if copies := name == "copies"; copies != (l.Twice == 2) {
			t.Errorf("%s: %d lines twice", name, l.Twice)
		}
	}
	if l := read(t, "\n"); len(l.Lines) != 0 || l.Devices()[0].Platform != "" {
		t.Errorf("an empty log: %+v", l)
	}
}

func TestOutcomes(t *testing.T) {
	for name, x := range map[string]struct {
		text string
		want Outcome
	}{
		"success":       {ran("a", 0), Success},
		"stopped, then": {entry("a", 0, 0, "running") + entry("a", 0, 1, "stopped") + entry("a", 0, 2, "success"), Stopped},
		"killed":        {entry("a", 0, 0, "running") + ran("a", 5), Killed},
		"others go on":  {entry("a", 0, 0, "running") + ran("b", 30), Killed},
		"still running": {entry("a", 0, 0, "running") + ran("b", 5), Running},
		"last line":     {entry("a", 0, 0, "running"), Running},
	} {
		if got := device(t, x.text).Runs[0].Outcome; got != x.want {
			t.Errorf("%s: %s, not %s", name, got, x.want)
		}
	}
}

func TestTakenLater(t *testing.T) {
	d := device(t, entry("a", 0, 0, "running"))
	d.TakenAt(begin.Add(-time.Hour))
	if d.Runs[0].Outcome != Running || d.Span() != 0 {
		t.Errorf("%+v", d)
	}
	d.TakenAt(begin.Add(time.Hour))
	if d.Runs[0].Outcome != Killed || d.Span() != time.Hour {
		t.Errorf("%+v", d)
	}
}

func TestGaps(t *testing.T) {
	const hour = 60
	every := func(task string, from, until, step int) (out string) {
		for at := from; at < until; at += step {
			out += ran(task, at)
		}
		return out
	}
	ends := ran("sync", 0) + ran("sync", 100*hour)
	for name, x := range map[string]struct {
		text   string
		want   Kind
		silent time.Duration
	}{
		"alone":            {ends, NoRecord, 100 * time.Hour},
		"others all along": {ends + every("other", hour, 100*hour, hour), NotRun, time.Hour},
		"others beside":    {ends + ran("other", 1) + ran("other", 100*hour-2), NoRecord, 100*time.Hour - 4*time.Minute},
		"others until 30h": {ends + every("other", hour, 30*hour, hour), Partly, 71*time.Hour - time.Minute},
	} {
		g := device(t, x.text).Tally("sync").Longest
		if g == nil || g.Length() != 100*time.Hour || g.Kind != x.want || g.Silent != x.silent || g.First || g.Last {
			t.Errorf("%s: %+v", name, g)
		}
	}

	// Both ends of the log count.
	d := device(t, ran("other", 0)+ran("sync", 10*hour)+ran("sync", 11*hour)+every("other", 12*hour, 73*hour, hour))
	y := d.Tally("sync")
	if y.Runs != 2 || y.Median != time.Hour || len(y.Gaps) != 3 || !y.Gaps[0].Last || y.Gaps[0].Kind != NotRun || !y.Gaps[1].First || y.Gaps[1].Kind != NoRecord {
		t.Errorf("%+v", y)
	}
	if y.Days != 3 || y.Idle != 2 || y.PerDay < 0.66 || y.PerDay > 0.67 {
		t.Errorf("%d of %d days idle, %f a day", y.Idle, y.Days, y.PerDay)
	}
	// One that never ran; and a log that was taken later than its last line.
	d.TakenAt(begin.Add(200 * time.Hour))
	never := d.Tally("never")
	if never.Runs != 0 || never.Idle != never.Days || never.Days != 8 || never.Longest.Length() != 200*time.Hour || never.Longest.Kind != Partly {
		t.Errorf("%+v", never)
	}
	// Of a short log nothing is said a day.
	if y := device(t, ran("sync", 0)).Tally("sync"); y.PerDay != -1 || y.Median != -1 || y.Longest != nil || y.Days != 0 {
		t.Errorf("%+v", y)
	}
}

func TestSuccessGaps(t *testing.T) {
	d := device(t, ran("a", 0)+entry("a", 60, 61, "failure")+entry("a", 120, 121, "failure")+ran("a", 180))
	gaps := d.SuccessGaps("a")
	if len(gaps) != 1 || gaps[0].Length() != 3*time.Hour || gaps[0].Kind != NotRun {
		t.Errorf("%+v", gaps)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadFile(dir); !errors.Is(err, ErrNotAFile) {
		t.Error(err)
	}
	if _, err := ReadFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxFile+1); err != nil {
		t.Skip("no large files here:", err)
	}
	if _, err := ReadFile(large); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(ran("sync", 0) + entry("other", 7, 7, "running"))
	f.Add(strings.ReplaceAll(ran("sync", 3), "android", "ios") + ran("sync", 3))
	f.Add(entry("a", 5, 3, "stopped") + entry("a", 5, 2, "failure") + `{"at":`)
	f.Add("\xef\xbb\xbf[]\n\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Read("f", strings.NewReader(text))
		if err != nil {
			return
		}
		runs := 0
		for _, d := range l.Devices() {
			runs += len(d.Runs)
			tallied := 0
			for _, task := range d.Tasks() {
				y := d.Tally(task)
				tallied += y.Runs
				for _, g := range y.Gaps {
					if g.Length() <= 0 || g.Silent > g.Length() || g.From.Before(d.From) || g.Until.After(d.Until) {
						t.Fatalf("gap %+v of %s", g, task)
					}
				}
				if y.Idle < 0 || y.Idle > y.Days {
					t.Fatalf("%d of %d days", y.Idle, y.Days)
				}
			}
			if tallied != len(d.Runs) {
				t.Fatalf("%d runs tallied, of %d", tallied, len(d.Runs))
			}
		}
		if runs > len(l.Lines) || (runs == 0) != (len(l.Lines) == 0) {
			t.Fatalf("%d runs of %d lines", runs, len(l.Lines))
		}
	})
}

// BenchmarkRead reads a year of two tasks, each every 15 minutes, and counts them.
func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	for i := range 365 * 96 {
		text.WriteString(ran("sync", 15*i) + ran("clean", 15*i+7))
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		l, err := Read("b", strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range l.Devices() {
			for _, task := range d.Tasks() {
				d.Tally(task)
			}
		}
	}
}
