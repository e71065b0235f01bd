package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
)

// rowID names a line of the table.
type rowID = sheet.ID

const (
	rowInsert1   rowID = "insert1"
	rowInsert8   rowID = "insert8"
	rowInsert64  rowID = "insert64"
	rowDrain     rowID = "drain"
	rowDrainBig  rowID = "drain-million"
	rowDrainWait rowID = "drain-wait"
	rowEnd1      rowID = "end1"
	rowEnd8      rowID = "end8"
	rowEnd64     rowID = "end64"
	rowEnd64Wait rowID = "end64-wait"
	rowP50       rowID = "p50"
	rowP99       rowID = "p99"
)

// A row is one line of figures: a rate in jobs/s, where more is better, or milliseconds, where less is.
type row struct {
	id    rowID
	title string
	ms    bool
}

// A measurement is a trial that gives one or more rows.
type measurement struct {
	rows    []row
	run     measure
	big     bool // takes minutes on systems that are not big
	pending int  // jobs of a drain, else 0
}

func measurements(c config) []measurement {
	drain := func(id rowID, n int, wait time.Duration, what string) measurement {
		return measurement{
			rows:    []row{{id: id, title: fmt.Sprintf("drain %s pending, %s", count(n), what)}},
			run:     drainRate(n, wait),
			big:     id == rowDrainBig,
			pending: n,
		}
	}
	all := []measurement{
		{rows: []row{{id: rowInsert1, title: "insert, 1 caller"}}, run: insertRate(1, c.span)},
		{rows: []row{{id: rowInsert8, title: "insert, 8 callers"}}, run: insertRate(8, c.span)},
		{rows: []row{{id: rowInsert64, title: "insert, 64 callers"}}, run: insertRate(64, c.span)},
		drain(rowDrain, c.n, 0, "no-op"),
		drain(rowDrainWait, max(1, c.n/5), jobWait, "1 ms"),
		{rows: []row{{id: rowEnd1, title: "end to end, 1 caller, no-op"}}, run: endToEndRate(1, 0, c.span)},
		{rows: []row{{id: rowEnd8, title: "end to end, 8 callers, no-op"}}, run: endToEndRate(8, 0, c.span)},
		{rows: []row{{id: rowEnd64, title: "end to end, 64 callers, no-op"}}, run: endToEndRate(64, 0, c.span)},
		{rows: []row{{id: rowEnd64Wait, title: "end to end, 64 callers, 1 ms"}}, run: endToEndRate(64, jobWait, c.span)},
		{rows: []row{
			{id: rowP50, title: "enqueue to start at 100/s, p50", ms: true},
			{id: rowP99, title: "enqueue to start at 100/s, p99", ms: true},
		}, run: latency(c.paced)},
	}
	if c.million {
		all = slices.Insert(all, 4, drain(rowDrainBig, million, 0, "no-op"))
	}
	return all
}

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
	for _, sys := range systems {
		s.Systems = append(s.Systems, sys.name)
	}
	for _, m := range s.measurements {
		for _, r := range m.rows {
			s.Rows = append(s.Rows, sheet.Row{ID: r.id, Label: r.label(), Format: r.format})
		}
	}
	return s
}

// run takes all figures below root. Each measurement visits every system before the next one begins, and every run
// begins with another system, so that a busy moment of the machine does not hit one system only.
// A system that fails is noted and does not stop the others; only the end of ctx does.
func (s *suite) run(ctx context.Context, root string) error {
	for run := range s.config.runs {
		for _, m := range s.measurements {
			for i := range s.systems {
				sys := s.systems[(i+run)%len(s.systems)]
				if !s.takes(sys, m) {
					continue
				}
				s.trial(ctx, root, run, sys, m)
				if err := ctx.Err(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *suite) takes(sys system, m measurement) bool {
	if m.big && !sys.big && !s.config.all {
		return false
	}
	return sys.only == nil || slices.Contains(sys.only, m.rows[0].id)
}

func (s *suite) trial(ctx context.Context, root string, run int, sys system, m measurement) {
	title := m.rows[0].title
	fmt.Fprintf(s.progress, "run %d/%d  %-33s %-10s", run+1, s.config.runs, title, sys.name)
	runtime.GC()
	began := time.Now()
	f, err := inFreshDir(ctx, root, sys, m.run)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			s.Remark(fmt.Sprintf("FAILED: %s, %s: %v", sys.name, title, err))
		}
		for _, r := range m.rows {
			s.Fail(r.id, sys.name)
		}
		fmt.Fprintf(s.progress, " failed: %v\n", err)
		return
	}
	var shown []string
	for i, r := range m.rows {
		s.Add(r.id, sys.name, f.values[i])
		shown = append(shown, r.format(f.values[i])+" "+r.unit())
	}
	s.note(sys, m, f)
	fmt.Fprintf(s.progress, " %-24s (%.1f s)\n", strings.Join(shown, ", "), time.Since(began).Seconds())
}

func (s *suite) note(sys system, m measurement, f figures) {
	title := m.rows[0].title
	// The clock of a drain stops at the last handler. What is not written off by then is work left out.
	if m.pending > 0 && sys.held*10 > m.pending {
		s.Remark(fmt.Sprintf("%s, %s: flattered. Up to %s of these jobs had run but were not written off when the clock stopped",
			sys.name, title, count(min(sys.held, m.pending))))
	}
	if f.repeats > 0 {
		s.Remark(fmt.Sprintf("%s, %s: %d runs were repeats of jobs that had run; not counted as work done", sys.name, title, f.repeats))
	}
	if f.complaints > 0 {
		s.Remark(fmt.Sprintf("%s, %s: logged %d warnings or errors, the first: %s", sys.name, title, f.complaints, f.complaint))
	}
}
