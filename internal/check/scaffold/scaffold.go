// Package scaffold writes what a project needs to see its own background work: a run log
// in its callbacks, tests which run those, and a step for CI. What it writes is plain
// code of the project's own, without a dependency on lull.
package scaffold

import (
	"cmp"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/source"
)

// Schema is where the fields of the run log are described.
const Schema = "https://github.com/lullwork/lull/blob/main/docs/runlog.md"

//go:embed templates
var templates embed.FS

var texts = template.Must(template.ParseFS(templates, "templates/*.tmpl"))

// Result is what is to be written.
type Result struct {
	Files  []File         // new ones, by path
	Edits  []finding.Edit // of files that are there, by file and place
	Kept   []string       // files that are there already, and are not touched
	ByHand []Note         // what nobody but its author can change safely
}

// File is a file to write.
type File struct {
	Path string // relative to the checked folder, with slashes
	Text string
}

// Note is something to do by hand.
type Note struct {
	Place finding.Place
	Text  string
}

// maker collects a result.
type maker struct {
	files  *source.Set
	result Result
	err    error
}

// Make tells what to write into the projects of a tree. A second time, after all of it was
// written, it finds nothing to do.
func Make(files *source.Set, t *project.Tree) (*Result, error) {
	m := &maker{files: files}
	flutter := "" // folder of the first Flutter project that has tests to run
	logged := false
	for _, p := range t.Projects {
		if p.Flutter {
			if m.dart(p) && flutter == "" {
				flutter = p.Dir
				logged = true
			}
		}
		logged = m.kotlin(p) || logged
		logged = m.swift(p) || logged
	}
	if logged {
		m.workflow(flutter)
	}
	slices.SortFunc(m.result.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(m.result.Edits, func(a, b finding.Edit) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	m.result.Edits = joined(m.result.Edits)
	slices.Sort(m.result.Kept)
	return &m.result, m.err
}

// joined makes one edit of an insertion and of what replaces the text behind it.
func joined(edits []finding.Edit) []finding.Edit {
	var out []finding.Edit
	for _, e := range edits {
		if n := len(out) - 1; n >= 0 && out[n].File == e.File && out[n].Start == out[n].End && out[n].End == e.Start {
			out[n].End, out[n].Text = e.End, out[n].Text+e.Text
			continue
		}
		out = append(out, e)
	}
	return out
}

// first is what makes a statement the first one of a body that begins at an offset: it has a line of
// its own where the body has one.
func first(src []byte, body int, statement, separator string) string {
	for i := body; i > 0 && src[i-1] != '{'; i-- {
		if src[i-1] == '\n' {
			return statement + "\n" + indent(src, body)
		}
		if c := src[i-1]; c != ' ' && c != '\t' {
			break
		}
	}
	return statement + separator
}

// write adds a file from a template. One that is there is kept as it is.
func (m *maker) write(to, from string, data any) {
	if m.files.Exists(to) {
		m.result.Kept = append(m.result.Kept, to)
		return
	}
	m.result.Files = append(m.result.Files, File{Path: to, Text: m.render(from, data)})
}

func (m *maker) render(from string, data any) string {
	var b strings.Builder
	if err := texts.ExecuteTemplate(&b, from, data); err != nil && m.err == nil {
		m.err = fmt.Errorf("%s: %w", from, err)
	}
	return b.String()
}

func (m *maker) insert(file string, at int, text string) {
	m.replace(file, island.Span{Start: at, End: at}, text)
}

func (m *maker) replace(file string, s island.Span, text string) {
	m.result.Edits = append(m.result.Edits, finding.Edit{File: file, Start: s.Start, End: s.End, Text: text})
}

func (m *maker) byHand(at finding.Place, format string, args ...any) {
	m.result.ByHand = append(m.result.ByHand, Note{Place: at, Text: fmt.Sprintf(format, args...)})
}

// workflow adds the step of CI, where a place for it can be seen.
func (m *maker) workflow(flutter string) {
	if m.files.Exists(".gitlab-ci.yml") {
		m.result.ByHand = append(m.result.ByHand, Note{
			Place: finding.Place{File: ".gitlab-ci.yml", Line: 1, Column: 1},
			Text:  "add this job:\n" + m.render("workflow.gitlab.tmpl", nil),
		})
		return
	}
	m.write(".github/workflows/lull.yaml", "workflow.yaml.tmpl", struct {
		Flutter bool
		Dir     string
	}{flutter != "", flutter})
}

// indent is what the line of an offset begins with.
func indent(src []byte, at int) string {
	start := at
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	end := start
	for end < at && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	return string(src[start:end])
}

// afterImports is where another import can be put: behind the last one, or at the top.
// lead is what to write before the import, and tail what to write behind it.
func afterImports(f *island.File) (at int, lead, tail string) {
	for _, i := range f.Imports {
		if i.Kind == island.ImportOf || i.Kind == island.PackageOf || i.Kind == island.ExportOf {
			at = max(at, i.End)
		}
	}
	if at == 0 {
		return 0, "", "\n\n"
	}
	return at, "\n", ""
}

func join(dir, file string) string { return path.Join(dir, file) }
