package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// A suite holds the figures of all runs.
type suite struct {
	config       config
	systems      []system
	measurements []measurement
	progress     io.Writer
	sheet.Sheet
}

func newSuite(c config, systems []system, progress io.Writer) *suite {
	s := &suite{config: c, systems: systems, measurements: measurements(c), progress: progress}
	for _, m := range s.measurements {
		s.Rows = append(s.Rows, m.rows...)
	}
	for _, sys := range systems {
		s.Systems = append(s.Systems, sys.name)
	}
	return s
}

func (s *suite) install(ctx context.Context, dir string) error {
	for i := range s.systems {
		sys := &s.systems[i]
		fmt.Fprintf(s.progress, "install %s\n", sys.name)
		if err := sys.install(ctx, dir); err != nil {
			return err
		}
		if sys.absent != "" {
			s.Remark(fmt.Sprintf("%s: absent, %s", sys.name, sys.absent))
		}
	}
	return nil
}

// run takes all figures. Each measurement visits every system before the next one begins, and every run begins with
// another system, so that a busy moment of the machine does not hit one system only.
// A system that fails is noted and does not stop the others; only the end of ctx does.
func (s *suite) run(ctx context.Context) error {
	for run := range s.config.runs {
		for _, m := range s.measurements {
			for i := range s.systems {
				sys := s.systems[(i+run)%len(s.systems)]
				if sys.absent != "" || !sys.takes(m.request.Measure) {
					continue
				}
				s.trial(ctx, run, sys, m)
				if err := ctx.Err(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *suite) trial(ctx context.Context, run int, sys system, m measurement) {
	fmt.Fprintf(s.progress, "run %d/%d  %-19s %-14s", run+1, s.config.runs, m.title, sys.name)
	began := time.Now()
	r := m.request
	if r.Measure == trial.Memory {
		r.N = sys.liveOf(r.N)
	}
	a, err := ask(ctx, sys, r)
	if a.left > 0 {
		s.Remark(fmt.Sprintf("%s, %s: %d processes were left behind, and killed", sys.name, m.title, a.left))
	}
	var figures []float64
	if err == nil {
		figures, err = m.figures(a, r.N)
	}
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) {
			s.Remark(fmt.Sprintf("FAILED: %s, %s: %v", sys.name, m.title, err))
		}
		for _, row := range m.rows {
			s.Fail(row.ID, sys.name)
		}
		fmt.Fprintf(s.progress, " failed: %v\n", err)
		return
	}
	var shown []string
	for i, row := range m.rows {
		s.Add(row.ID, sys.name, figures[i])
		shown = append(shown, row.Format(figures[i]))
	}
	fmt.Fprintf(s.progress, " %-24s (%.1f s)\n", strings.Join(shown, ", "), time.Since(began).Seconds())
}
