package validate

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/work"
)

var update = flag.Bool("update", false, "write docs/validation.md anew")

// TestTable holds what comes of each case against what is known of it, and against the
// page that tells it.
func TestTable(t *testing.T) {
	all, err := Run()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		r := &all[i]
		if r.State != r.Expect {
			t.Errorf("%s is %s, not %s: %s\n\t%s", r.ID, r.State, r.Expect, r.Simulated, strings.Join(r.Causes, "\n\t"))
		}
	}
	var page bytes.Buffer
	if err := Markdown(&page, all); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "..", "docs", "validation.md")
	if *update {
		if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page.String()); diff != "" {
		t.Errorf("docs/validation.md is another one (-update writes it anew): -page +now\n%s", diff)
	}
}

// TestCases looks at what the cases say of themselves.
func TestCases(t *testing.T) {
	var ids []string
	for _, c := range Cases() {
		if slices.Contains(ids, c.ID) {
			t.Errorf("%s is there twice", c.ID)
		}
		ids = append(ids, c.ID)
		for name, s := range map[string]string{"platform": c.Platform, "source": c.Source, "world": c.World, "observed": c.Observed, "assert": c.Assert} {
			if s == "" || strings.HasSuffix(s, ".") {
				t.Errorf("%s: %s is %q", c.ID, name, s)
			}
		}
		if strings.HasPrefix(c.Link, "http") {
			t.Errorf("%s: its link is %q", c.ID, c.Link)
		}
		if !slices.Contains([]State{Met, Missed, NotApplicable}, c.Expect) || !slices.Contains([]string{documented, measured, reported}, c.Kind) {
			t.Errorf("%s: %s, %s", c.ID, c.Expect, c.Kind)
		}
	}
	if len(ids) != 23 {
		t.Errorf("%d cases", len(ids))
	}
}

// TestPlans reads the plans, each of which some case has.
func TestPlans(t *testing.T) {
	files, err := plans.ReadDir("plans")
	if err != nil {
		t.Fatal(err)
	}
	source := ""
	for _, f := range []string{"doze.go", "jobs.go", "messages.go", "buckets.go", "exposure.go", "refresh.go", "glance.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source += string(b)
	}
	for _, f := range files {
		if !strings.Contains(source, `"`+f.Name()+`"`) {
			t.Errorf("no case plays %s", f.Name())
		}
	}
}

// TestLost takes a case that was met and is not.
func TestLost(t *testing.T) {
	all := []Result{
		{Case: &Case{ID: "A", Expect: Met}, State: Met},
		{Case: &Case{ID: "B", Expect: Met}, State: Missed},
		{Case: &Case{ID: "C", Expect: Missed}, State: Missed},
		{Case: &Case{ID: "D", Expect: Met}, State: NotApplicable},
	}
	if got := Lost(all); !slices.Equal(got, []string{"B", "D"}) {
		t.Errorf("lost %v", got)
	}
	var text bytes.Buffer
	if err := Text(&text, all); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 of 4 met, 2 missed, 1 not applicable", "no longer met: B, D"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}

// TestFindings tries what the cases count with.
func TestFindings(t *testing.T) {
	runs := []run{{at: hour}, {at: hour + 10*minute}, {at: hour + 25*minute}, {at: 5 * hour}, {at: 3 * day}}
	if got := gaps(runs); !slices.Equal(got, []int64{10 * minute, 15 * minute, 215 * minute, 67 * hour}) {
		t.Errorf("gaps %v", got)
	}
	if got := emptyDays(runs, 4); got != 2 {
		t.Errorf("%d empty days", got)
	}
	if !burst(runs) || burst(runs[1:]) {
		t.Error("bursts are not found")
	}
	list := []int64{5, 1, 4, 2, 3}
	if median(list) != 3 || most(list) != 5 || quantile(list, 0) != 1 || mean(list) != 3 || sum(list) != 15 || over(list, 3) != 2 {
		t.Error("quantiles are wrong")
	}
	if hours(5430*second) != "1.5" || ratio(2, 3) != "0.67" || ratio(1, 0) != "-" {
		t.Error("figures are written wrong")
	}
	phases := []phase{{0, "a"}, {5, "b"}, {9, "a"}, {10, "b"}}
	if got := lasts(phases, "a"); !slices.Equal(got, []int64{5, 1}) || at(phases, 9) != "a" || at(phases, 8) != "b" {
		t.Errorf("phases of %v", got)
	}
	if got := until(phases, 9); len(got) != 3 || got[2] != (phase{at: 9}) {
		t.Errorf("until %v", got)
	}
}

// TestWindowsStayOpen looks at runs that begin in a window of Doze: the window stays open
// for them.
func TestWindowsStayOpen(t *testing.T) {
	w := scene{plan: "hourly.yaml", platform: "android", who: seldom, set: plain, days: 7, settle: 7, devices: 5}
	phones, err := w.play()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range phones {
		y := &phones[i]
		for _, r := range y.runs {
			if at(y.light, r.at) != "IDLE_MAINTENANCE" && at(y.deep, r.at) != "IDLE_MAINTENANCE" {
				continue
			}
			if n++; r.out == work.Stopped && r.took < 15*second {
				t.Errorf("phone %d: a run that began in a window %s h after the start was stopped after %s s", i, hours(r.at), seconds(r.took))
			}
		}
	}
	if n < 20 {
		t.Errorf("%d runs in windows", n)
	}
}

// TestUnknown asks for what there is not.
func TestUnknown(t *testing.T) {
	for _, s := range []scene{
		{plan: "none.yaml", platform: "ios", days: 1},
		{plan: "refresh.yaml", platform: "ios", who: "nobody", days: 1},
		{plan: "refresh.yaml", platform: "ios", profile: "none", days: 1},
		{plan: "refresh.yaml", platform: "beos", days: 1},
		{plan: "daily.yaml", platform: "android", android: "1.5", days: 1},
		{plan: "daily.yaml", platform: "android", vendor: "acme", days: 1},
		{plan: "daily.yaml", platform: "android", values: values("doze.nap", "1m"), days: 1},
	} {
		if _, err := s.play(); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
}

// BenchmarkCase is one case.
func BenchmarkCase(b *testing.B) {
	for _, c := range Cases() {
		b.Run(c.ID, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
