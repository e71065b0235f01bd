package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

var long = flag.Bool("long", false, "run slow tests")

func TestMain(m *testing.M) {
	if err := adoptOrphans(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestEverySystemAnswers asks each system that is on this machine; with -long for every figure that it claims to give.
func TestEverySystemAnswers(t *testing.T) {
	dir := t.TempDir()
	for _, sys := range systems() {
		t.Run(sys.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			if err := sys.install(ctx, dir); err != nil {
				t.Fatal(err)
			}
			if sys.absent != "" {
				t.Skip(sys.absent)
			}
			for _, m := range measurements(config{runs: 1, span: time.Millisecond, live: 10, rounds: 3}) {
				r := m.request
				quick := r.Measure == trial.RoundTrip && r.Size == size64KB
				if !sys.takes(r.Measure) || !quick && !*long {
					continue
				}
				r.N, r.WarmUp = min(r.N, 20), min(r.WarmUp, 1)
				a, err := ask(ctx, sys, r)
				if err != nil {
					t.Errorf("%s: %v", m.title, err)
					continue
				}
				got, err := m.figures(a, r.N)
				if err != nil || len(got) != len(m.rows) {
					t.Errorf("%s: figures %v, %v", m.title, got, err)
				}
				for _, v := range got {
					if v < 0 || v == 0 && r.Measure != trial.Memory && r.Measure != trial.Leaks {
						t.Errorf("%s: figures %v", m.title, got)
					}
				}
				if a.left > 0 || r.Measure == trial.Leaks && got[0] > 0 {
					t.Errorf("%s: left %d processes, figures %v", m.title, a.left, got)
				}
			}
		})
	}
}

// TestFailingProgramsAreReported has programs that do not answer as they should.
func TestFailingProgramsAreReported(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh")
	}
	for script, want := range map[string]string{
		"echo some words":                    "answer",
		"echo '{\"nanoseconds\":[1]}'":       "unknown field",
		"echo the reason >&2; exit 3":        "the reason",
		"kill -9 $$":                         "killed",
		"exec true":                          "samples",
		"sleep 60 & echo '{\"ns\":[1,2,3]}'": "samples",
	} {
		a, err := ask(t.Context(), system{argv: []string{"/bin/sh", "-c", script}}, trial.Request{Measure: trial.Spawn})
		if err == nil {
			_, err = quantiles(a, 0)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", script, err, want)
		}
		if strings.Contains(script, "sleep") && err != nil && a.left != 1 {
			t.Errorf("%s: %d processes were left, want 1", script, a.left)
		}
	}
}

func TestAbsentPeersAreNoFailure(t *testing.T) {
	c, err := parse([]string{"-runs", "1"})
	if err != nil {
		t.Fatal(err)
	}
	s := newSuite(c, []system{{name: "x", program: "echo.py", interpreter: "no-such-interpreter"}}, io.Discard)
	if err := s.install(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	s.print(&b)
	if want := "x: absent, no no-such-interpreter on the PATH"; s.AnyFailed() || !strings.Contains(b.String(), want) {
		t.Errorf("the report lacks %q:\n%s", want, b.String())
	}
}

// metSheet has figures that meet every gate exactly.
func metSheet(c config) *suite {
	s := newSuite(c, systems(), io.Discard)
	factor := map[string]float64{"raw": 1 / 1.2, "go-plugin": 10, "node": 3}
	for _, g := range gates(c) {
		base := g.Limit
		if len(g.Of) > 0 {
			base = 60
		}
		if _, ok := s.Median(g.Row, g.System); !ok {
			s.Add(g.Row, g.System, base)
		}
		got, _ := s.Median(g.Row, g.System)
		for _, peer := range g.Of {
			if _, ok := s.Median(g.Row, peer); !ok {
				s.Add(g.Row, peer, got*factor[peer]*(1+1e-12))
			}
		}
	}
	return s
}

func TestGatesTurnAtTheirLimit(t *testing.T) {
	c, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if missed, open := metSheet(c).Missed(gates(c)); len(missed) != 0 || open != 0 {
		t.Fatalf("at the limit: missed %q, open %d", missed, open)
	}
	for _, g := range gates(c) {
		s := metSheet(c)
		got, _ := s.Median(g.Row, g.System)
		worse := got*1.03 + 1 // with the figure before, a median of 1 % more
		if !g.AtMost {
			worse = got * 0.9
		}
		s.Add(g.Row, g.System, worse)
		if s.Judge(g).Reached {
			t.Errorf("%s: still reached beyond the limit", g.Title)
		}
	}
}

func TestReport(t *testing.T) {
	c, err := parse([]string{"-quick"})
	if err != nil {
		t.Fatal(err)
	}
	s := metSheet(c)
	s.Fail(rowLives, "node")
	s.Remark("a note")
	var b bytes.Buffer
	s.print(&b)
	for _, want := range []string{"failed", "a note", "at 50 live", "≤ 0.333 x", "left after 100 rounds", "pass", "Setup"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "MISSED") {
		t.Errorf("the report says MISSED of goals that are met:\n%s", b.String())
	}
}

func TestFigures(t *testing.T) {
	var a answer
	for i := range 200 {
		a.NS = append(a.NS, int64(200-i)*1000)
	}
	if got, err := quantiles(a, 0); err != nil || got[0] != 100 || got[1] != 198 {
		t.Errorf("quantiles %v, %v; want 100 and 198 us", got, err)
	}
	if _, err := quantiles(answer{}, 0); err == nil {
		t.Error("no samples have quantiles")
	}
	a.Line = trial.Line{Amount: 3e9, Seconds: 2}
	if got, err := perSecond(a, 1e9); err != nil || got[0] != 1.5 {
		t.Errorf("%v GB/s, %v; want 1.5", got, err)
	}
	if _, err := perSecond(answer{}, 1); err == nil {
		t.Error("nothing in no time has a rate")
	}
	a.at = map[string]census{
		trial.Before: {processes: 1, descriptors: 9, groups: 2, own: memory{rss: 500, pss: 500, private: 400}},
		trial.After: {
			processes: 3, descriptors: 8, groups: 3, own: memory{rss: 520, pss: 300, private: 100},
			below: memory{rss: 1000, pss: 600, private: 300},
		},
	}
	a.goroutines = map[string]int{trial.Before: 4, trial.After: 14}
	a.left = 100
	if got, err := left(a, 0); err != nil || got[0] != 2+0+1+10+100 {
		t.Errorf("left %v, %v; want 113", got, err)
	}
	if got, err := memoryEach(a, 10); err != nil || fmt.Sprint(got) != "[102 40 30]" {
		t.Errorf("memory %v, %v; want RSS 102, PSS 40, private 30", got, err)
	}
	delete(a.at, trial.After)
	if _, err := left(a, 0); err == nil {
		t.Error("a count without a barrier was accepted")
	}
}

func TestFlags(t *testing.T) {
	if c, err := parse([]string{"-quick", "-live", "70"}); err != nil || c.live != 70 || c.runs != 1 || c.rounds != 100 {
		t.Errorf("-quick -live 70: %+v, %v", c, err)
	}
	for _, args := range [][]string{{"-live", "9"}, {"-runs", "0"}, {"-for", "0s"}, {"-rounds", "0"}, {"extra"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
	for _, sys := range systems() {
		if sys.liveOf(10) < 1 {
			t.Errorf("%s: none alive", sys.name)
		}
	}
	if got := sheet.Ratio(1.0 / 40); got != "x1/40" {
		t.Errorf("a ratio of 1/40 is %s", got)
	}
}
