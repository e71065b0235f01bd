package rules

import (
	"bytes"
	"fmt"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/source"
)

// Pass is one rule's look at one project.
type Pass struct {
	Rule    *Rule
	Tree    *project.Tree // all projects of the folder
	Project *project.Project
	Files   *source.Set
	Memo    *Memo // of the project, shared by its passes; nil: an own one

	found     []*finding.Finding
	unchecked []finding.Unchecked
}

// Report adds a finding. What the rule says of itself is filled in; who knows better
// changes what is returned:
//
//	f := p.Report(p.Node(u, n), "%s is not permitted", id)
//	f.Subject = id
//	f.Certainty = finding.Warning
//	f.Edits = append(f.Edits, p.Insert(plist.Path, array.Inner.End, text))
func (p *Pass) Report(at finding.Place, format string, args ...any) *finding.Finding {
	f := p.Rule.Finding(at, fmt.Sprintf(format, args...))
	f.Project = p.Project.Dir
	p.found = append(p.found, f)
	return f
}

// Unchecked tells what the rule could not look at.
func (p *Pass) Unchecked(at finding.Place, what, why string) {
	p.unchecked = append(p.unchecked, finding.Unchecked{What: what, File: at.File, Line: at.Line, Why: why})
}

// Found is what was reported, in the order of the reports.
func (p *Pass) Found() ([]*finding.Finding, []finding.Unchecked) { return p.found, p.unchecked }

// The values of property lists, manifests, Gradle files and pubspecs hold their place as
// At. Those of source files are:

// Span is the place of a part of a source file.
func (p *Pass) Span(u *code.Unit, s island.Span) finding.Place { return u.Place(s) }

// Node is the place of a node.
func (p *Pass) Node(u *code.Unit, n *island.Node) finding.Place { return p.Span(u, n.Span) }

// Arg is the place of an argument of a call, label and value; that of the call's name
// where the argument is not given.
func (p *Pass) Arg(u *code.Unit, call *island.Node, label string) finding.Place {
	for i := range call.Args {
		if call.Args[i].Label == label {
			return p.Span(u, call.Args[i].Span)
		}
	}
	return p.Call(u, call)
}

// Call is the place of a call's callee, without its arguments.
func (p *Pass) Call(u *code.Unit, call *island.Node) finding.Place {
	if len(call.Kids) == 0 {
		return p.Node(u, call)
	}
	return p.Node(u, call.Kids[0])
}

// Name is the place of a declaration's name.
func (p *Pass) Name(u *code.Unit, d *island.Decl) finding.Place {
	return p.Span(u, island.Span{Start: d.NameAt, End: d.NameAt + max(len(d.Name), 1)})
}

// Start is the place of a declaration with its annotations, up to its name: where
// something is put above it.
func (p *Pass) Start(u *code.Unit, d *island.Decl) finding.Place {
	return p.Span(u, island.Span{Start: d.Span.Start, End: d.NameAt})
}

// Insert is an edit that puts a text before an offset of a file.
func (p *Pass) Insert(file string, before int, text string) finding.Edit {
	return finding.Edit{File: file, Start: before, End: before, Text: text}
}

// Replace is an edit that puts a text into a place.
func (p *Pass) Replace(at finding.Place, text string) finding.Edit {
	return finding.Edit{File: at.File, Start: at.Start, End: at.End, Text: text}
}

// Above is an edit that puts a line above a declaration, indented as it is.
func (p *Pass) Above(u *code.Unit, d *island.Decl, line string) finding.Edit {
	begin := bytes.LastIndexByte(u.Src[:d.Span.Start], '\n') + 1
	indent := u.Src[begin:d.Span.Start]
	if len(bytes.TrimLeft(indent, " \t")) > 0 { // something else is on its line
		indent = nil
	}
	return p.Insert(u.Path, d.Span.Start, line+"\n"+string(indent))
}
