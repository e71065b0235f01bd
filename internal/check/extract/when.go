package extract

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

// moments tells when code of a program runs.
type moments struct {
	start, open *code.Reach
}

// resumes are methods that run when an app comes to the front.
var resumes = []string{
	"didChangeAppLifecycleState", "applicationDidBecomeActive", "applicationWillEnterForeground", "sceneDidBecomeActive", "sceneWillEnterForeground", "onResume",
}

// starts are functions that run when the app's process does.
var starts = []string{"main", "didFinishLaunchingWithOptions", "application", "onCreate", "init"}

func newMoments(p *code.Program) *moments {
	var m moments
	roots := func(names []string) []*code.Func {
		var out []*code.Func
		for _, u := range p.Units() {
			for _, d := range u.Decls {
				for _, n := range names {
					if d.Name == n {
						if f := p.FuncOf(d); f != nil {
							out = append(out, f)
						}
					}
				}
				for _, member := range d.Members {
					for _, n := range names {
						if member.Name == n {
							if f := p.FuncOf(member); f != nil {
								out = append(out, f)
							}
						}
					}
				}
			}
		}
		return out
	}
	m.start = p.Reach(roots(starts)...)
	m.open = p.Reach(roots(resumes)...)
	return &m
}

// ofDatabase tells whether a call stands in what runs as a database is made, not at each
// start of an app.
func (s site) ofDatabase() bool {
	for f := s.In; f != nil; f = f.Outer {
		if f.Decl != nil && takesDatabase(f.Decl) {
			return true
		}
	}
	return false
}

func takesDatabase(d *island.Decl) bool {
	return d.Name == "onCreate" && slices.ContainsFunc(d.Params, func(p island.Param) bool { return strings.Contains(p.Type, "SQLite") })
}

// submit tells when the call of a site asks for its work.
func (m *moments) submit(s site, policy Setting) Setting {
	when := set("when", "app-start")
	switch {
	case s.In == nil:
	case s.ofDatabase():
		when.Value = "once"
	case m.open.Has(s.In) && m.open.Sure(s.In):
		when.Value = "app-open"
	case m.start.OnEvent(s.In):
		when = Setting{Key: "when", Value: "app-start", Open: "called when something happens on a screen: app-start stands here for it", At: s.place(nil)}
	case m.start.Has(s.In):
	default:
		when = Setting{Key: "when", Value: "app-start", Open: "not called on the way from the app's start: app-start stands here for it", At: s.place(nil)}
	}
	return group("submit", when, policy)
}

// arrival is work that comes from outside: how often is for the author to say.
func arrival(s site, during Setting) Setting {
	return group("submit", set("when", "arrival"), Setting{Key: "rate", Value: "4/day", Open: "the files do not say how often; 4/day stands here for it", At: s.place(nil)}, during)
}
