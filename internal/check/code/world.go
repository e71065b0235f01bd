package code

import (
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// World is a condition under which code runs. What is empty is open.
type World struct {
	OS    string // "ios", "android", "macos", "linux", "windows", "web"
	Build string // "debug", "profile", "release"
}

// truth is a truth of three values.
type truth int8

const (
	open truth = iota
	yes
	no
)

func sure(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return open
}

func and(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return open
}

func or(a, b truth) truth { return and(a.not(), b.not()).not() }

// Test evaluates a condition in a world; known is false where it is open.
func (p *Program) Test(w World, u *Unit, n *island.Node) (holds, known bool) {
	t := p.test(w, u, n, 0)
	return t == yes, t != open
}

// test evaluates a condition through variables, getters and functions that only hand on
// what the platform or the build is.
func (p *Program) test(w World, u *Unit, n *island.Node, depth int) truth {
	if n == nil || depth > 12 {
		return open
	}
	switch n.Kind {
	case island.Bool:
		return sure(n.Name == "true")
	case island.Unary:
		if n.Name == "!" && len(n.Kids) > 0 {
			return p.test(w, u, n.Kids[0], depth+1).not()
		}
	case island.Await:
		if len(n.Kids) > 0 {
			return p.test(w, u, n.Kids[0], depth+1)
		}
	case island.Binary:
		return p.testBinary(w, u, n, depth)
	case island.Cond:
		if len(n.Kids) == 3 {
			switch p.test(w, u, n.Kids[0], depth+1) {
			case yes:
				return p.test(w, u, n.Kids[1], depth+1)
			case no:
				return p.test(w, u, n.Kids[2], depth+1)
			}
		}
	case island.Ident, island.Member:
		return p.testName(w, u, n, depth)
	case island.Call:
		if len(n.Kids) > 0 {
			return p.testRefs(w, p.refs(u, n.Kids[0], 0), depth)
		}
	}
	return open
}

func (p *Program) testBinary(w World, u *Unit, n *island.Node, depth int) truth {
	if len(n.Kids) != 2 {
		return open
	}
	a, b := n.Kids[0], n.Kids[1]
	switch n.Name {
	case "&&", ",":
		return and(p.test(w, u, a, depth+1), p.test(w, u, b, depth+1))
	case "||":
		return or(p.test(w, u, a, depth+1), p.test(w, u, b, depth+1))
	case "==", "!=", "===", "!==":
		t := w.sameOS(a, b)
		if t == open {
			t = w.sameOS(b, a)
		}
		if t == open {
			x, y := p.test(w, u, a, depth+1), p.test(w, u, b, depth+1)
			if x != open && y != open {
				t = sure(x == y)
			}
		}
		if strings.HasPrefix(n.Name, "!") {
			return t.not()
		}
		return t
	}
	return open
}

// sameOS compares what names the platform with one of its values: platform ==
// TargetPlatform.iOS, Platform.operatingSystem == 'ios'.
func (w World) sameOS(a, b *island.Node) truth {
	if w.OS == "" {
		return open
	}
	switch {
	case b.Kind == island.Member && len(b.Kids) > 0 && b.Kids[0].Kind == island.Ident && b.Kids[0].Name == "TargetPlatform":
		if w.OS == "web" {
			return open
		}
		return sure(strings.EqualFold(b.Name, w.OS))
	case b.Kind == island.String && a.Kind == island.Member && a.Name == "operatingSystem":
		return sure(strings.EqualFold(b.Text, w.OS))
	}
	return open
}

// testName evaluates a name that tells a platform or a build, or a variable or a getter
// that does.
func (p *Program) testName(w World, u *Unit, n *island.Node, depth int) truth {
	switch n.Name {
	case "kDebugMode", "kReleaseMode", "kProfileMode":
		if w.Build == "" {
			return open
		}
		return sure("k"+strings.ToUpper(w.Build[:1])+w.Build[1:]+"Mode" == n.Name)
	case "kIsWeb", "isWeb":
		if w.OS == "" {
			return open
		}
		return sure(w.OS == "web")
	case "DEBUG":
		if n.Kind == island.Member && w.Build != "" { // BuildConfig.DEBUG
			return sure(w.Build == "debug")
		}
	}
	if refs := p.refs(u, n, 0); len(refs) > 0 {
		return p.testRefs(w, refs, depth)
	}
	if n.Kind != island.Member || w.OS == "" {
		return open
	}
	switch os := w.OS; n.Name { // of Platform, UniversalPlatform, GetPlatform, ...
	case "isIOS":
		return sure(os == "ios")
	case "isAndroid":
		return sure(os == "android")
	case "isMacOS":
		return sure(os == "macos")
	case "isLinux":
		return sure(os == "linux")
	case "isWindows":
		return sure(os == "windows")
	case "isMobile":
		return sure(os == "android" || os == "ios")
	case "isDesktop":
		return sure(os == "macos" || os == "linux" || os == "windows")
	}
	return open
}

// testRefs evaluates what a name means: all that it may mean must agree.
func (p *Program) testRefs(w World, refs []Ref, depth int) truth {
	all := open
	for i, r := range refs {
		t := p.testRef(w, r, depth+1)
		if i > 0 && t != all {
			return open
		}
		all = t
	}
	return all
}

func (p *Program) testRef(w World, r Ref, depth int) truth {
	d := r.Decl
	if d == nil || p.byFile[d.File] == nil {
		return open
	}
	u := p.byFile[d.File]
	switch d.Kind {
	case island.Variable:
		if !d.Has(island.Final) && !d.Has(island.Const) && !d.Has(island.Getter) && p.written(d) {
			return open
		}
		if init := initOf(r); init != nil {
			return p.test(w, u, init, depth)
		}
		if body := d.Body(); body != nil {
			return p.testBody(w, u, body, depth)
		}
	case island.Function:
		return p.testBody(w, u, d.Body(), depth)
	}
	return open
}

// testBody evaluates what a short function returns: one expression, or a chain of ifs.
func (p *Program) testBody(w World, u *Unit, body *island.Node, depth int) truth {
	if body == nil || body.Kind != island.Block {
		return p.test(w, u, body, depth)
	}
	for _, s := range body.Kids {
		switch s.Kind {
		case island.Return:
			if len(s.Kids) == 1 {
				return p.test(w, u, s.Kids[0], depth)
			}
			return open
		case island.If:
			switch c := p.test(w, u, s.Kids[0], depth); {
			case c == no && len(s.Kids) == 2:
				continue
			case c == yes && len(s.Kids) >= 2:
				return p.testBody(w, u, s.Kids[1], depth)
			}
			return open
		case island.Expr, island.Local:
			continue
		default:
			return open
		}
	}
	return open
}

// written tells whether something assigns to a variable after its declaration.
func (p *Program) written(d *island.Decl) bool {
	for _, use := range p.allMentions(d.Name) {
		if use.Write && use.Unit.File == d.File {
			return true
		}
	}
	return false
}

// initOf is the first value of what a name means.
func initOf(r Ref) *island.Node {
	if r.Decl == nil {
		return nil
	}
	if init := r.Decl.Init(); init != nil {
		return init
	}
	if r.Node != nil && r.Node.Kind == island.Local && len(r.Node.Kids) > 0 {
		return r.Node.Kids[0]
	}
	return nil
}
