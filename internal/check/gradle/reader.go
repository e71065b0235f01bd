package gradle

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/source"
)

const (
	maxDepth    = 64
	maxVariants = 1000
)

// reader walks through a script. A setting has a path: the names of the blocks that it stands
// in and its own.
type reader struct {
	*File
	text  *source.Text
	scope Scope
	left  int // of maxValues
}

func (r *reader) at(n *island.Node) finding.Place { return r.text.Place(n.Start, n.End) }

// declare keeps what a variable is worth.
func (r *reader) declare(d *island.Decl) {
	if d != nil && d.Kind == island.Variable && d.Init() != nil && r.vars[d.Name] == nil {
		r.vars[d.Name] = d.Init()
	}
}

// collect finds the variables of a script.
func (r *reader) collect(n *island.Node) {
	island.Walk(n, func(n *island.Node) bool {
		switch n.Kind {
		case island.Local:
			r.declare(n.Decl)
		case island.Assign: // ext.a = 1, ext { a = 1 }, extra["a"] = 1
			if name := lastName(n.Kids[0]); name != "" && r.vars[name] == nil && isExtra(n.Kids[0]) {
				r.vars[name] = n.Kids[1]
			}
		case island.Call:
			if name := island.CalleeName(n); name == "ext" || name == "extra" {
				for _, stmt := range statements(closure(n)) {
					if stmt.Kind == island.Assign && r.vars[lastName(stmt.Kids[0])] == nil {
						r.vars[lastName(stmt.Kids[0])] = stmt.Kids[1]
					}
				}
			}
		}
		return true
	})
}

// isExtra tells whether a target is part of a project's extra properties.
func isExtra(n *island.Node) bool {
	if (n.Kind == island.Member || n.Kind == island.Index) && len(n.Kids) > 0 {
		name := lastName(n.Kids[0])
		return name == "ext" || name == "extra"
	}
	return false
}

// lastName returns the last part of a name: b of a.b and of a["b"].
func lastName(n *island.Node) string {
	switch n.Kind {
	case island.Ident, island.Member:
		return n.Name
	case island.Index:
		if len(n.Kids) > 1 && n.Kids[1].Kind == island.String {
			return n.Kids[1].Text
		}
	}
	return ""
}

// closure returns the block that a call has at its end, nil without.
func closure(call *island.Node) *island.Node {
	if len(call.Args) == 0 {
		return nil
	}
	if c := call.Args[len(call.Args)-1].Value; c != nil && c.Kind == island.Closure && len(c.Kids) > 0 {
		return c.Kids[0]
	}
	return nil
}

// statements returns what a block does.
func statements(block *island.Node) []*island.Node {
	if block == nil {
		return nil
	}
	if block.Kind != island.Block {
		return []*island.Node{block}
	}
	all := make([]*island.Node, 0, len(block.Kids))
	for _, n := range block.Kids {
		if n.Kind == island.Expr && len(n.Kids) > 0 {
			n = n.Kids[0]
		}
		all = append(all, n)
	}
	return all
}

// block reads the settings in a block. maybe: it may not be run.
func (r *reader) block(block *island.Node, path []string, maybe bool) {
	if len(path) > maxDepth {
		return
	}
	for _, n := range statements(block) {
		r.statement(n, path, maybe)
	}
}

func (r *reader) statement(n *island.Node, path []string, maybe bool) {
	switch n.Kind {
	case island.If, island.Try, island.For, island.While, island.Switch, island.Case, island.Catch:
		for _, kid := range n.Kids {
			if kid.Kind == island.Block || kid.Kind >= island.Block && kid.Kind != island.Expr {
				r.inner(kid, path)
			}
		}
	case island.Assign:
		if len(n.Kids) == 2 && strings.HasSuffix(n.Name, "=") {
			r.set(append(path[:len(path):len(path)], names(n.Kids[0])...), n.Kids[1:], n, maybe)
		}
	case island.Binary: // id("a") version "1"
		if top(path) == "plugins" {
			r.plugin(n)
		}
	case island.Call:
		r.call(n, path, maybe)
	}
}

// inner reads a block or a statement that may not be run.
func (r *reader) inner(n *island.Node, path []string) {
	if n.Kind == island.Block {
		r.block(n, path, true)
	} else {
		r.statement(n, path, true)
	}
}

func top(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[0]
}

// call reads a block, or a setting that is written as a call.
func (r *reader) call(n *island.Node, path []string, maybe bool) {
	switch {
	case top(path) == "plugins":
		r.plugin(n)
		return
	case top(path) == "dependencies" && len(path) == 1:
		r.dependency(n)
		return
	case island.CalleeName(n) == "apply" && len(path) == 0:
		r.apply(n)
		return
	}
	called := n.Kids[0]
	inside := closure(n)
	own := names(called)
	if called.Kind == island.String { // "release" { }
		own = []string{called.Text}
	}
	if len(own) == 0 {
		return
	}
	var values []*island.Node
	for _, a := range n.Args {
		if a.Value != nil && a.Value.Kind != island.Closure {
			values = append(values, a.Value)
		}
	}
	last := own[len(own)-1]
	switch last {
	case "create", "register", "getByName", "named", "maybeCreate":
		own = own[:len(own)-1]
		if len(values) > 0 {
			own = append(own[:len(own):len(own)], r.string(values[0]))
		}
	case "configure", "extensions": // configure<ApplicationExtension> { }
		own = []string{"android"}
	case "set":
		own = own[:len(own)-1]
	case "apply", "run", "all", "configureEach":
		own = own[:len(own)-1]
	}
	where := append(path[:len(path):len(path)], own...)
	if inside == nil {
		r.set(where, values, n, maybe)
		return
	}
	if len(path) > 0 || len(own) > 0 {
		r.open(where, n)
	}
	r.block(inside, where, maybe)
}

// names returns the parts of a name: a, b, c of a.b.c.
func names(n *island.Node) []string {
	switch n.Kind {
	case island.Ident:
		return []string{n.Name}
	case island.Member:
		if len(n.Kids) > 0 {
			return append(names(n.Kids[0]), n.Name)
		}
		return []string{n.Name}
	case island.Call: // getByName("release").isMinifyEnabled
		if len(n.Kids) > 0 && len(n.Args) > 0 && n.Args[0].Value != nil && n.Args[0].Value.Kind == island.String {
			all := names(n.Kids[0])
			return append(all[:max(len(all)-1, 0)], n.Args[0].Value.Text)
		}
	case island.Index:
		if name := lastName(n); name != "" && len(n.Kids) > 0 {
			return append(names(n.Kids[0]), name)
		}
	}
	return nil
}

// open notes a build type or a flavour, even one without settings.
func (r *reader) open(path []string, n *island.Node) {
	if v := r.variant(path, n); v != nil && v.At.File == "" {
		v.At = r.at(n.Kids[0])
	}
}

// variant returns the build type or flavour of a path that has nothing but it after android.
func (r *reader) variant(path []string, n *island.Node) *Variant {
	path = r.android(path)
	if len(path) != 2 {
		return nil
	}
	list := &r.BuildTypes
	switch path[0] {
	case "buildTypes":
	case "productFlavors":
		list = &r.Flavors
	default:
		return nil
	}
	v := find(*list, path[1])
	if v == nil && len(*list) < maxVariants {
		*list = append(*list, Variant{Name: path[1], At: r.at(n)})
		v = &(*list)[len(*list)-1]
	}
	return v
}

// android returns a path without the block that all of them stand in.
func (r *reader) android(path []string) []string {
	if i := slices.IndexFunc(path, isAndroid); i >= 0 {
		return path[i+1:]
	}
	return path
}

// isAndroid tells whether a block is that of Android: its own, or the one of a Kotlin library for
// several platforms.
func isAndroid(name string) bool { return name == "android" || name == "androidLibrary" }

// set keeps a setting that matters.
func (r *reader) set(path []string, values []*island.Node, n *island.Node, maybe bool) {
	if len(values) == 0 || !isAndroid(top(path)) && !(top(path) == "kotlin" && len(path) > 1 && isAndroid(path[1])) {
		return
	}
	path = r.android(path)
	switch {
	case len(path) == 1 || len(path) == 2 && path[0] == "defaultConfig":
		r.setMain(path[len(path)-1], values[0], maybe)
	case len(path) == 2 && path[0] == "compileOptions":
		if isName(path[1], "coreLibraryDesugaringEnabled") {
			r.setSwitch(&r.Desugaring, values[0], maybe)
		}
	case len(path) == 3:
		if v := r.variant(append([]string{"android"}, path[:2]...), n); v != nil {
			r.setVariant(v, path[2], values, maybe)
		}
	}
}

func (r *reader) setMain(name string, value *island.Node, maybe bool) {
	switch name {
	case "namespace":
		r.setText(&r.Namespace, value, maybe)
	case "applicationId":
		r.setText(&r.ApplicationID, value, maybe)
	case "compileSdk", "compileSdkVersion":
		r.setLevel(&r.CompileSDK, value, maybe)
	case "minSdk", "minSdkVersion":
		r.setLevel(&r.MinSDK, value, maybe)
	case "targetSdk", "targetSdkVersion":
		r.setLevel(&r.TargetSDK, value, maybe)
	}
}

func (r *reader) setVariant(v *Variant, name string, values []*island.Node, maybe bool) {
	value := values[0]
	switch {
	case name == "dimension":
		v.Dimension = r.string(value)
	case name == "applicationId":
		r.setText(&v.ApplicationID, value, maybe)
	case name == "applicationIdSuffix":
		r.setText(&v.Suffix, value, maybe)
	case name == "minSdk" || name == "minSdkVersion":
		r.setLevel(&v.MinSDK, value, maybe)
	case name == "targetSdk" || name == "targetSdkVersion":
		r.setLevel(&v.TargetSDK, value, maybe)
	case isName(name, "minifyEnabled"):
		r.setSwitch(&v.Minify, value, maybe)
	case isName(name, "shrinkResources"):
		r.setSwitch(&v.Shrink, value, maybe)
	case isName(name, "debuggable"):
		r.setSwitch(&v.Debuggable, value, maybe)
	case name == "proguardFiles" || name == "proguardFile" || name == "setProguardFiles":
		for _, value := range values {
			r.proguard(v, value)
		}
	}
}

// isName tells whether a setting is this Boolean: a, isA or setA.
func isName(name, of string) bool {
	first := strings.ToUpper(of[:1]) + of[1:]
	return name == of || name == "is"+first || name == "set"+first
}

// proguard adds the files of rules that a value names.
func (r *reader) proguard(v *Variant, n *island.Node) {
	switch n.Kind {
	case island.List:
		for _, kid := range n.Kids {
			r.proguard(v, kid)
		}
	case island.Call:
		if name := island.CalleeName(n); name == "getDefaultProguardFile" {
			return
		}
		for _, a := range n.Args { // file("rules.pro"), listOf(...)
			if a.Value != nil {
				r.proguard(v, a.Value)
			}
		}
	default:
		if s, known := r.value(n); known {
			v.Proguard = append(v.Proguard, source.Value{Text: s, At: r.at(n)})
		}
	}
}

func (r *reader) setText(to *source.Value, n *island.Node, maybe bool) {
	if s, known := r.value(n); known && (!maybe || to.Text == "") {
		*to = source.Value{Text: s, At: r.at(n)}
	}
}

func (r *reader) setSwitch(to *Switch, n *island.Node, maybe bool) {
	if maybe && to.Set {
		return
	}
	s, known := r.value(n)
	*to = Switch{Set: true, Known: known && (s == "true" || s == "false") && !maybe, On: s == "true", At: r.at(n)}
}

func (r *reader) setLevel(to *Level, n *island.Node, maybe bool) {
	if maybe && to.Text != "" {
		return
	}
	r.left = maxValues
	*to = r.level(n, 0)
	to.Text, to.At = r.Script.Text(n.Span), r.at(n)
}
