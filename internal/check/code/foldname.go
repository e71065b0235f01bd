package code

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// foldName is the value of what an identifier means.
func (p *Program) foldName(e env, u *Unit, n *island.Node) Value {
	if n.Name == "" {
		return p.fold(e, u, p.receiver(u, n))
	}
	if refs := p.refs(u, n, 0); len(refs) > 0 {
		return p.foldRefs(e, u, refs)
	}
	if e.this != nil && e.this.Kind == EnumName {
		return p.foldOf(e, *e.this, n.Name, u, n)
	}
	if u.Lang == island.Kotlin && n.Name == "packageName" {
		return single(Case{Kind: String, Text: ApplicationID, Unit: u, Node: n})
	}
	return Value{}
}

// foldRefs is one of what a name may mean.
func (p *Program) foldRefs(e env, u *Unit, refs []Ref) Value {
	var all []Value
	for _, r := range refs {
		if d := r.Decl; d != nil && len(refs) > 1 && d.Kind != island.EnumValue && len(roots(d)) == 0 && (d.Has(island.Getter) || d.Has(island.Abstract)) {
			continue // it has no value itself, those that override it have
		}
		all = append(all, p.foldRef(e.deeper(), u, r))
	}
	return joinAll(all)
}

func (p *Program) foldRef(e env, u *Unit, r Ref) Value {
	if r.Param != nil {
		return p.foldParam(e, r)
	}
	d := r.Decl
	if d == nil || p.byFile[d.File] == nil {
		return Value{}
	}
	in := p.byFile[d.File]
	switch d.Kind {
	case island.EnumValue:
		return single(Case{Kind: EnumName, Text: d.Name, Decl: d, Unit: in})
	case island.Variable:
		if d.Body() != nil && d.Init() == nil {
			return p.foldBody(e, in, d)
		}
		if loop := p.loopOf(in, r); loop != nil {
			return p.elements(e, in, loop)
		}
		return p.foldVariable(e, in, r)
	case island.Function:
		if d.Has(island.Getter) {
			return p.foldBody(e, in, d)
		}
	}
	return Value{}
}

// foldVariable is the first value of a variable and all that is assigned to it later.
func (p *Program) foldVariable(e env, u *Unit, r Ref) Value {
	d := r.Decl
	field := memberOfThis(d)
	if field && e.this != nil {
		if v, ok := p.foldField(e, *e.this, d); ok {
			return v
		}
	}
	outer := e
	if r.Func == nil { // this and parameters mean nothing outside
		outer = e.outside()
	}
	init := initOf(r)
	if init != nil && (d.Has(island.Const) || d.Has(island.Final)) {
		return p.fold(outer, u, init)
	}
	if p.asking(d) {
		return Value{}
	}
	defer p.asked(d)
	var all []Value
	if init != nil {
		all = p.in(e, all, p.fold(outer, u, init), u, init)
	} else if field {
		all = append(all, p.foldPassed(outer, d)...)
	}
	var low *int64
	for _, use := range p.Uses(d) {
		if !use.Write || inTests(use.Unit.File, p) && !inTests(d.File, p) {
			continue
		}
		_, way := p.trail(use.Unit, use.Node)
		if len(way) < 2 {
			continue
		}
		assign := way[len(way)-2]
		if assign.Kind != island.Assign || len(assign.Kids) != 2 || assign.Name != "=" && assign.Name != "??=" {
			all = append(all, Value{})
			continue
		}
		if bound, ok := p.raises(outer, use.Unit, way, assign); ok {
			low = &bound
			continue
		}
		all = p.in(e, all, p.fold(outer, use.Unit, assign.Kids[1]), use.Unit, assign)
	}
	v := joinAll(all)
	if low != nil {
		v = v.atLeast(*low)
	}
	return v
}

// raises recognises if (x < c) x = c, which sets a lower bound.
func (p *Program) raises(e env, u *Unit, way []*island.Node, assign *island.Node) (int64, bool) {
	for i := len(way) - 3; i >= 0; i-- {
		switch n := way[i]; n.Kind {
		case island.Block, island.Expr:
		case island.If:
			if len(n.Kids) == 2 {
				return p.lowBound(e, u, n.Kids[0], assign.Kids[1], assign.Kids[0])
			}
			return 0, false
		default:
			return 0, false
		}
	}
	return 0, false
}

// asking marks that the value of a declaration is being worked out, and tells whether
// it was marked already.
func (p *Program) asking(d *island.Decl) bool {
	if slices.Contains(p.busy, d) {
		return true
	}
	p.busy = append(p.busy, d)
	return false
}

func (p *Program) asked(d *island.Decl) {
	if i := slices.Index(p.busy, d); i >= 0 {
		p.busy = slices.Delete(p.busy, i, i+1)
	}
}

// foldParam is what is passed for a parameter: here, or at all calls of its function.
func (p *Program) foldParam(e env, r Ref) Value {
	if v, ok := e.params[r.Param]; ok {
		return v
	}
	if r.Func != nil && r.Func.Closure != nil {
		return p.foldElement(e, r)
	}
	if r.Func == nil || r.Func.Decl == nil || r.Func.Decl.Kind == island.Variable {
		return Value{}
	}
	d := r.Func.Decl
	if p.asking(d) {
		return Value{}
	}
	defer p.asked(d)
	calls, exact := p.callsOf(d)
	var all []Value
	for _, c := range calls {
		arg, in := p.passed(d, r.Param, c)
		if arg == nil {
			all = append(all, Value{})
			continue
		}
		all = p.in(e, all, p.fold(e.outside(), in, arg), c.Unit, c.Node)
	}
	v := joinAll(all)
	v.Exact = v.Exact && exact
	if !exact {
		v.Min = nil
	}
	return v
}

// callsOf are the calls of a function or a constructor. exact is false where there may be others,
// because it is handed on or the receiver of a call is not known.
func (p *Program) callsOf(d *island.Decl) (calls []Call, exact bool) {
	name, class := d.Name, typeAround(d)
	if d.Kind == island.Constructor && class != nil && (name == "" || name == "init" || name == "constructor") {
		name = class.Name
	}
	exact = true
	tested := inTests(d.File, p)
	for _, c := range p.allCalls(name) {
		if !tested && inTests(c.Unit.File, p) {
			continue
		}
		refs := p.calleeRefs(c.Unit, c.Node)
		if len(refs) == 0 {
			if class != nil && c.Node.Kids[0].Kind == island.Member && d.Kind == island.Function && !p.knownReceiver(c.Unit, c.Node.Kids[0]) {
				calls = append(calls, c)
				exact = exact && p.fits(d, c.Node)
			}
			continue
		}
		if slices.ContainsFunc(refs, func(r Ref) bool {
			return r.Decl == d || d.Kind == island.Constructor && r.Decl == class && class != nil
		}) {
			calls = append(calls, c)
		}
	}
	for _, use := range p.allMentions(name) {
		if !use.Called && d.Kind == island.Function && slices.ContainsFunc(p.refs(use.Unit, use.Node, 0), func(r Ref) bool { return r.Decl == d }) {
			exact = false
		}
	}
	return calls, exact
}

// knownReceiver tells whether something is known of what a member is called on.
func (p *Program) knownReceiver(u *Unit, member *island.Node) bool {
	_, known := p.memberRefs(u, member, 0)
	return known
}

// fits tells whether a call has no more arguments than a function has parameters.
func (p *Program) fits(d *island.Decl, call *island.Node) bool {
	return len(call.Args) <= len(d.Params)
}

// passed is what a call passes for a parameter, or its default, and the file that holds
// it; nil where neither is known.
func (p *Program) passed(d *island.Decl, param *island.Param, c Call) (*island.Node, *Unit) {
	if v := argOf(d.Params, param, c.Node); v != nil {
		return v, c.Unit
	}
	if v := param.Default(); v != nil {
		return v, p.byFile[d.File]
	}
	return nil, nil
}

// argOf is the argument of a call for one of the parameters; nil where there is none.
func argOf(params []island.Param, param *island.Param, call *island.Node) *island.Node {
	if v := call.Arg(param.Name); v != nil {
		return v
	}
	if v := call.Arg(param.Label); v != nil {
		return v
	}
	if param.Named {
		return nil
	}
	at := 0
	for i := range params {
		if &params[i] == param || params[i].Name == param.Name {
			return call.Positional(at)
		}
		if !params[i].Named && (params[i].Label == "" || call.Arg(params[i].Label) == nil) && call.Arg(params[i].Name) == nil {
			at++
		}
	}
	return nil
}

// foldPassed are the values that constructors give a field by this.x.
func (p *Program) foldPassed(e env, field *island.Decl) []Value {
	c := field.Parent
	var all []Value
	for _, m := range c.Members {
		if m.Kind != island.Constructor {
			continue
		}
		for i := range m.Params {
			if m.Params[i].Name == field.Name {
				all = append(all, p.foldParam(e, Ref{Param: &m.Params[i], Func: &Func{Decl: m, File: p.byFile[m.File]}}))
			}
		}
	}
	return all
}

// foldField is a field of an enum value, or of an object by the call that made it.
func (p *Program) foldField(e env, this Case, field *island.Decl) (Value, bool) {
	var args []island.Arg
	var ctor *island.Decl
	switch {
	case this.Kind == EnumName && this.Decl != nil && this.Decl.Parent == field.Parent:
		args = this.Decl.Args
		ctor = constructorOf(field.Parent, "")
	case this.Kind == Other && this.Node != nil && this.Node.Kind == island.Call:
		args = this.Node.Args
		name := ""
		if callee := this.Node.Kids[0]; callee.Kind == island.Member {
			name = callee.Name
		}
		if ctor = constructorOf(field.Parent, name); ctor == nil {
			ctor = constructorOf(field.Parent, "")
		}
	default:
		return Value{}, false
	}
	if ctor == nil {
		return Value{}, false
	}
	for i := range ctor.Params {
		if ctor.Params[i].Name != field.Name {
			continue
		}
		call := &island.Node{Kind: island.Call, Args: args}
		if arg := argOf(ctor.Params, &ctor.Params[i], call); arg != nil {
			return p.fold(e.outside(), this.Unit, arg), true
		}
		if v := ctor.Params[i].Default(); v != nil {
			return p.fold(e.outside(), p.byFile[ctor.File], v), true
		}
	}
	return Value{}, false
}

// constructorOf is the constructor with a name; of "" in native code the first.
func constructorOf(c *island.Decl, name string) *island.Decl {
	for _, m := range c.Members {
		if m.Kind == island.Constructor && (m.Name == name || name == "" && c.File.Lang != island.Dart) {
			return m
		}
	}
	return nil
}

// foldBody is what a getter or a function returns: one of all its returns that are not
// ruled out by what is known.
func (p *Program) foldBody(e env, u *Unit, d *island.Decl) Value {
	body := d.Body()
	if body == nil || p.asking(d) {
		return Value{}
	}
	defer p.asked(d)
	if body.Kind != island.Block {
		return p.fold(e, u, body)
	}
	f := p.FuncOf(d)
	if f == nil {
		return Value{}
	}
	var all []Value
	f.Walk(func(n *island.Node) bool {
		if n.Kind == island.Return && len(n.Kids) > 0 && !p.ruledOut(e, f, n) {
			all = p.in(e, all, p.fold(e, u, n.Kids[0]), u, n)
		}
		return true
	})
	if len(all) == 0 && len(body.Kids) == 1 && body.Kids[0].Kind == island.Expr && u.Lang != island.Dart {
		return p.fold(e, u, body.Kids[0]) // Swift returns a single expression
	}
	if len(all) == 0 && len(body.Kids) == 1 && body.Kids[0].Kind == island.Switch {
		return p.fold(e, u, body.Kids[0])
	}
	return joinAll(all)
}

// ruledOut tells whether a node of f cannot run with what is known.
func (p *Program) ruledOut(e env, f *Func, n *island.Node) bool {
	for _, g := range p.Guards(f, n) {
		switch g.Kind {
		case Condition:
			if t := p.holds(e, f.File, g.Cond); t != open && (t == yes) != g.Holds {
				return true
			}
		case InCase:
			if g.Subject == nil || g.Cond.Kind != island.Case {
				continue
			}
			_, way := p.trail(f.File, g.Cond)
			if len(way) > 1 && way[len(way)-2].Kind == island.Switch && p.matches(e, f.File, way[len(way)-2], g.Cond) == no {
				return true
			}
		}
	}
	return false
}

// foldMember is base.name.
func (p *Program) foldMember(e env, u *Unit, n *island.Node) Value {
	text := u.Text(n.Span)
	switch {
	case n.Name == "bundleIdentifier" && mainBundle(text):
		return single(Case{Kind: String, Text: BundleID, Unit: u, Node: n})
	case (n.Name == "simpleName" || n.Name == "name" || n.Name == "qualifiedName" || n.Name == "canonicalName") && u.Lang == island.Kotlin:
		if v := p.className(u, n); len(v.Cases) > 0 {
			return v
		}
	case n.Name == "packageName" && u.Lang == island.Dart:
		id := Hole
		switch e.world.OS {
		case "ios", "macos":
			id = BundleID
		case "android":
			id = ApplicationID
		}
		v := single(Case{Kind: String, Text: id, Unit: u, Node: n})
		v.Exact = id != Hole
		return v
	case n.Name == "APPLICATION_ID", n.Name == "packageName" && u.Lang == island.Kotlin:
		return single(Case{Kind: String, Text: ApplicationID, Unit: u, Node: n})
	case text == "Duration.zero", text == "Duration.ZERO":
		return single(Case{Kind: Duration, Unit: u, Node: n})
	}
	if len(n.Kids) == 0 || n.Kids[0] == nil {
		return p.foldImplied(e, u, n)
	}
	refs, _ := p.memberRefs(u, n, 0)
	instance := false
	for _, r := range refs {
		instance = instance || r.Decl != nil && memberOfThis(r.Decl) || r.Param != nil
	}
	if len(refs) > 0 && !instance {
		return p.foldRefs(e, u, refs)
	}
	base := p.fold(e, u, n.Kids[0])
	if len(base.Cases) > 0 {
		v := base.each(func(c Case) Value { return p.foldOf(e, c, n.Name, u, n) })
		if len(v.Cases) > 0 {
			return v
		}
	}
	if instance && n.Kids[0].Kind == island.This {
		return p.foldRefs(e, u, refs)
	}
	if instance {
		return p.foldRefs(e.outside(), u, refs)
	}
	if n.Kids[0].Kind == island.Ident && len(refs) == 0 && isUpper(n.Kids[0].Name) && u.Lang != island.Swift {
		// An enum value, or a constant, of a package that is not here.
		if len(p.refs(u, n.Kids[0], 0)) == 0 && !isUpper(n.Name) || u.Lang != island.Dart {
			return Value{Cases: []Case{{Kind: EnumName, Text: n.Name, Unit: u, Node: n}}}
		}
	}
	return Value{}
}

// mainBundle tells whether an expression starts at the app's own bundle.
func mainBundle(text string) bool {
	for _, s := range []string{"Bundle.main.", "NSBundle.mainBundle.", "[[NSBundle mainBundle]", "[NSBundle mainBundle]."} {
		if strings.HasPrefix(text, s) {
			return true
		}
	}
	return false
}

// foldImplied is .name, an enum value or a static member whose type is left out.
func (p *Program) foldImplied(e env, u *Unit, n *island.Node) Value {
	refs := p.implied(u, n.Name)
	if len(refs) == 1 {
		return p.foldRefs(e, u, refs)
	}
	return Value{Cases: []Case{{Kind: EnumName, Text: n.Name, Unit: u, Node: n}}}
}

// foldOf is a member of a value.
func (p *Program) foldOf(e env, c Case, name string, u *Unit, n *island.Node) Value {
	if c.Kind == EnumName && c.Decl != nil {
		switch {
		case name == "name" && u.Lang != island.Swift:
			return single(Case{Kind: String, Text: c.Text, Unit: u, Node: n})
		case name == "rawValue":
			return p.rawValue(e, c, u, n)
		}
	}
	if c.Kind == Duration {
		if unit, ok := perUnit["in"+strings.TrimPrefix(name, "in")]; ok && strings.HasPrefix(name, "in") {
			return single(Case{Kind: Int, Int: c.Int / unit, Unit: u, Node: n})
		}
	}
	if c.Kind == Int {
		if unit, ok := durations[name]; ok {
			return single(Case{Kind: Duration, Int: c.Int * unit, Unit: u, Node: n})
		}
	}
	var types []*island.Decl
	switch {
	case c.Kind == EnumName && c.Decl != nil:
		types = []*island.Decl{typeAround(c.Decl)}
	case c.Kind == Other && c.Node != nil && c.Node.Kind == island.Call:
		types = p.typeOf(c.Unit, c.Node, 0).decls
	}
	if len(types) == 0 || types[0] == nil {
		return Value{}
	}
	for _, t := range types {
		if refs := fieldRefs(t, name); refs != nil {
			return p.passedTo(e, c, t, refs[0].Param)
		}
	}
	found, _ := p.members(types, name)
	if len(found) == 0 {
		return Value{}
	}
	e.this, e.params = &c, nil
	return p.foldRef(e, u, Ref{Decl: found[0]})
}

// passedTo is what an enum value or an object got for a parameter of its class.
func (p *Program) passedTo(e env, c Case, class *island.Decl, param *island.Param) Value {
	args := []island.Arg(nil)
	if c.Kind == EnumName {
		args = c.Decl.Args
	} else {
		args = c.Node.Args
	}
	if arg := argOf(class.Params, param, &island.Node{Kind: island.Call, Args: args}); arg != nil {
		return p.fold(e.outside(), c.Unit, arg)
	}
	if v := param.Default(); v != nil {
		return p.fold(e.outside(), p.byFile[class.File], v)
	}
	return Value{}
}

// className is what Kotlin's X::class tells of its name.
func (p *Program) className(u *Unit, n *island.Node) Value {
	base := n.Kids
	for len(base) > 0 && base[0] != nil && base[0].Kind == island.Member && (base[0].Name == "java" || base[0].Name == "javaObjectType") {
		base = base[0].Kids
	}
	if len(base) == 0 || base[0] == nil || base[0].Kind != island.Member || base[0].Name != "class" || len(base[0].Kids) == 0 {
		return Value{}
	}
	class := bareType(u.Text(base[0].Kids[0].Span))
	c := Case{Kind: String, Text: class, Unit: u, Node: n}
	if n.Name != "simpleName" {
		c.Text = Hole + "." + class
		for _, d := range p.visible(u, class) {
			c.Text = class
			if pkg := packageOf(d.File); pkg != "" {
				c.Text = pkg + "." + class
			}
		}
	}
	v := single(c)
	v.Exact = !holed(c.Text)
	return v
}

// rawValue is that of a Swift enum value: as written, else its name.
func (p *Program) rawValue(e env, c Case, u *Unit, n *island.Node) Value {
	if init := c.Decl.Init(); init != nil {
		return p.fold(e.outside(), c.Unit, init)
	}
	if len(c.Decl.Args) > 0 && c.Decl.Args[0].Value != nil {
		return p.fold(e.outside(), c.Unit, c.Decl.Args[0].Value)
	}
	return single(Case{Kind: String, Text: c.Text, Unit: u, Node: n})
}
