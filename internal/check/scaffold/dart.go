package scaffold

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
)

const logImport = "background_run_log.dart"

// dart puts a run log into the callbacks of a Flutter project, and writes tests of them.
func (m *maker) dart(p *project.Project) bool {
	callbacks := m.callbacks(p)
	if len(callbacks) == 0 {
		return false
	}
	m.write(join(p.Dir, "lib/"+logImport), "run_log.dart.tmpl", struct{ Schema, Version string }{Schema, version(p)})
	imported := map[string]bool{}
	for _, c := range callbacks {
		if m.wrap(p, c) && !imported[c.Unit.Path] {
			imported[c.Unit.Path] = true
			m.importLog(p, c.Unit)
		}
	}
	m.dartTests(p, callbacks)
	return true
}

// version is the app's, without its build number.
func version(p *project.Project) string {
	v := p.Pubspec.Version
	v.Build = ""
	return v.String()
}

// callback is a function that a plugin calls while there is no app.
type callback struct {
	entry plugins.Entry
	code.Callback
	Unit *code.Unit // of the function
}

// callbacks are the functions that are handed to plugins, each once, in the order of the
// files.
func (m *maker) callbacks(p *project.Project) []callback {
	var out []callback
	seen := map[*code.Func]bool{}
	for _, entry := range plugins.Entries() {
		if _, used := p.Plugins[entry.Plugin]; !used || !entry.Handle {
			continue
		}
		method := entry.Method
		if method == "" {
			method = entry.Class
		}
		for _, call := range p.Dart.Calls(method) {
			arg := call.Node.Arg(entry.Label)
			if entry.Label == "" {
				arg = call.Node.Positional(entry.Arg)
			}
			if arg == nil || !meant(p.Dart, call, entry) {
				continue
			}
			for _, t := range p.Dart.Targets(call.In, call.Unit, arg) {
				if t.Func == nil || seen[t.Func] {
					continue
				}
				seen[t.Func] = true
				if t.Kind == code.ClosureKind || t.Kind == code.InstanceMethod || t.Kind == code.LocalFunc {
					m.byHand(t.Func.File.Place(t.Func.Body().Span),
						"%s must be a function at the top level or a static one before its runs can be logged (see lull explain callback-not-top-level)", t.Func.Name())
					continue
				}
				out = append(out, callback{entry: entry, Callback: t, Unit: t.Func.File})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b callback) int {
		if c := strings.Compare(a.Unit.Path, b.Unit.Path); c != 0 {
			return c
		}
		return a.Decl.Start - b.Decl.Start
	})
	return out
}

// wrap lets the log see a callback's runs. It tells whether it changed something.
func (m *maker) wrap(p *project.Project, c callback) bool {
	f := c.Unit.File
	if library(p.Dart, c.Unit) == nil {
		m.byHand(c.Unit.Place(c.Decl.Span), "log the runs of %s with BackgroundRunLog.run: the library of this part is not known", c.Func.Name())
		return false
	}
	if !c.entry.Fresh || bytes.Contains(f.Src[c.Decl.Start:c.Decl.End], []byte("BackgroundRunLog")) {
		return false
	}
	if c.entry.Inner != "" {
		return m.wrapHandlers(p, c)
	}
	if c.Decl.Has(island.Generator) {
		m.byHand(c.Unit.Place(c.Decl.Span), "log the runs of %s with BackgroundRunLog.run", c.Func.Name())
		return false
	}
	return m.wrapBody(c.Unit, c.Func.Body(), c.Decl.NameAt, quote(c.Decl.Name), ";")
}

// wrapHandlers wraps what a dispatcher hands to its plugin: the handler of each task.
func (m *maker) wrapHandlers(p *project.Project, c callback) bool {
	done := false
	for _, call := range p.Dart.Reach(c.Func).Calls(c.entry.Inner) {
		arg := call.Node.Positional(0)
		switch {
		case arg == nil:
		case arg.Kind == island.Closure && len(arg.Kids) > 0 && len(arg.Params) > 0:
			task := arg.Params[0].Name
			if strings.Trim(task, "_") == "" {
				task = quote(c.Decl.Name)
			}
			done = m.wrapBody(call.Unit, arg.Kids[0], arg.Start, task, "") || done
		case arg.Kind == island.Ident || arg.Kind == island.Member:
			name := call.Unit.Text(arg.Span)
			m.replace(call.Unit.Path, arg.Span, "(task, inputData) => BackgroundRunLog.run(task, () => "+name+"(task, inputData))")
			done = true
		default:
			m.byHand(call.Unit.Place(arg.Span), "log the runs of this handler with BackgroundRunLog.run(task, ...)")
		}
		if call.Unit != c.Unit && done {
			m.importLog(p, call.Unit)
		}
	}
	return done
}

// wrapBody turns (x) async { ... } into (x) => BackgroundRunLog.run(task, () async { ... }).
// The parameters begin behind from. end is what the new body ends with.
func (m *maker) wrapBody(u *code.Unit, body *island.Node, from int, task, end string) bool {
	if body == nil {
		return false
	}
	paren := bytes.LastIndexByte(u.Src[from:body.Start], ')')
	if paren < 0 {
		return false
	}
	m.insert(u.Path, from+paren+1, " => BackgroundRunLog.run("+task+", ()")
	if body.Kind == island.Block {
		m.insert(u.Path, body.End, ")"+end)
	} else {
		m.insert(u.Path, body.End, ")") // the semicolon is there
	}
	return true
}

// importLog lets a library see the run log. A part of one has no imports of its own.
func (m *maker) importLog(p *project.Project, u *code.Unit) {
	if u = library(p.Dart, u); u == nil {
		return
	}
	for _, i := range u.Imports {
		if strings.HasSuffix(i.URI, logImport) {
			return
		}
	}
	at, lead, tail := afterImports(u.File)
	if at == 0 {
		at = u.Decls[0].Start
	}
	e := finding.Edit{File: u.Path, Start: at, End: at, Text: lead + "import 'package:" + p.Name + "/" + logImport + "';" + tail}
	if !slices.Contains(m.result.Edits, e) {
		m.result.Edits = append(m.result.Edits, e)
	}
}

// library is the file with the imports of a unit: itself, or what names it as a part.
func library(p *code.Program, u *code.Unit) *code.Unit {
	if !slices.ContainsFunc(u.Imports, func(i island.Import) bool { return i.Kind == island.PartOf }) {
		return u
	}
	for _, other := range p.Units() {
		for _, i := range other.Imports {
			if i.Kind == island.Part && path.Join(path.Dir(other.Path), i.URI) == u.Path {
				return other
			}
		}
	}
	return nil
}

// meant tells whether a call is that of the table, as far as its receiver's name says.
func meant(p *code.Program, call code.Call, e plugins.Entry) bool {
	f := call.Node.Kids[0]
	if f.Kind != island.Member || len(f.Kids) == 0 || e.Method == "" {
		return true
	}
	of := f.Kids[0]
	if of.Kind == island.Call {
		return island.CalleeName(of) == e.Class
	}
	if of.Name == e.Class {
		return true
	}
	t := p.TypeName(call.Unit, of)
	return t == "" || t == e.Class
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, `$`, `\$`).Replace(s) + "'"
}

// uri is how a test imports a file of the project, and the file's path inside of it; "" for
// what it cannot import.
func uri(p *project.Project, file string) (uri, inside string) {
	inside = file
	if p.Dir != "." {
		inside = strings.TrimPrefix(file, p.Dir+"/")
	}
	if rest, ok := strings.CutPrefix(inside, "lib/"); ok {
		return "package:" + p.Name + "/" + path.Clean(rest), inside
	}
	return "", inside
}
