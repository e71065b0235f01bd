package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
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
	writeGrid(w, s.figuresGrid())
	if grid, ok := s.ratiosGrid(); ok {
		fmt.Fprintln(w)
		writeGrid(w, grid)
	}
	fmt.Fprintln(w)
	writeGrid(w, s.goalsGrid())
	if s.config.n != fullN {
		fmt.Fprintf(w, "The goals are set for a drain of %s; this run had %s.\n", count(fullN), count(s.config.n))
	}
	if len(s.notes) > 0 {
		fmt.Fprintln(w, "\nNotes")
		for _, n := range s.notes {
			fmt.Fprintln(w, "  "+n)
		}
	}
	fmt.Fprintln(w, "\nSetup (why: README.md)")
	for _, sys := range s.systems {
		fmt.Fprintln(w, "  "+sys.tuning)
	}
}

func (s *suite) rows() []row {
	var all []row
	for _, m := range s.measurements {
		all = append(all, m.rows...)
	}
	return all
}

func (s *suite) names() []string {
	var all []string
	for _, sys := range s.systems {
		all = append(all, sys.name)
	}
	return all
}

func (s *suite) figuresGrid() [][]string {
	names := s.names()
	grid := [][]string{append([]string{""}, names...)}
	for _, r := range s.rows() {
		line := []string{r.label()}
		for _, name := range names {
			line = append(line, s.cell(r, name))
		}
		grid = append(grid, line)
	}
	return grid
}

func (s *suite) cell(r row, name string) string {
	if s.failed[r.id][name] {
		return "failed"
	}
	median, ok := s.median(r.id, name)
	if !ok {
		return "-"
	}
	v := s.values[r.id][name]
	if len(v) == 1 {
		return r.format(median)
	}
	return fmt.Sprintf("%s [%s-%s]", r.format(median), r.format(slices.Min(v)), r.format(slices.Max(v)))
}

// ratiosGrid divides the first system's figures by each other's; the first is lull, or without it the raw loop.
func (s *suite) ratiosGrid() (grid [][]string, ok bool) {
	names := s.names()
	if len(names) < 2 {
		return nil, false
	}
	first, others := names[0], names[1:]
	head := []string{first + " ÷"}
	grid = append(grid, append(head, others...))
	for _, r := range s.rows() {
		line := []string{r.label()}
		mine, have := s.median(r.id, first)
		for _, name := range others {
			theirs, both := s.median(r.id, name)
			if !have || !both {
				line = append(line, "-")
				continue
			}
			line = append(line, ratio(mine/theirs))
		}
		grid = append(grid, line)
	}
	return grid, true
}

func (s *suite) goalsGrid() [][]string {
	grid := [][]string{{"goals for " + subject, "limit", "here that is", subject, "ratio", "verdict"}}
	add := func(g goal, met, miss string) {
		v := s.judge(g)
		r := row{ms: g.row == rowP50 || g.row == rowP99}
		line := []string{g.title, g.limitText(r), "-", "-", "-", "open"}
		if v.hasNeed {
			line[2] = r.format(v.need)
		}
		if v.hasGot {
			line[3] = r.format(v.got)
		}
		if v.decided {
			line[5] = miss
			if v.reached {
				line[5] = met
			}
			if len(g.of) > 0 {
				line[4] = ratio(v.gotRatio)
			}
		}
		grid = append(grid, line)
	}
	for _, g := range gates() {
		add(g, "pass", "MISSED")
	}
	for _, g := range aims() {
		add(g, "reached", "below the aim")
	}
	return grid
}

func (g goal) limitText(r row) string {
	sign := "≥"
	if g.atMost {
		sign = "≤"
	}
	if len(g.of) == 0 {
		return sign + " " + r.format(g.limit)
	}
	return fmt.Sprintf("%s %g x", sign, g.limit)
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
	if !r.ms {
		return thousands(int64(v + 0.5))
	}
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

func ratio(v float64) string {
	if v < 10 {
		return fmt.Sprintf("x%.2f", v)
	}
	return fmt.Sprintf("x%.0f", v)
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
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

// writeGrid prints lines of cells, the first column to the left and the others to the right, a rule below the head.
func writeGrid(w io.Writer, grid [][]string) {
	widths := make([]int, len(grid[0]))
	for _, line := range grid {
		for i, c := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for n, line := range grid {
		var b strings.Builder
		for i, c := range line {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i == 0 {
				b.WriteString(c + space)
			} else {
				b.WriteString("  " + space + c)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
		if n == 0 {
			total := 0
			for _, width := range widths {
				total += width + 2
			}
			fmt.Fprintln(w, strings.Repeat("─", total-2))
		}
	}
}
