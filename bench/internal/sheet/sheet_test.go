package sheet

import (
	"bytes"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	var s Sheet
	for _, v := range []float64{9, 1, 5} {
		s.Add("odd", "x", v)
	}
	for _, v := range []float64{4, 1, 9, 2} {
		s.Add("even", "x", v)
	}
	s.Add("failed", "x", 1)
	s.Fail("failed", "x")
	if m, ok := s.Median("odd", "x"); !ok || m != 5 {
		t.Errorf("median %g, %v; want 5", m, ok)
	}
	if m, ok := s.Median("even", "x"); !ok || m != 3 {
		t.Errorf("median %g, %v; want 3", m, ok)
	}
	for _, id := range []ID{"none", "failed"} {
		if _, ok := s.Median(id, "x"); ok {
			t.Errorf("row %s has a median", id)
		}
	}
}

func TestQuantile(t *testing.T) {
	v := make([]float64, 200)
	for i := range v {
		v[i] = float64(i + 1)
	}
	if p50, p99 := Quantile(v, 0.5), Quantile(v, 0.99); p50 != 100 || p99 != 198 {
		t.Errorf("p50 %g, p99 %g; want 100 and 198", p50, p99)
	}
	if got := Quantile([]float64{7}, 0.5); got != 7 {
		t.Errorf("p50 of one value is %g", got)
	}
}

func TestGoals(t *testing.T) {
	s := Sheet{Rows: []Row{{ID: "time", Label: "time", Format: Short}, {ID: "rate", Label: "rate", Format: Whole}}}
	s.Add("time", "mine", 2)
	s.Add("time", "fast", 4)
	s.Add("time", "slow", 9)
	s.Add("rate", "mine", 1_234_567)
	goals := []Goal{
		{Title: "at its limit", System: "mine", Row: "time", Limit: 0.5, AtMost: true, Of: []string{"fast", "slow"}},
		{Title: "above it", System: "mine", Row: "time", Limit: 1.99, AtMost: true},
		{Title: "rate", System: "mine", Row: "rate", Limit: 1_234_567},
		{Title: "no peer", System: "mine", Row: "time", Limit: 1, Of: []string{"fast", "absent"}},
		{Title: "no figure", System: "absent", Row: "time", Limit: 1},
	}
	missed, open := s.Missed(goals)
	if len(missed) != 1 || missed[0] != "above it" || open != 2 {
		t.Errorf("missed %q, open %d; want the second, and 2", missed, open)
	}
	var verdicts []string
	for _, line := range s.Goals("goals", "got", goals, goals[:2])[1:] {
		verdicts = append(verdicts, line[len(line)-1])
	}
	if got := strings.Join(verdicts, ","); got != "pass,MISSED,pass,open,open,reached,below the aim" {
		t.Errorf("verdicts: %s", got)
	}
}

func TestTables(t *testing.T) {
	s := Sheet{Rows: []Row{{ID: "time", Label: "time, ms", Format: Short}, {ID: "rate", Label: "rate", Format: Whole}, {ID: "none", Label: "none", Format: Whole}}}
	for _, v := range []float64{2, 1, 3} {
		s.Add("time", "mine", v)
	}
	s.Add("time", "theirs", 40)
	s.Add("rate", "mine", 1_000)
	s.Fail("rate", "theirs")
	s.Add("none", "mine", 0)
	s.Add("none", "theirs", 0)
	ratios, ok := s.Ratios("mine", []string{"theirs"})
	if !ok {
		t.Fatal("no ratios of two systems")
	}
	var b bytes.Buffer
	Write(&b, s.Figures([]string{"mine", "theirs"}))
	Write(&b, ratios)
	const want = `                      mine  theirs
──────────────────────────────────
time, ms  2.00 [1.00-3.00]    40.0
rate                 1,000  failed
none                     0       0
mine ÷    theirs
────────────────
time, ms   x1/20
rate           -
none           -
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if _, ok := s.Ratios("mine", nil); ok {
		t.Error("ratios of one system")
	}
}

func TestChoose(t *testing.T) {
	all := []string{"raw loop", "b", "c"}
	name := func(s string) string { return s }
	for names, want := range map[string]string{"": "raw loop,b,c", "c, raw": "raw loop,c", "raw loop": "raw loop"} {
		if got, err := Choose(all, name, names); err != nil || strings.Join(got, ",") != want {
			t.Errorf("%q chose %q, %v; want %q", names, got, err, want)
		}
	}
	if _, err := Choose(all, name, "b,d"); err == nil || !strings.Contains(err.Error(), `"d"`) || !strings.Contains(err.Error(), "hint: the systems are raw, b, c") {
		t.Errorf("an unknown system: %v", err)
	}
}
