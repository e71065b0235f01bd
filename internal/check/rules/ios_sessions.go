package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

func iosSessionRules() []*Rule {
	return []*Rule{{
		Name: "ios-session-not-made-again", Group: NativeIOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
		Title:  "a background session is not made again when iOS starts the app for it",
		Detail: "When iOS has ended the app and its transfers are done, it starts the app anew and calls handleEventsForBackgroundURLSession. The session's delegate hears of them only when the app has made the session again, with the same identifier; one that is lazy, or that a screen makes, is not there.",
		Seen:   "downloads that end while the app does not run are handled only when the user starts the next one; the completion handler is never called",
		Fix:    "Make the session with its identifier in handleEventsForBackgroundURLSession, or at each launch",
		Source: []string{
			appleDocs + "foundation/downloading-files-in-the-background",
			appleDocs + "uikit/uiapplicationdelegate/application(_:handleeventsforbackgroundurlsession:completionhandler:)",
		},
		Example: Example{
			Lang: "swift",
			Bad:  "lazy var session = URLSession(configuration: .background(withIdentifier: \"files\"), delegate: self, delegateQueue: nil)\nfunc application(_ a: UIApplication, handleEventsForBackgroundURLSession id: String,\n                 completionHandler done: @escaping () -> Void) { finish = done }\n",
			Good: "lazy var session = URLSession(configuration: .background(withIdentifier: \"files\"), delegate: self, delegateQueue: nil)\nfunc application(_ a: UIApplication, handleEventsForBackgroundURLSession id: String,\n                 completionHandler done: @escaping () -> Void) { finish = done; _ = session }\n",
		},
		Check: checkSessions,
	}}
}

// backgroundSessions are the calls of native code that configure background sessions.
func (p *Pass) backgroundSessions() []code.Call {
	if p.Project.IOS == nil || p.Project.IOS.Code == nil {
		return nil
	}
	native := p.Project.IOS.Code
	var calls []code.Call
	for _, c := range native.Calls("background") {
		if c.Node.Arg("withIdentifier") != nil && !inTests(c.Unit) {
			calls = append(calls, c)
		}
	}
	return append(calls, native.Calls("backgroundSessionConfigurationWithIdentifier:")...)
}

func checkSessions(p *Pass) {
	sessions := p.backgroundSessions()
	if len(sessions) == 0 {
		return
	}
	native := p.Project.IOS.Code
	var roots []*code.Func
	var heard []finding.Related
	p.delegated("handleEventsForBackgroundURLSession", func(u *code.Unit, d *island.Decl) {
		roots = append(roots, native.FuncOf(d))
		heard = append(heard, finding.Related{Place: p.Name(u, d), Text: "iOS calls this"})
	})
	if len(roots) == 0 { // that is another mistake
		return
	}
	for _, f := range launching(native) {
		if d := f.Decl; d == nil || d.Kind != island.Variable || d.Name == "body" || !d.Has(island.Lazy) && !d.Has(island.Getter) {
			roots = append(roots, f)
		}
	}
	early := native.Reach(roots...)
	if slices.ContainsFunc(sessions, func(c code.Call) bool { return runsIn(early, c.In) }) {
		return // by the identifier that it gets, it may be any
	}
	for _, c := range sessions {
		ofApp := slices.ContainsFunc(p.apps(), func(t *project.Target) bool { return builds(t, c.Unit) })
		if holder := holderOf(c.Unit, c.In, c.Node); ofApp && holder != nil && len(native.Uses(holder)) > 0 && !comesUp(native, early, holder) {
			f := p.Report(p.Call(c.Unit, c.Node), "when iOS starts the app for this session, nothing makes it again: not handleEventsForBackgroundURLSession, nor the launch")
			f.Subject, f.Related = holder.Name, heard[:1]
		}
	}
}

// holderOf is the declaration that a node belongs to: a function, or a variable with its first value.
func holderOf(u *code.Unit, in *code.Func, n *island.Node) *island.Decl {
	if in != nil {
		return outermost(in).Decl
	}
	return u.At(n.Start)
}

// runsIn tells whether a function is reached, and is not the first value of a lazy variable, which
// waits for its first use.
func runsIn(reached *code.Reach, f *code.Func) bool {
	if f == nil || !reached.Has(f) {
		return false
	}
	d := outermost(f).Decl
	return d == nil || d.Kind != island.Variable || !d.Has(island.Lazy)
}

// comesUp tells whether any reached function, or any way to one, comes to a declaration. A stored property is
// there as soon as its type is made.
func comesUp(native *code.Program, reached *code.Reach, from *island.Decl) bool {
	seen := []*island.Decl{from}
	add := func(d *island.Decl) {
		if d != nil && !slices.Contains(seen, d) {
			seen = append(seen, d)
		}
	}
	for i := 0; i < len(seen); i++ {
		if i > 200 {
			return true // it is not known
		}
		d := seen[i]
		if runsIn(reached, native.FuncOf(d)) {
			return true
		}
		stored := d.Kind == island.Variable && !d.Has(island.Lazy) && !d.Has(island.Getter) && !d.Has(island.Static)
		if (stored || d.Kind == island.Constructor || d.Name == "init") && d.Parent != nil {
			add(d.Parent)
		}
		for _, use := range native.Uses(d) {
			if runsIn(reached, use.In) {
				return true
			}
			add(holderOf(use.Unit, use.In, use.Node))
		}
	}
	return false
}
