package validate

import (
	"fmt"
	"io"
	"strings"
)

// words collects what is written, and the first error.
type words struct {
	w   io.Writer
	err error
}

func (p *words) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// count returns how many results are in a state.
func count(all []Result, s State) (n int) {
	for i := range all {
		if all[i].State == s {
			n++
		}
	}
	return n
}

// tally is the sum of a table.
func tally(all []Result) string {
	return fmt.Sprintf("%d of %d met, %d missed, %d not applicable", count(all, Met), len(all), count(all, Missed), count(all, NotApplicable))
}

// Text writes results for a terminal.
func Text(w io.Writer, all []Result) error {
	p := &words{w: w}
	p.line("The simulator with its default parameters against published measurements.")
	for i := range all {
		r := &all[i]
		p.line("")
		p.line("%-4s %s: %s", r.ID, r.State, r.Source)
		p.wrap("world", r.World)
		p.wrap("observed", r.Observed)
		p.wrap("asserted", r.Assert)
		p.wrap("simulated", r.Simulated)
		for _, c := range r.Causes {
			p.wrap("cause", c)
		}
	}
	p.line("")
	p.line("%s", tally(all))
	if lost := Lost(all); len(lost) > 0 {
		p.line("no longer met: %s", strings.Join(lost, ", "))
	}
	p.line("docs/validation.md says what to make of each.")
	return p.err
}

const (
	margin = 16
	width  = 100
)

// wrap writes a text under a heading, in lines of a terminal.
func (p *words) wrap(heading, text string) {
	if text == "" {
		return
	}
	line := fmt.Sprintf("     %-*s", margin-5, heading)
	for i, word := range strings.Fields(text) {
		if i > 0 && len(line)+1+len(word) > width {
			p.line("%s", line)
			line = strings.Repeat(" ", margin-1)
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	p.line("%s", line)
}

// Markdown writes results as the page docs/validation.md.
func Markdown(w io.Writer, all []Result) error {
	p := &words{w: w}
	p.line("# Validation")
	p.line("")
	p.line("<!-- written by go test ./internal/sim/validate -update; do not edit -->")
	p.line("")
	p.line("`lull sim --validate` plays each of these published measurements in virtual time, through the scheduler that everything else uses.")
	p.line("A case is a world, a plan and an assertion (`internal/sim/validate`). All of them share one frozen set of parameters, the defaults.")
	p.line("What may differ is what the measurement states of its phone, and the profile of a vendor, a version or an entitlement that it names.")
	p.line("")
	p.line("**%s.** What is not applicable is not met.", tally(all))
	p.line("")
	p.line("What this is worth: most of these are reports of single phones, and none is a controlled measurement. Where a parameter was fitted")
	p.line("to the very figures, the remark says so. A case that is met shows that the model can behave like that phone, not that phones do.")
	p.line("The command exits with 1 when a case that is marked met here is met no longer.")
	p.line("")
	p.line("| | source | observed | simulated | |")
	p.line("|---|---|---|---|---|")
	for i := range all {
		r := &all[i]
		simulated := r.Simulated
		if simulated == "" {
			simulated = "-"
		}
		p.line("| [%s](#%s) | %s | %s | %s | %s |", r.ID, strings.ToLower(r.ID), cell(r.source()), cell(r.Observed), cell(simulated), r.State)
	}
	for i := range all {
		r := &all[i]
		p.line("")
		p.line("## %s", r.ID)
		p.line("")
		p.line("%s, %s: %s.", r.Platform, r.Kind, r.source())
		p.line("")
		p.line("- World: %s.", r.World)
		p.line("- Observed: %s.", r.Observed)
		p.line("- Asserted: %s.", r.Assert)
		if r.Simulated != "" {
			p.line("- Simulated: %s.", r.Simulated)
		}
		p.line("- **%s**", capital(string(r.State)))
		for _, c := range r.Causes {
			p.line("  - %s", c)
		}
		if r.Remark != "" {
			p.line("")
			p.line("%s", r.Remark)
		}
	}
	return p.err
}

// source returns a case's source, as a link if there is one.
func (c *Case) source() string {
	if c.Link == "" {
		return c.Source
	}
	return "[" + c.Source + "](https://" + c.Link + ")"
}

// cell makes a text fit into a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
