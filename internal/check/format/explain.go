package format

import (
	"io"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/page"
)

// Explain prints a page about a rule, for a terminal.
func Explain(w io.Writer, r *rules.Rule) error {
	p := &page.Page{W: w}
	p.Line("%s", heading(r))
	p.Line("%s", r.Title)
	for _, text := range strings.Split(strings.TrimSpace(r.Detail), "\n\n") {
		p.Line("")
		p.Hang("", text)
	}
	p.Line("")
	for _, row := range facts(r) {
		p.Hang(row[0]+strings.Repeat(" ", 11-len(row[0])), row[1])
	}
	for _, side := range [][2]string{{"wrong", r.Example.Bad}, {"right", r.Example.Good}} {
		if side[1] == "" {
			continue
		}
		p.Line("")
		p.Line("%s:", side[0])
		for line := range strings.Lines(strings.Trim(side[1], "\n") + "\n") {
			p.Line("%s", strings.TrimRight("    "+strings.TrimRight(line, "\n"), " "))
		}
	}
	if r.Group == rules.Comments {
		return p.Err
	}
	p.Line("")
	p.Line("to hide a finding that does not matter, on the line above it (lull:ignore-file for all of the file):")
	p.Line("    %s", suppression(r))
	return p.Err
}

// Page writes the page about a rule in Markdown, for docs/rules.
func Page(w io.Writer, r *rules.Rule) error {
	p := &page.Page{W: w}
	p.Line("# %s", r.Name)
	p.Line("")
	p.Line("%s.", capital(r.Title))
	p.Line("")
	p.Line("%s", strings.TrimSpace(r.Detail))
	p.Line("")
	p.Cells("", "")
	p.Line("|---|---|")
	for _, row := range facts(r) {
		p.Cells(row[0], row[1])
	}
	for _, side := range [][2]string{{"Wrong", r.Example.Bad}, {"Right", r.Example.Good}} {
		if side[1] == "" {
			continue
		}
		p.Line("")
		p.Line("%s:", side[0])
		p.Line("")
		p.Line("```%s", r.Example.Lang)
		p.Line("%s", strings.Trim(side[1], "\n"))
		p.Line("```")
	}
	if r.Group == rules.Comments {
		return p.Err
	}
	p.Line("")
	p.Line("To hide a finding that does not matter, on the line above it (`lull:ignore-file` for all of the file):")
	p.Line("")
	p.Line("```%s", fence(r))
	p.Line("%s", suppression(r))
	p.Line("```")
	return p.Err
}

// Index writes the list of all rules in Markdown.
func Index(w io.Writer, all []*rules.Rule) error {
	p := &page.Page{W: w}
	p.Line("# Rules of `lull check`")
	p.Line("")
	p.Line("Made from the table of rules: do not edit. An error is proven by the files, a warning is likely, a hint depends on")
	p.Line("what is meant. See [check.md](../check.md).")
	for _, g := range rules.Groups() {
		first := true
		for _, r := range all {
			if r.Group != g {
				continue
			}
			if first {
				p.Line("")
				p.Line("## %s", capital(string(g)))
				p.Line("")
				p.Cells("rule", "id", "certainty", "platforms", "what")
				p.Line("|---|---|---|---|---|")
				first = false
			}
			p.Cells("["+r.Name+"]("+r.Name+".md)", strings.Join(r.IDs, " "), r.Certainty.String(), onto(r), r.Title)
		}
	}
	return p.Err
}

// facts are the short things to know of a rule.
func facts(r *rules.Rule) [][2]string {
	rows := [][2]string{
		{"seen", r.Seen},
		{"fix", r.Fix},
		{"certainty", map[finding.Certainty]string{
			finding.Error: "error: the files prove it", finding.Warning: "warning: likely", finding.Hint: "hint: it depends on what is meant",
		}[r.Certainty]},
		{"platforms", onto(r)},
	}
	for _, row := range [][2]string{
		{"versions", strings.Join(r.Versions, "; ")},
		{"catalogue", strings.Join(r.IDs, " ")},
		{"also in", r.Lint},
		{"sources", strings.Join(r.Source, "; ")},
	} {
		if row[1] != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

func heading(r *rules.Rule) string {
	if len(r.IDs) == 0 {
		return r.Name
	}
	return r.Name + " (" + strings.Join(r.IDs, " ") + ")"
}

func onto(r *rules.Rule) string {
	if len(r.Platforms) == 0 {
		return "all"
	}
	return strings.Join(r.Platforms, ", ")
}

// suppression is the comment that hides a finding of the rule.
func suppression(r *rules.Rule) string {
	text := "lull:ignore " + r.Name + " why it does not matter here"
	switch fence(r) {
	case "xml":
		return "<!-- " + text + " -->"
	case "yaml", "properties":
		return "# " + text
	}
	return "// " + text
}

func fence(r *rules.Rule) string {
	if r.Example.Lang == "" {
		return "dart"
	}
	return r.Example.Lang
}

func capital(s string) string {
	if s == "" {
		return s
	}
	if strings.HasPrefix(s, "iOS") { // a name
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
