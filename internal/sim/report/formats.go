package report

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/page"
)

// Formats are the names of the formats.
func Formats() []string { return []string{"text", "markdown", "json", "csv", "junit"} }

// Write writes a report in one of the formats.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return r.Text(w)
	case "markdown":
		return r.markdown(w)
	case "json":
		return r.json(w)
	case "csv":
		return r.csv(w)
	case "junit":
		return r.junit(w)
	}
	return fmt.Errorf("unknown format %q: use %s", format, strings.Join(Formats(), ", "))
}

func (r *Report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

func (r *Report) markdown(w io.Writer) error {
	p := &printer{page.Page{W: w}}
	p.Line("# %s", r.Plan)
	p.Line("")
	p.Line("%s on each of %s, %s after %s in which they get to know their users, seed %d.",
		many(int64(r.Devices), "phone"), strings.Join(names(r.Platforms), " and "), many(int64(r.Days), "day"), many(int64(r.Settled), "day"), r.Seed)
	for i := 0; i < len(r.Rows); {
		first, n := &r.Rows[i], i
		p.Line("")
		p.Line("## %s on %s, as %s", first.Task, PlatformName(first.Platform), first.As)
		p.Line("")
		p.Cells(columns...)
		p.Cells(dashes(len(columns))...)
		for ; n < len(r.Rows) && r.Rows[n].Task == first.Task && r.Rows[n].Platform == first.Platform; n++ {
			p.Cells(r.Rows[n].cells()...)
		}
		if all := &r.Rows[n-1]; len(all.Waiting) > 0 {
			p.Line("")
			p.Line("Due and waiting for %s of the time, held by:", Percent(all.Waited))
			p.Line("")
			p.Cells([]string{"reason", "first", "alone"}...)
			p.Cells(dashes(3)...)
			for _, x := range all.Waiting {
				mark := ""
				if x.Assumed {
					mark = "~"
				}
				p.Cells([]string{string(x.Code), mark + Percent(x.Share), mark + Percent(x.Alone)}...)
			}
		}
		i = n
	}
	if len(r.Expect) > 0 {
		p.Line("")
		p.Line("## Expected")
		p.Line("")
		p.Cells([]string{"", "task", "platform", "among", "expectation", "want", "got", "what would help"}...)
		p.Cells(dashes(8)...)
		for _, v := range r.Expect {
			p.Cells([]string{string(v.State), v.Task, PlatformName(v.Platform), v.Archetype, v.Expect, Percent(v.Want), v.got(), v.help()}...)
		}
	}
	p.foot(r)
	return p.Err
}

func (v *Verdict) help() string {
	switch {
	case v.Few && len(v.Hinges) == 0:
		return fewPhones
	case v.State == Undecided:
		return "hinges on " + strings.Join(v.Hinges, ", ")
	case v.Reason != "":
		return string(v.Reason) + ": " + v.Change
	}
	return v.Change
}

func dashes(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "---"
	}
	return out
}

func (r *Report) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{
		"task", "platform", "as", "archetype", "devices", "runs", "runs_per_day_p10", "runs_per_day_median", "runs_per_day_p90",
		"longest_gap_s_median", "longest_gap_s_p90", "stale_at_open_s_median", "stale_at_open_s_p90", "days_without_run_ppm",
		"devices_without_run_ppm", "cut_short_ppm", "cpu_ms_per_day", "bytes_per_day", "waiting_ppm", "first_reason", "assumed",
	}) // an error stays with the writer
	for i := range r.Rows {
		x := &r.Rows[i]
		reason := ""
		if len(x.Waiting) > 0 {
			reason = string(x.Waiting[0].Code)
		}
		row := []string{x.Task, x.Platform, x.As, x.Archetype}
		for _, n := range []int64{
			x.Devices, x.Runs, x.PerDay.P10, x.PerDay.Median, x.PerDay.P90, x.LongestGap.Median, x.LongestGap.P90, x.Stale.Median, x.Stale.P90,
			x.IdleDays, x.IdleDevices, x.Cut, x.CPU, x.Up + x.Down, x.Waited,
		} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		_ = c.Write(append(row, reason, strconv.FormatBool(x.Assumed)))
	}
	c.Flush()
	return c.Error()
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// junit writes the expectations as test cases: a missed one has failed, one that
// nothing decides is skipped.
func (r *Report) junit(w io.Writer) error {
	s := junitSuite{Name: "lull sim " + r.Plan, Tests: len(r.Expect)}
	for i := range r.Expect {
		v := &r.Expect[i]
		c := junitCase{Class: v.Platform + "." + v.Archetype, Name: v.Task + ": " + v.Expect, File: r.Plan, Line: v.Line}
		text := fmt.Sprintf("want %s, got %s", Percent(v.Want), v.got())
		if help := v.help(); help != "" {
			text += "; " + help
		}
		switch v.State {
		case Missed:
			s.Failures++
			c.Failure = &junitMessage{text}
		case Undecided, Unseen:
			s.Skipped++
			c.Skipped = &junitMessage{string(v.State) + ": " + text}
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
