package measured

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/runlog"
	"github.com/lullwork/lull/internal/sim/report"
)

// Text writes the page for a terminal.
func (p *Page) Text(w io.Writer) error {
	out := &page.Page{W: w}
	p.head(out)
	for i := range p.Tasks {
		p.Tasks[i].text(out)
	}
	p.foot(out)
	return out.Err
}

func (p *Page) head(out *page.Page) {
	out.Line("%s; a log is taken for a device, times are in UTC.", many(len(p.Devices), "log"))
	rows := [][]string{{"  LOG", "PLATFORM", "FROM", "UNTIL", "DAYS", "RUNS", "APP"}}
	for i := range p.Devices {
		d := &p.Devices[i]
		if d.Platform == "" {
			rows = append(rows, []string{"  " + d.File, "-", "no record: the log is empty"})
			continue
		}
		rows = append(rows, []string{
			"  " + d.File, report.PlatformName(d.Platform), instant(*d.From), instant(*d.Until),
			decimal(d.Until.Sub(*d.From).Hours() / 24), strconv.Itoa(d.Runs), versions(d.Versions),
		})
	}
	table(out, rows)
}

func versions(all []string) string {
	switch len(all) {
	case 0:
		return "-"
	case 1:
		return all[0]
	}
	return all[0] + " to " + all[len(all)-1]
}

func (t *Task) text(out *page.Page) {
	out.Line("")
	head := fmt.Sprintf("%s on %s", t.Task, report.PlatformName(t.Platform))
	if t.Every > 0 {
		head += fmt.Sprintf(", every %s in the plan", report.Span(t.Every))
	}
	out.Line("%s", head)
	header := []string{"  LOG", "RUNS", "A DAY", "MEDIAN GAP", "LONGEST", "OUTCOMES", "LAST RUN"}
	if t.Every > 0 {
		header[1] = "RUNS OF PLANNED"
	}
	rows := [][]string{header}
	for i := range t.Rows {
		rows = append(rows, t.Rows[i].cells(t.Every > 0))
	}
	table(out, rows)
	for i := range t.Expects {
		v := &t.Expects[i]
		out.Hang("  expected: ", v.words())
		if len(v.Among) > 0 {
			out.Hang("    ", "the plan expects it of "+strings.Join(v.Among, ", ")+" only; whose phone a log is of, it does not say")
		}
	}
	if m := t.Model; m != nil {
		out.Hang("  model: ", m.words()+" "+m.beside(t.planned))
	}
	if len(t.Gaps) == 0 {
		return
	}
	out.Line("  gaps that stand out")
	rows = nil
	for i := range t.Gaps {
		g := &t.Gaps[i]
		rows = append(rows, []string{"    " + report.Span(g.Length), g.File, g.from() + " to " + g.until(), g.words()})
	}
	table(out, rows)
}

func (r *Row) cells(planned bool) []string {
	runs := strconv.Itoa(r.Runs)
	if planned {
		runs = fmt.Sprintf("%d of %d", r.Runs, r.Planned)
	}
	last := "never"
	if r.Last != nil {
		last = instant(*r.Last)
	}
	perDay := "-"
	if r.PerDay != nil {
		perDay = decimal(*r.PerDay)
	}
	return []string{"  " + r.File, runs, perDay, span(r.Median), span(r.Longest), outcomes(r.Outcomes), last}
}

func outcomes(of map[runlog.Outcome]int) string {
	var parts []string
	for _, o := range runlog.Outcomes() {
		if n := of[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ", ")
}

func (g *Gap) from() string {
	if g.First {
		return "begin of log"
	}
	return instant(g.From)
}

func (g *Gap) until() string {
	if g.Last {
		return "end of log"
	}
	return instant(g.Until)
}

func (g *Gap) words() string {
	switch g.Kind {
	case runlog.NotRun:
		return "not run: other tasks did"
	case runlog.Partly:
		return "not run, and no record of any task for " + report.Span(g.Silent)
	case runlog.NoRecord:
	}
	return "no record of any task: unknown"
}

func (p *Page) foot(out *page.Page) {
	unknown := false
	for i := range p.Tasks {
		for k := range p.Tasks[i].Gaps {
			unknown = unknown || p.Tasks[i].Gaps[k].Kind != runlog.NotRun
		}
	}
	if unknown || len(p.Absent)+len(p.Unplanned) > 0 {
		out.Line("")
	}
	p.oneSided(out)
	if unknown {
		out.Hang("", "No record: the app was not installed, its log was lost, the phone was off, or nothing ran at all. The logs cannot tell which.")
	}
}

// oneSided names the tasks that only the plan or only the logs have.
func (p *Page) oneSided(out *page.Page) {
	if len(p.Absent) > 0 {
		out.Hang("only in the plan: ", listed(p.Absent)+". No log has a run: it never ran, has no run log around it, or another name in it.")
	}
	if len(p.Unplanned) > 0 {
		out.Hang("only in the logs: ", listed(p.Unplanned)+".")
	}
}

func listed(names []Name) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.words()
	}
	return strings.Join(words, ", ")
}

func (n Name) words() string { return n.Task + " on " + report.PlatformName(n.Platform) }

// table writes rows in columns.
func table(out *page.Page, rows [][]string) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	_ = w.Flush()
	for line := range strings.Lines(b.String()) {
		out.Line("%s", strings.TrimRight(line, " \n"))
	}
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func span(s *int64) string {
	if s == nil {
		return "-"
	}
	return report.Span(*s)
}

// decimal writes a number with two digits behind the point below 1, and one below 100.
func decimal(x float64) string {
	switch {
	case x == float64(int64(x)), x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x < 1:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
