package measured

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
	"github.com/lullwork/lull/internal/sim/report"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what the golden archive wants")

// TestGolden holds the pages of some logs against testdata.
func TestGolden(t *testing.T) {
	file := filepath.Join("testdata", "log.txtar")
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	logs, p := input(t, a)
	got := map[string]string{}
	write := func(name string, page *Page) {
		var b strings.Builder
		if err := page.Text(&b); err != nil {
			t.Fatal(err)
		}
		got[name] = b.String()
	}
	write("want-log", Of(logs, Config{}))
	write("want-plan", Of(logs, Config{Plan: p}))
	write("want-taken", Of(logs, Config{Plan: p, Task: "sync", Taken: time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC)}))
	var b strings.Builder
	if err := Against(&b, p, simulated(), logs); err != nil {
		t.Fatal(err)
	}
	got["want-against"] = b.String()
	for _, name := range []string{"want-log", "want-plan", "want-taken", "want-against"} {
		i := 0
		for i < len(a.Files) && a.Files[i].Name != name {
			i++
		}
		if i == len(a.Files) {
			a.Files = append(a.Files, txtar.File{Name: name})
		}
		if want := string(a.Files[i].Data); want != got[name] && !*rewrite {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got[name], want)
		}
		a.Files[i].Data = []byte(got[name])
	}
	if *rewrite {
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func input(t *testing.T, a *txtar.Archive) (logs []*runlog.Log, p *plan.Plan) {
	t.Helper()
	for _, f := range a.Files {
		var err error
		switch filepath.Ext(f.Name) {
		case ".yaml":
			p, err = plan.Parse(f.Name, f.Data)
		case ".jsonl":
			var l *runlog.Log
			l, err = runlog.Read(f.Name, bytes.NewReader(f.Data))
			logs = append(logs, l)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return logs, p
}

// simulated is a report as a simulation could have it.
func simulated() *report.Report {
	const hour = 3600
	row := func(task, platform string, perDay, longest report.Spread) report.Row {
		return report.Row{Task: task, Platform: platform, Archetype: report.Everyone, PerDay: perDay, LongestGap: longest, IdleDays: 250_000, Assumed: platform == "ios"}
	}
	return &report.Report{
		Plan: "lull.yaml", Devices: 10, Days: 6, Platforms: []string{"android", "ios"},
		Rows: []report.Row{
			row("sync", "android", report.Spread{P10: 1, Median: 2, P90: 2}, report.Spread{P10: 12 * hour, Median: 14 * hour, P90: 20 * hour}),
			row("sync", "ios", report.Spread{P10: 2, Median: 3, P90: 4}, report.Spread{P10: 8 * hour, Median: 20 * hour, P90: 100 * hour}),
			row("clean", "android", report.Spread{P10: 2, Median: 3, P90: 3}, report.Spread{P10: 7 * hour, Median: 8 * hour, P90: 9 * hour}),
		},
	}
}

func TestJSON(t *testing.T) {
	a, err := txtar.ParseFile(filepath.Join("testdata", "log.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	logs, p := input(t, a)
	text, err := json.Marshal(Of(logs, Config{Plan: p}))
	if err != nil {
		t.Fatal(err)
	}
	var back Page
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Devices) != 3 || back.Devices[0].Bad != 1 || back.Devices[2].Platform != "" || len(back.Absent) != 1 || len(back.Unplanned) != 1 {
		t.Errorf("%s", text)
	}
	for _, key := range []string{`"runs_per_day":`, `"longest_gap_s":`, `"kind":"not-run"`, `"planned_runs":`, `"state":"missed"`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestVerdicts(t *testing.T) {
	at := func(hour int) string {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour) * time.Hour).Format(time.RFC3339)
	}
	logOf := func(task string, hours ...int) (out string) {
		for _, h := range hours {
			out += `{"at":"` + at(h) + `","task":"` + task + `","platform":"ios","scheduled":"` + at(max(0, h-3)) + `","started":"` + at(h) + `","ended":"` + at(h) + `","outcome":"success"}` + "\n"
		}
		return out
	}
	steps := func(from, to, step int) (out []int) {
		for h := from; h <= to; h += step {
			out = append(out, h)
		}
		return out
	}
	for name, x := range map[string]struct {
		log    string
		expect plan.Expect
		want   State
	}{
		"fresh":                   {logOf("a", steps(0, 96, 12)...), plan.Expect{Fresh: 12 * time.Hour, Devices: million}, Met},
		"stale, others ran":       {logOf("a", 0, 48) + logOf("b", steps(0, 48, 4)...), plan.Expect{Fresh: 12 * time.Hour, Devices: million}, Missed},
		"stale, or no record":     {logOf("a", 0, 48), plan.Expect{Fresh: 12 * time.Hour, Devices: million}, Unknown},
		"too short to be stale":   {logOf("a", 0, 6), plan.Expect{Fresh: 12 * time.Hour, Devices: million}, Unknown},
		"often":                   {logOf("a", steps(0, 96, 12)...), plan.Expect{PerDay: 2000, Devices: million}, Met},
		"seldom, others ran":      {logOf("a", 0, 48) + logOf("b", steps(0, 48, 4)...), plan.Expect{PerDay: 2000, Devices: million}, Missed},
		"seldom, or no record":    {logOf("a", 0, 96), plan.Expect{PerDay: 1000, Devices: million}, Unknown},
		"in time":                 {logOf("a", 5, 10), plan.Expect{Within: 3 * time.Hour, Works: million}, Met},
		"late":                    {logOf("a", 5, 10), plan.Expect{Within: time.Hour, Works: million}, Missed},
		"asked nobody knows when": {strings.ReplaceAll(logOf("a", 5, 10), "scheduled", "-"), plan.Expect{Within: time.Hour, Works: million}, Unknown},
	} {
		l, err := runlog.Read(name, strings.NewReader(x.log))
		if err != nil {
			t.Fatal(err)
		}
		page := Of([]*runlog.Log{l}, Config{})
		if got := judge(&x.expect, page.Tasks[0].Rows, "a")[0]; got.State != x.want {
			t.Errorf("%s: %+v, want %s", name, got, x.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestFullDisk(t *testing.T) {
	if err := Of(nil, Config{}).Text(full{}); err == nil {
		t.Error("no error")
	}
}
