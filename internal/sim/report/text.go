package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/page"
)

// few phones are too few to say anything of their kind.
const few = 5

// Text writes a report for a terminal.
func (r *Report) Text(w io.Writer) error {
	p := &printer{page.Page{W: w}}
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
	return p.Err
}

type printer struct{ page.Page }

func (p *printer) head(r *Report) {
	p.Line("%s: %s on each of %s, %s, seed %d",
		r.Plan, many(int64(r.Devices), "phone"), strings.Join(names(r.Platforms), " and "), many(int64(r.Days), "day"), r.Seed)
	if r.Settled > 0 {
		p.Line("%s before those are not counted: the phones get to know their users.", many(int64(r.Settled), "day"))
	}
	p.Line("Three numbers are p10, median and p90; two are median and p90.")
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
	"", "phones", "runs/day p10 med p90", "longest gap med p90", "age of data at opening med p90", "days without run", "phones without run", "cut short", "battery/day", "data/day",
}

// narrow are the columns for a terminal, in two lines.
var narrow = [][]string{
	{"", "", "", "longest", "age of data", "without run", "", "cut", "battery", "data"},
	{"", "phones", "runs/day", "gap", "at opening", "days", "phones", "short", "/day", "/day"},
}

func (p *printer) block(rows []Row) {
	first := &rows[0]
	p.Line("")
	p.Line("%s on %s, as %s", first.Task, PlatformName(first.Platform), first.As)
	cells := append([][]string{}, narrow...)
	scarce := false
	for i := range rows {
		c := rows[i].cells()
		if rows[i].Devices < few && rows[i].Archetype != Everyone {
			c[0] += "*"
			scarce = true
		}
		for k := range c {
			c[k] = tight(c[k])
		}
		cells = append(cells, c)
	}
	p.table(cells)
	if scarce {
		p.Line("  * fewer than %d phones: chance decides", few)
	}
	all := &rows[len(rows)-1]
	p.refusals(all)
	if all.Asked > 0 && all.Took.P90 > 0 {
		p.Line("  asked to done: median %s, p90 %s; %d of %s done", Span(all.Took.Median), Span(all.Took.P90), all.Done, many(all.Asked, "work"))
	}
	p.waiting(all)
}

func (p *printer) refusals(r *Row) {
	for _, f := range r.Refusals {
		text := f.Name
		if f.Text != "" {
			text += ": " + f.Text
		}
		p.Hang("  refused "+many(f.Count, "time")+": ", text)
	}
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

// tight writes a share without the space before its sign.
func tight(s string) string { return strings.ReplaceAll(s, " %", "%") }

// tenths writes a small share with two places.
func tenths(ppm int64) string {
	return fmt.Sprintf("%d.%02d %%", ppm/10_000, ppm%10_000/100)
}

// waiting lists what held the works that were due, each with what it means.
func (p *printer) waiting(r *Row) {
	if len(r.Waiting) == 0 {
		return
	}
	p.Line("  due and waiting for %s of the time; held first, and held alone, by", Percent(r.Waited))
	const least = 1000 // a tenth of a percent
	code := 0
	for _, w := range r.Waiting {
		if w.Share >= least {
			code = max(code, len(w.Code))
		}
	}
	rest, n := int64(0), int64(0)
	for _, w := range r.Waiting {
		if w.Share < least {
			rest += w.Share
			n++
			continue
		}
		mark := ""
		if w.Assumed {
			mark = "~"
		}
		p.Hang(fmt.Sprintf("  %6s %6s  %-*s  ", mark+tight(Percent(w.Share)), mark+tight(Percent(w.Alone)), code, w.Code), Meaning(w.Code))
	}
	if n > 0 {
		p.Line("  %6s         %s", tight(Percent(rest)), many(n, "other reason"))
	}
}

// table writes rows in columns: the first from the left, numbers from the right. A cell
// without a neighbour to its right may reach into its column.
func (p *printer) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			if i+1 < len(r) && r[i+1] == "" && i > 0 {
				continue
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i := 0; i < len(r); i++ {
			c, room := r[i], widths[i]
			if i > 0 && c != "" && i+1 < len(r) && r[i+1] == "" {
				room += 2 + widths[i+1]
				i++
			}
			pad := strings.Repeat(" ", max(0, room-utf8.RuneCountInString(c)))
			if b.Len() == 0 {
				b.WriteString(" " + c + pad)
			} else {
				b.WriteString("  " + pad + c)
			}
		}
		p.Line("%s", strings.TrimRight(b.String(), " "))
	}
}

func (p *printer) foot(r *Report) {
	p.Line("")
	for i := range r.Rows {
		if r.Rows[i].Assumed {
			p.Hang("~ ", "rests on values that the vendors do not publish and that are assumed here (docs/platforms.md lists them, and how to set others).")
			break
		}
	}
	p.Hang("", "These are ranges for the kinds of people named, not a promise; lull promise says what the platforms guarantee.")
	if len(r.Rows) > 0 {
		x := r.Rows[0]
		p.Line("One device's story: lull sim %s --why %s --device 0 --platform %s", r.Plan, x.Task, x.Platform)
	}
}

// Span writes seconds as a person says them, in two or three digits.
func Span(s int64) string {
	const minute, hour, day = 60, 3600, 86400
	switch {
	case s < minute:
		return strconv.FormatInt(s, 10) + "s"
	case s < hour, s < 2*hour && s%hour != 0:
		return strconv.FormatInt(s/minute, 10) + "m"
	case s < 2*day:
		return decimals(s, hour) + "h"
	}
	return decimals(s, day) + "d"
}

// decimals writes a multiple of a unit, with one place below ten.
func decimals(n, unit int64) string {
	if tenth := (n*10 + unit/2) / unit; tenth < 100 && tenth%10 > 0 {
		return fmt.Sprintf("%d.%d", tenth/10, tenth%10)
	}
	return strconv.FormatInt((n+unit/2)/unit, 10)
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
	case n < 10*million:
		return fmt.Sprintf("%d.%d MB", n/million, n%million/100_000)
	}
	return strconv.FormatInt((n+million/2)/million, 10) + " MB"
}

func many(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}
