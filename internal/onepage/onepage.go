// Package onepage puts on one page what is known of a project's background work: what was
// found in its files, the worst mistake, what the platforms promise, and what a
// simulation shows.
package onepage

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/extract"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/promised"
	"github.com/lullwork/lull/internal/sim/report"
)

// Lines is how long a page is at most.
const Lines = 40

// Page is what goes on the page.
type Page struct {
	Dir      string // as it was named
	Plan     *extract.Plan
	Others   []string      // folders of other projects with background work
	Checked  *check.Report // of this project and the others
	Promised *promised.Report
	Sim      *report.Report // nil: there was nothing to simulate
}

// row is a task on one platform.
type row struct {
	task, platform, as, promise, runs, gap, worst string
}

// dormant is the archetype of those who have the app and do not open it.
const dormant = "dormant"

// rows are the tasks by platform, in the plan's order.
func (p *Page) rows() []row {
	var out []row
	if p.Promised == nil {
		return nil
	}
	for i := range p.Promised.Tasks {
		t := &p.Promised.Tasks[i]
		for j := range t.Platforms {
			x := &t.Platforms[j]
			if x.As == "" {
				continue
			}
			r := row{task: t.Name, platform: x.Platform, as: x.As, promise: string(x.Class), runs: "-", gap: "-", worst: "none"}
			p.simulated(&r)
			if p.guessed(t.Name) && r.runs != "0" {
				r.runs += "?"
			}
			if f := p.worst(t.Name, x.Platform); f != nil {
				r.worst = fmt.Sprintf("%s: %s %s:%d", f.Certainty, f.Rule, f.Place.File, f.Place.Line)
			}
			out = append(out, r)
		}
	}
	return out
}

// guessed tells whether how often a task is asked for is a placeholder.
func (p *Page) guessed(task string) bool {
	for _, t := range p.Plan.Tasks {
		if t.Name != task {
			continue
		}
		for _, s := range t.Unknown() {
			if slices.Contains(timing, s.Key[strings.LastIndexByte(s.Key, '.')+1:]) {
				return true
			}
		}
	}
	return false
}

// timing are the keys of a plan that say how often.
var timing = []string{"every", "rate", "cron", "when"}

// simulated fills in what the simulation counted.
func (p *Page) simulated(r *row) {
	if p.Sim == nil {
		return
	}
	for i := range p.Sim.Rows {
		x := &p.Sim.Rows[i]
		if x.Task != r.task || x.Platform != r.platform {
			continue
		}
		switch x.Archetype {
		case report.Everyone:
			r.runs = fmt.Sprint(x.PerDay.Median)
		case dormant:
			r.gap = report.Span(x.LongestGap.Median)
			if x.Runs == 0 {
				r.gap = "never runs"
			}
		}
	}
}

// findings are those in this project.
func (p *Page) findings() []*finding.Finding {
	var out []*finding.Finding
	for _, f := range p.Checked.Findings {
		if f.Project == p.Plan.Dir {
			out = append(out, f)
		}
	}
	return out
}

// worst is the worst finding that is about a task on a platform.
func (p *Page) worst(task, platform string) *finding.Finding {
	var worst *finding.Finding
	for _, f := range p.findings() {
		if p.about(f, task) && on(f, platform) && (worst == nil || f.Certainty > worst.Certainty) {
			worst = f
		}
	}
	return worst
}

// about tells whether a finding is about a task: it, or a place that it refers to, stands
// where the task is asked for, or it names the task or its identifier and stands where no
// other task is asked for.
func (p *Page) about(f *finding.Finding, task string) bool {
	for _, t := range p.Plan.Tasks {
		if t.Name != task {
			continue
		}
		if t.At(f.Place) || slices.ContainsFunc(f.Related, func(r finding.Related) bool { return t.At(r.Place) }) {
			return true
		}
		subject := strings.Trim(f.Subject, `"'`) // as it stands in the code
		if subject == "" || subject != t.Name && subject != t.ID() {
			return false
		}
		return !slices.ContainsFunc(p.Plan.Tasks, func(other *extract.Task) bool { return other.At(f.Place) })
	}
	return false
}

func on(f *finding.Finding, platform string) bool {
	for _, r := range rules.All().Find(f.Rule) {
		return r.On(platform)
	}
	return true
}

// others are the findings about no task, the worst first.
func (p *Page) others() []*finding.Finding {
	var out []*finding.Finding
	for _, f := range p.findings() {
		if !slices.ContainsFunc(p.Plan.Tasks, func(t *extract.Task) bool { return p.about(f, t.Name) }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *finding.Finding) int { return cmp.Compare(b.Certainty, a.Certainty) })
	return out
}

// lines are the page's lines, with how many of each kind may stand.
type lines struct {
	out []string
}

func (l *lines) add(format string, args ...any) { l.out = append(l.out, fmt.Sprintf(format, args...)) }

// some adds at most so many of a list, and how many were left out.
func (l *lines) some(most int, list []string) {
	if len(list) > most {
		left := len(list) - most + 1
		list = append(slices.Clone(list[:max(most-1, 0)]), fmt.Sprintf("and %d more", left))
	}
	l.out = append(l.out, list...)
}

// count is "1 error" or "2 errors".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *Page) head() string {
	n := map[finding.Certainty]int{}
	for _, f := range p.findings() {
		n[f.Certainty]++
	}
	return fmt.Sprintf("%s, %s, %s, %s", count(len(p.Plan.Tasks), "background task"),
		count(n[finding.Error], "error"), count(n[finding.Warning], "warning"), count(n[finding.Hint], "hint"))
}

func (p *Page) simulation() string {
	if p.Sim == nil {
		return ""
	}
	return fmt.Sprintf("simulated: %s for %s, seed %d; runs a day are the median, the gap is the dormant user's median; each run is taken to need 5 s and to succeed; ? rests on a placeholder. Findings about code are not in the figures", count(p.Sim.Devices, "phone"), count(p.Sim.Days, "day"), p.Sim.Seed)
}

// unresolved are the values that the files do not say, and what could not be checked.
func (p *Page) unresolved() []string {
	var out []string
	for _, t := range p.Plan.Tasks {
		for _, s := range t.Unknown() {
			at := ""
			if s.At.File != "" {
				at = fmt.Sprintf(" (%s:%d)", s.At.File, s.At.Line)
			}
			out = append(out, fmt.Sprintf("%s %s: %s%s", t.Name, s.Key, s.Open, at))
		}
	}
	for _, dir := range p.Others {
		out = append(out, "another project with background work, not on this page: "+dir)
	}
	for _, u := range p.Checked.Unchecked {
		out = append(out, fmt.Sprintf("%s: %s (%s:%d)", u.What, u.Why, u.File, u.Line))
	}
	return out
}

// What each part of the page may take: all of it with its heads is at most Lines.
const (
	mostRows       = 16
	mostFindings   = 6
	mostUnresolved = 6
)

// Formats are the formats of Write.
func Formats() []string { return []string{"text", "markdown"} }

// Write writes the page.
func (p *Page) Write(w io.Writer, format string) error {
	var l lines
	if format == "markdown" {
		p.markdown(&l)
	} else {
		p.text(&l)
	}
	_, err := io.WriteString(w, strings.Join(l.out, "\n")+"\n")
	return err
}

func (p *Page) text(l *lines) {
	l.add("%s: %s", p.Dir, p.head())
	if rows := p.rows(); len(rows) > 0 {
		l.add("")
		l.some(mostRows+1, table(rows))
		if s := p.simulation(); s != "" {
			var b strings.Builder
			(&page.Page{W: &b}).Hang("", s)
			l.add("%s", strings.TrimSuffix(b.String(), "\n"))
		}
	}
	p.parts(l, func(head string) { l.add(""); l.add("%s", head) }, "  ")
	l.add("")
	l.add("next: lull check %s", page.ShellWord(p.Dir))
}

func (p *Page) parts(l *lines, head func(string), bullet string) {
	var found []string
	for _, f := range p.others() {
		found = append(found, fmt.Sprintf("%s%s: %s %s:%d", bullet, f.Certainty, f.Rule, f.Place.File, f.Place.Line))
	}
	if len(found) > 0 {
		head("Findings about no single task")
		l.some(mostFindings, found)
	}
	if open := p.unresolved(); len(open) > 0 {
		for i := range open {
			open[i] = bullet + open[i]
		}
		head("Not resolved")
		l.some(mostUnresolved, open)
	}
}

// table sets rows below their heads.
func table(rows []row) []string {
	cells := [][]string{{"TASK", "ON", "AS", "PROMISE", "RUNS A DAY", "DORMANT'S GAP", "WORST FINDING"}}
	last := ""
	for _, r := range rows {
		task := r.task
		if task == last {
			task = ""
		}
		last = r.task
		cells = append(cells, []string{task, r.platform, r.as, r.promise, r.runs, r.gap, r.worst})
	}
	widths := make([]int, len(cells[0]))
	for _, c := range cells {
		for i, s := range c {
			widths[i] = max(widths[i], len([]rune(s)))
		}
	}
	out := make([]string, len(cells))
	for n, c := range cells {
		var b strings.Builder
		for i, s := range c {
			b.WriteString(s + strings.Repeat(" ", widths[i]-len([]rune(s))+2))
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}

var inCell = strings.NewReplacer("|", `\|`, "\n", " ")

func (p *Page) markdown(l *lines) {
	l.add("### Background work of `%s`", p.Dir)
	l.add("")
	l.add("%s.", p.head())
	if rows := p.rows(); len(rows) > 0 {
		l.add("")
		l.add("| task | on | as | promise | runs a day | dormant's gap | worst finding |")
		l.add("|---|---|---|---|---|---|---|")
		var cells []string
		for _, r := range rows {
			cells = append(cells, "| "+strings.Join([]string{
				inCell.Replace(r.task), r.platform, r.as, r.promise, r.runs, r.gap, inCell.Replace(r.worst),
			}, " | ")+" |")
		}
		l.some(mostRows, cells)
		if s := p.simulation(); s != "" {
			l.add("")
			l.add("_%s_", s)
		}
	}
	p.parts(l, func(head string) { l.add(""); l.add("**%s**", head); l.add("") }, "- ")
}
