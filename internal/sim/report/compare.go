package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/page"
)

// Compare writes what is different between two reports of the same population: the
// rows that are not the same in both, by task and platform, then what became of other
// expectations.
func Compare(w io.Writer, a, b *Report) error {
	p := &printer{page.Page{W: w}}
	p.Line("%s compared with %s: %s on each platform, %s, seed %d", a.Plan, b.Plan, many(int64(a.Devices), "phone"), many(int64(a.Days), "day"), a.Seed)
	p.Line("Medians: what it is with the first plan, > what it is with the second one.")
	same := int64(0)
	for i := 0; i < len(a.Rows); {
		n := i
		for n < len(a.Rows) && a.Rows[n].Task == a.Rows[i].Task && a.Rows[n].Platform == a.Rows[i].Platform {
			n++
		}
		same += p.pairs(a.Rows[i:n], b)
		i = n
	}
	for _, of := range []struct{ has, lacks *Report }{{a, b}, {b, a}} {
		for i := range of.has.Rows {
			if x := &of.has.Rows[i]; x.Archetype == Everyone && of.lacks.row(x) == nil {
				p.Line("")
				p.Line("%s on %s: only in %s", x.Task, PlatformName(x.Platform), of.has.Plan)
			}
		}
	}
	if same > 0 {
		p.Line("")
		p.Line("%s left out: nothing is different there", many(same, "row"))
	}
	for i := range a.Expect {
		v := &a.Expect[i]
		for k := range b.Expect {
			if o := &b.Expect[k]; o.Task == v.Task && o.Platform == v.Platform && o.Archetype == v.Archetype && o.State != v.State {
				p.Line("%s on %s, %s: %s, then %s", v.Task, PlatformName(v.Platform), v.Archetype, v.State, o.State)
			}
		}
	}
	return p.Err
}

// pairs writes the rows of a task on a platform that are different in another report, and
// returns how many are not.
func (p *printer) pairs(rows []Row, b *Report) (same int64) {
	cells := [][]string{{"", "", "longest", "age of data", "days"}, {"", "runs/day", "gap", "at opening", "without run"}}
	heads := len(cells)
	for i := range rows {
		x := &rows[i]
		y := b.row(x)
		if y == nil {
			continue
		}
		mark := ""
		if x.Assumed || y.Assumed {
			mark = "~"
		}
		row := []string{
			x.Archetype, moved(plainly(x.PerDay.Median), plainly(y.PerDay.Median)), moved(Span(x.LongestGap.Median), Span(y.LongestGap.Median)),
			moved(staleness(x), staleness(y)), moved(tight(Percent(x.IdleDays)), tight(Percent(y.IdleDays))),
		}
		if !strings.Contains(strings.Join(row, ""), ">") {
			same++
			continue
		}
		for k := range row[1:] {
			row[k+1] = mark + row[k+1]
		}
		cells = append(cells, row)
	}
	if len(cells) > heads {
		p.Line("")
		p.Line("%s on %s", rows[0].Task, PlatformName(rows[0].Platform))
		p.table(cells)
	}
	return same
}

func plainly(n int64) string { return strconv.FormatInt(n, 10) }

// staleness is how old the data is at an opening, if there is one.
func staleness(r *Row) string {
	if r.Openings == 0 {
		return "-"
	}
	return Span(r.Stale.Median)
}

func (r *Report) row(like *Row) *Row {
	for i := range r.Rows {
		if x := &r.Rows[i]; x.Task == like.Task && x.Platform == like.Platform && x.Archetype == like.Archetype {
			return x
		}
	}
	return nil
}

// moved names both values, or the one where they look the same.
func moved(from, to string) string {
	if from == to {
		return from
	}
	return from + " > " + to
}
