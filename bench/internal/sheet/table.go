package sheet

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Figures is a table of medians, with the range where there were several runs.
func (s *Sheet) Figures(systems []string) [][]string {
	grid := [][]string{append([]string{""}, systems...)}
	for _, r := range s.Rows {
		line := []string{r.Label}
		for _, name := range systems {
			line = append(line, s.cell(r, name))
		}
		grid = append(grid, line)
	}
	return grid
}

func (s *Sheet) cell(r Row, system string) string {
	if s.failed[r.ID][system] {
		return "failed"
	}
	median, ok := s.Median(r.ID, system)
	if !ok {
		return "-"
	}
	v := s.values[r.ID][system]
	if len(v) == 1 {
		return r.Format(median)
	}
	return fmt.Sprintf("%s [%s-%s]", r.Format(median), r.Format(slices.Min(v)), r.Format(slices.Max(v)))
}

// Ratios is a table of first's medians divided by each other system's; false if there is no other one.
func (s *Sheet) Ratios(first string, others []string) (grid [][]string, ok bool) {
	if len(others) == 0 {
		return nil, false
	}
	grid = append(grid, append([]string{first + " ÷"}, others...))
	for _, r := range s.Rows {
		line := []string{r.Label}
		mine, have := s.Median(r.ID, first)
		for _, name := range others {
			theirs, both := s.Median(r.ID, name)
			if !have || !both || theirs == 0 {
				line = append(line, "-")
				continue
			}
			line = append(line, Ratio(mine/theirs))
		}
		grid = append(grid, line)
	}
	return grid, true
}

// Goals is a table of what was wanted and what came of it; head is above the titles, got above the figures.
// Gates decide, aims do not.
func (s *Sheet) Goals(head, got string, gates, aims []Goal) [][]string {
	grid := [][]string{{head, "limit", "here that is", got, "ratio", "verdict"}}
	add := func(g Goal, met, miss string) {
		v, r := s.Judge(g), s.row(g.Row)
		line := []string{g.Title, g.limitText(r), "-", "-", "-", "open"}
		if v.HasNeed {
			line[2] = r.Format(v.Need)
		}
		if v.HasGot {
			line[3] = r.Format(v.Got)
		}
		if v.Decided {
			line[5] = miss
			if v.Reached {
				line[5] = met
			}
			if len(g.Of) > 0 {
				line[4] = Ratio(v.GotRatio)
			}
		}
		grid = append(grid, line)
	}
	for _, g := range gates {
		add(g, "pass", "MISSED")
	}
	for _, g := range aims {
		add(g, "reached", "below the aim")
	}
	return grid
}

func (g Goal) limitText(r Row) string {
	sign := "≥"
	if g.AtMost {
		sign = "≤"
	}
	if len(g.Of) == 0 {
		return sign + " " + r.Format(g.Limit)
	}
	return fmt.Sprintf("%s %.3g x", sign, g.Limit)
}

// Write prints lines of cells, the first column to the left and the others to the right, a rule below the head.
func Write(w io.Writer, grid [][]string) {
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
