package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/lullwork/lull/bench/internal/sheet"
)

// print writes the report: figures, ratios, goals, notes, and how each system was set up.
func (s *suite) print(w io.Writer, disk string) {
	fmt.Fprintf(w, "lull bench: %s/%s, %d CPUs, %s, %s; all systems durable (WAL, synchronous=FULL), %d-byte payload\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), disk, payloadSize)
	if s.config.runs == 1 {
		fmt.Fprintf(w, "1 run: jobs/s, or ms where said\n\n")
	} else {
		fmt.Fprintf(w, "median [min-max] of %d interleaved runs: jobs/s, or ms where said\n\n", s.config.runs)
	}
	sheet.Write(w, s.Figures(s.Systems))
	if grid, ok := s.Ratios(s.Systems[0], s.Systems[1:]); ok { // of lull, or without it of the raw loop
		fmt.Fprintln(w)
		sheet.Write(w, grid)
	}
	fmt.Fprintln(w)
	sheet.Write(w, s.Goals("goals for "+subject, subject, gates(), aims()))
	if s.config.n != fullN {
		fmt.Fprintf(w, "The goals are set for a drain of %s; this run had %s.\n", count(fullN), count(s.config.n))
	}
	if len(s.Notes) > 0 {
		fmt.Fprintln(w, "\nNotes")
		for _, n := range s.Notes {
			fmt.Fprintln(w, "  "+n)
		}
	}
	fmt.Fprintln(w, "\nSetup (why: README.md)")
	for _, sys := range s.systems {
		fmt.Fprintln(w, "  "+sys.tuning)
	}
}

func (r row) unit() string {
	if r.ms {
		return "ms"
	}
	return "jobs/s"
}

func (r row) label() string {
	if r.ms {
		return r.title + ", ms"
	}
	return r.title
}

func (r row) format(v float64) string {
	if r.ms {
		return sheet.Short(v)
	}
	return sheet.Whole(v)
}

// count is a round number of jobs in short: 100k, 1M.
func count(n int) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 1_000 && n%1_000 == 0:
		return fmt.Sprintf("%dk", n/1_000)
	}
	return fmt.Sprint(n)
}
