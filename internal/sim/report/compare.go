package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/lullwork/lull/internal/page"
)

// Compare writes what is different between two reports of the same population: the
// tasks that both have, then those that only one has.
func Compare(w io.Writer, a, b *Report) error {
	p := &printer{page.Page{W: w}}
	p.Line("%s compared with %s: %s on each platform, %s, seed %d", a.Plan, b.Plan, many(int64(a.Devices), "device"), many(int64(a.Days), "day"), a.Seed)
	p.Line("")
	rows := [][]string{{"", "task", "platform", "archetype", "runs/day med", "longest gap med", "data at opening med", "days none"}}
	only := func(of *Report, r *Row) {
		rows = append(rows, []string{"", r.Task, PlatformName(r.Platform), r.Archetype, "only in " + of.Plan, "", "", ""})
	}
	for i := range a.Rows {
		x := &a.Rows[i]
		y := b.row(x)
		if y == nil {
			if x.Archetype == Everyone {
				only(a, x)
			}
			continue
		}
		mark := ""
		if x.Assumed || y.Assumed {
			mark = "~"
		}
		rows = append(rows, []string{
			"", x.Task, PlatformName(x.Platform), x.Archetype,
			mark + moved(x.PerDay.Median, y.PerDay.Median, func(n int64) string { return strconv.FormatInt(n, 10) }),
			mark + moved(x.LongestGap.Median, y.LongestGap.Median, Span), mark + moved(x.Stale.Median, y.Stale.Median, Span),
			mark + moved(x.IdleDays, y.IdleDays, Percent),
		})
	}
	for i := range b.Rows {
		if y := &b.Rows[i]; y.Archetype == Everyone && a.row(y) == nil {
			only(b, y)
		}
	}
	p.table(rows)
	for i := range a.Expect {
		v := &a.Expect[i]
		for k := range b.Expect {
			if o := &b.Expect[k]; o.Task == v.Task && o.Platform == v.Platform && o.Archetype == v.Archetype && o.State != v.State {
				p.Line("  %s on %s, %s: %s, then %s", v.Task, PlatformName(v.Platform), v.Archetype, v.State, o.State)
			}
		}
	}
	return p.Err
}

func (r *Report) row(like *Row) *Row {
	for i := range r.Rows {
		if x := &r.Rows[i]; x.Task == like.Task && x.Platform == like.Platform && x.Archetype == like.Archetype {
			return x
		}
	}
	return nil
}

func moved(from, to int64, word func(int64) string) string {
	if from == to {
		return word(from)
	}
	return fmt.Sprintf("%s > %s", word(from), word(to))
}
