package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text writes a report for a terminal.
func (r *Report) Text(w io.Writer) error {
	p := &printer{w: w}
	p.head(r)
	for i := 0; i < len(r.Rows); {
		n := i
		for n < len(r.Rows) && r.Rows[n].Task == r.Rows[i].Task && r.Rows[n].Platform == r.Rows[i].Platform {
			n++
		}
		p.block(r.Rows[i:n])
		i = n
	}
	p.verdicts(r.Expect)
	p.foot(r)
	return p.err
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) head(r *Report) {
	p.line("%s: %s on each of %s, %s after %s in which they get to know their users, seed %d",
		r.Plan, many(int64(r.Devices), "device"), strings.Join(names(r.Platforms), " and "), many(int64(r.Days), "day"), many(int64(r.Settled), "day"), r.Seed)
}

func names(platforms []string) []string {
	out := make([]string, len(platforms))
	for i, p := range platforms {
		out[i] = PlatformName(p)
	}
	return out
}

// PlatformName returns how a platform is written.
func PlatformName(p string) string {
	switch p {
	case "ios":
		return "iOS"
	case "android":
		return "Android"
	}
	return p
}

var columns = []string{
	"", "devices", "runs/day p10 med p90", "longest gap med p90", "data at opening med p90", "days none", "devices none", "cut short", "battery/day", "data/day",
}

func (p *printer) block(rows []Row) {
	first := &rows[0]
	p.line("")
	p.line("%s on %s, as %s", first.Task, PlatformName(first.Platform), first.As)
	cells := [][]string{columns}
	for i := range rows {
		cells = append(cells, rows[i].cells())
	}
	p.table(cells)
	all := &rows[len(rows)-1]
	for _, f := range all.Refusals {
		p.line("  refused: %s, %s", f.Name, many(f.Count, "time"))
	}
	if all.Asked > 0 && all.Took.P90 > 0 {
		p.line("  asked to done: median %s, p90 %s; %s of %s done", Span(all.Took.Median), Span(all.Took.P90), many(all.Done, "work"), strconv.FormatInt(all.Asked, 10))
	}
	p.waiting(all)
}

// cells puts a row into the columns.
func (r *Row) cells() []string {
	mark := ""
	if r.Assumed {
		mark = "~"
	}
	spread := func(s Spread, n int64) string {
		if n == 0 {
			return "-"
		}
		return mark + Span(s.Median) + " " + Span(s.P90)
	}
	return []string{
		r.Archetype, strconv.FormatInt(r.Devices, 10),
		fmt.Sprintf("%s%d %d %d", mark, r.PerDay.P10, r.PerDay.Median, r.PerDay.P90),
		spread(r.LongestGap, r.Devices), spread(r.Stale, r.Openings),
		mark + Percent(r.IdleDays), mark + Percent(r.IdleDevices), Percent(r.Cut), "~" + tenths(r.Battery), Bytes(r.Up + r.Down),
	}
}

// tenths writes a small share with two places.
func tenths(ppm int64) string {
	return fmt.Sprintf("%d.%02d %%", ppm/10_000, ppm%10_000/100)
}

// waiting lists what held the works that were due.
func (p *printer) waiting(r *Row) {
	if len(r.Waiting) == 0 {
		return
	}
	p.line("  due and waiting for %s of the time, held by:", Percent(r.Waited))
	cells := [][]string{{"", "reason", "first", "alone"}}
	for _, w := range r.Waiting {
		mark := ""
		if w.Assumed {
			mark = "~"
		}
		cells = append(cells, []string{"  ", string(w.Code), mark + Percent(w.Share), mark + Percent(w.Alone)})
	}
	p.table(cells)
}

// table writes rows in columns: the first from the left, numbers from the right.
func (p *printer) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		b.WriteString(" ")
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i < 2 && r[0] == "  " || i == 0 {
				b.WriteString(" " + c + pad)
			} else {
				b.WriteString("  " + pad + c)
			}
		}
		p.line("%s", strings.TrimRight(b.String(), " "))
	}
}

func (p *printer) foot(r *Report) {
	p.line("")
	for i := range r.Rows {
		if r.Rows[i].Assumed {
			p.line("~ rests on values that the vendors do not publish and that are assumed here (docs/platforms.md lists them, and how to set others).")
			break
		}
	}
	p.line("These are ranges for the kinds of people named, not a promise; lull promise says what the platforms guarantee.")
	if len(r.Rows) > 0 {
		x := r.Rows[0]
		p.line("One device's story: lull sim %s --why %s --device 0 --platform %s", r.Plan, x.Task, x.Platform)
	}
}

// Span writes seconds as a person says them.
func Span(s int64) string {
	switch {
	case s < 60:
		return strconv.FormatInt(s, 10) + "s"
	case s < 3600:
		return strconv.FormatInt(s/60, 10) + "m"
	case s < 48*3600:
		if m := s % 3600 / 60; m > 0 && s < 10*3600 {
			return fmt.Sprintf("%dh%02dm", s/3600, m)
		}
		return strconv.FormatInt(s/3600, 10) + "h"
	}
	if h := s % 86400 / 3600; h > 0 && s < 10*86400 {
		return fmt.Sprintf("%dd%dh", s/86400, h)
	}
	return strconv.FormatInt(s/86400, 10) + "d"
}

// Percent writes a share of a million.
func Percent(ppm int64) string {
	switch {
	case ppm == 0:
		return "0 %"
	case ppm < 10_000:
		return fmt.Sprintf("%d.%d %%", ppm/10_000, ppm%10_000/1000)
	}
	return strconv.FormatInt((ppm+5_000)/10_000, 10) + " %"
}

// Bytes writes a size.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < million:
		return strconv.FormatInt(n/1000, 10) + " kB"
	}
	return fmt.Sprintf("%d.%d MB", n/million, n%million/100_000)
}

func many(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}
