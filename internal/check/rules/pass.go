package rules

import (
	"fmt"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// Pass is one rule's look at one project.
type Pass struct {
	Rule *Rule

	dir       string // of the project
	found     []*finding.Finding
	unchecked []finding.Unchecked
}

// NewPass begins the look of a rule at the project in a folder.
func NewPass(r *Rule, dir string) *Pass { return &Pass{Rule: r, dir: dir} }

// Report adds a finding. What the rule says of itself is filled in; who knows better
// changes what is returned:
//
//	f := p.Report(p.Node(u.Path, u.File, n), "%s is not permitted", id)
//	f.Subject = id
//	f.Certainty = finding.Warning
//	f.Edits = append(f.Edits, p.Insert(plist, after, text))
func (p *Pass) Report(at finding.Place, format string, args ...any) *finding.Finding {
	f := &finding.Finding{
		Rule: p.Rule.Name, ID: p.Rule.ID(), Certainty: p.Rule.Certainty, Place: at,
		Message: fmt.Sprintf(format, args...), Seen: p.Rule.Seen, Fix: p.Rule.Fix, Project: p.dir,
	}
	p.found = append(p.found, f)
	return f
}

// Unchecked tells what the rule could not look at.
func (p *Pass) Unchecked(at finding.Place, what, why string) {
	p.unchecked = append(p.unchecked, finding.Unchecked{What: what, File: at.File, Line: at.Line, Why: why})
}

// Found is what was reported, in the order of the reports.
func (p *Pass) Found() ([]*finding.Finding, []finding.Unchecked) { return p.found, p.unchecked }

// Span is the place of a part of a source file.
func (p *Pass) Span(path string, f *island.File, s island.Span) finding.Place {
	return finding.At(path, f.Src, s.Start, s.End)
}

// Node is the place of a node.
func (p *Pass) Node(path string, f *island.File, n *island.Node) finding.Place {
	return p.Span(path, f, n.Span)
}

// Name is the place of a declaration's name.
func (p *Pass) Name(path string, d *island.Decl) finding.Place {
	return p.Span(path, d.File, island.Span{Start: d.NameAt, End: d.NameAt + len(d.Name)})
}

// Insert is an edit that puts a text before an offset of a file.
func (p *Pass) Insert(file string, before int, text string) finding.Edit {
	return finding.Edit{File: file, Start: before, End: before, Text: text}
}

// Replace is an edit that puts a text into a place.
func (p *Pass) Replace(at finding.Place, text string) finding.Edit {
	return finding.Edit{File: at.File, Start: at.Start, End: at.End, Text: text}
}
