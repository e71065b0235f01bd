package island

import "strings"

func (p *parser) swiftFile() {
	p.lines = true
	for p.kind() != kEOF {
		from := p.at
		switch {
		case p.kind() == kSemi:
			p.next()
		case p.swiftImports():
			p.swiftImport()
		case p.swiftDeclares():
			p.f.Decls = p.swiftDecl(nil, p.f.Decls)
		default:
			p.topStatement()
		}
		if p.at == from {
			p.skip()
		}
	}
}

// swiftImports tells whether an import comes next, after @testable and the like.
func (p *parser) swiftImports() bool {
	i := p.at
	for n := 0; n < 8; n++ {
		switch t := &p.toks[i]; {
		case t.kind == kAt:
			i = p.afterAnnotation(i)
		case t.word == wImport:
			return true
		case t.kind == kIdent && swiftModifier.has(t.word):
			i++
		default:
			return false
		}
	}
	return false
}

func (p *parser) swiftImport() {
	i := Import{Span: Span{Start: p.start()}}
	for p.word() != wImport {
		if p.kind() == kAt {
			p.at = p.afterAnnotation(p.at)
		} else {
			p.next()
		}
	}
	p.next()
	switch p.word() {
	case wClass, wStruct, wEnum, wProtocol, wFunc, wVar, wLet, wTypealias:
		p.next()
	}
	i.URI = p.dotted()
	i.End = p.prevEnd()
	p.f.Imports = append(p.f.Imports, i)
}

var swiftModifiers = [words]Modifier{
	wPrivate: Private, wFileprivate: Private, wStatic: Static, wClass: Static, wOverride: Override, wLazy: Lazy,
	wAsync: Async,
}

var swiftModifier = setOf(wPublic, wPrivate, wFileprivate, wInternal, wOpen, wPackage, wStatic, wClass, wFinal,
	wOverride, wRequired, wConvenience, wMutating, wNonmutating, wLazy, wWeak, wUnowned, wOptional, wDynamic, wIndirect,
	wPrefix, wPostfix, wInfix, wIsolated, wNonisolated, wDistributed, wAsync)

// swiftDeclares tells whether a declaration comes next.
func (p *parser) swiftDeclares() bool {
	i := p.at
	for n := 0; n < 64; n++ {
		t := &p.toks[i]
		if t.kind == kAt {
			i = p.afterAnnotation(i)
			continue
		}
		if t.kind != kIdent {
			return false
		}
		next := &p.toks[i+1]
		switch t.word {
		case wStruct, wEnum, wProtocol, wExtension, wTypealias:
			return next.kind == kIdent
		case wLet, wVar:
			return next.kind == kIdent || next.kind == kParen
		case wFunc:
			return true
		case wAssociatedtype, wActor, wMacro:
			return next.kind == kIdent && next.flags&afterLine == 0
		case wPrecedencegroup, wOperator:
			return next.flags&afterLine == 0 && (i > p.at || t.word == wPrecedencegroup)
		case wInit:
			return p.inClass() && (next.kind == kParen || next.kind == kQuestion || next.kind == kBang || next.kind == kLess)
		case wDeinit:
			return next.kind == kBrace && p.inClass()
		case wSubscript:
			return (next.kind == kParen || next.kind == kLess) && p.inClass()
		case wCase:
			return p.owner != nil && p.owner.Kind == Enum
		case wClass:
			if next.kind == kIdent && !swiftModifier.has(next.word) && next.word != wFunc && next.word != wVar &&
				next.word != wLet && next.word != wSubscript {
				return true
			}
		case wAsync:
			if next.word != wLet && next.word != wVar {
				return false
			}
		default:
			if !swiftModifier.has(t.word) {
				return false
			}
		}
		if next.kind == kParen && next.flags&afterSpace == 0 { // private(set)
			i = p.after(i + 1)
			continue
		}
		if next.kind != kIdent && next.kind != kAt {
			return false
		}
		i++
	}
	return false
}

func (p *parser) swiftNotes() (notes []Annotation, m Modifier) {
	for {
		switch {
		case p.kind() == kAt && p.tok(1).kind == kIdent:
			notes = append(notes, p.swiftAnnotation())
		case p.kind() == kIdent && swiftModifier.has(p.word()) && (p.word() != wClass || p.classModifies()):
			if p.tok(1).kind == kParen {
				p.at = p.after(p.at + 1)
				continue
			}
			m |= swiftModifiers[p.word()]
			p.next()
		default:
			return notes, m
		}
	}
}

// classModifies tells class func from class A.
func (p *parser) classModifies() bool {
	t := p.tok(1)
	return swiftModifier.has(t.word) || t.word == wFunc || t.word == wVar || t.word == wLet || t.word == wSubscript
}

func (p *parser) swiftAnnotation() Annotation {
	a := Annotation{Span: Span{Start: p.start()}}
	p.next()
	a.Name = p.dotted()
	p.passTypeArgs()
	if p.kind() == kParen && p.touches(0) {
		if a.Name == "objc" || a.Name == "available" || strings.HasPrefix(a.Name, "_") {
			p.at = p.after(p.at) // a selector, a list of systems
		} else {
			a.Args = p.arguments()
		}
	}
	a.End = p.prevEnd()
	return a
}

func (p *parser) swiftDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	owner := p.owner
	from := len(list)
	notes, m := p.swiftNotes()
	switch w := p.word(); w {
	case wClass, wStruct, wActor, wProtocol, wEnum, wExtension:
		list = append(list, p.swiftClass(w, start, parent))
	case wFunc, wInit, wDeinit, wSubscript, wMacro:
		list = append(list, p.swiftFunc(w, start, parent))
	case wLet, wVar:
		list = p.swiftVariables(parent, list, start)
	case wCase:
		list = p.swiftCases(parent, list, start)
	case wTypealias, wAssociatedtype:
		d := p.decl(TypeAlias, start, parent)
		p.next()
		p.named(d)
		p.passTypeArgs()
		if p.accept(kColon) {
			p.swiftTypeText()
		}
		if p.accept(kAssign) {
			d.Type = p.swiftTypeText()
		}
		p.swiftWhere()
		list = append(list, p.finish(d))
	default: // operators and their precedence
		p.next()
		for !p.ends() {
			p.at = p.after(p.at)
		}
	}
	p.owner = owner
	for _, d := range list[from:] {
		if d.Parent == parent {
			d.Annotations, d.Modifiers = notes, d.Modifiers|m
		}
	}
	return list
}

func (p *parser) swiftClass(w word, start int, parent *Decl) *Decl {
	d := p.decl(Class, start, parent)
	switch w {
	case wProtocol:
		d.Kind = Interface
	case wEnum:
		d.Kind = Enum
	case wExtension:
		d.Kind = Extension
	}
	p.next()
	if p.kind() == kIdent {
		d.NameAt = p.start()
		if d.Kind == Extension {
			d.Name = p.dotted()
		} else {
			p.named(d)
		}
	}
	p.passTypeArgs()
	if p.accept(kColon) {
		for p.swiftSuper(d) {
		}
	}
	p.swiftWhere()
	if p.kind() == kBrace {
		p.members(d, (*parser).swiftMember)
	}
	return p.finish(d)
}

// swiftSuper parses a type after the colon, and tells whether more follow.
func (p *parser) swiftSuper(d *Decl) bool {
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	p.accept(kTilde)
	if (p.word() == wAny || p.word() == wSome) && p.tok(1).kind == kIdent {
		p.next()
	}
	if p.kind() != kIdent {
		return false
	}
	d.Supers = append(d.Supers, p.dotted())
	p.passTypeArgs()
	return p.accept(kComma) || p.accept(kAmp)
}

// swiftWhere passes over the constraints of type parameters.
func (p *parser) swiftWhere() {
	if p.kind() != kIdent || p.word() != wWhere {
		return
	}
	p.next()
	for !p.ends() || p.newline() && p.tok(-1).kind == kComma && !p.kind().closes() && p.kind() != kEOF {
		if p.kind() == kBrace {
			return
		}
		p.at = p.after(p.at)
	}
}

func (p *parser) swiftMember(d *Decl) {
	switch {
	case p.kind() == kSemi:
		p.next()
	case p.swiftDeclares():
		d.Members = p.swiftDecl(d, d.Members)
	case p.kind() == kHash: // a macro
		p.expr()
	}
}

// swiftCases parses case a, b(Int), c = 1.
func (p *parser) swiftCases(parent *Decl, list []*Decl, start int) []*Decl {
	p.next()
	for p.kind() == kIdent {
		d := p.decl(EnumValue, start, parent)
		d.Modifiers = Static | Const | Final
		p.named(d)
		if p.kind() == kParen {
			p.at = p.after(p.at)
		}
		if p.accept(kAssign) {
			d.init = p.now(d, p.expr())
		}
		list = append(list, p.finish(d))
		if !p.accept(kComma) {
			break
		}
		start = p.start()
	}
	return list
}

func (p *parser) swiftFunc(w word, start int, parent *Decl) *Decl {
	d := p.decl(Function, start, parent)
	p.owner = d
	switch w {
	case wFunc, wMacro:
		p.next()
		if p.kind() == kIdent {
			p.named(d)
			break
		}
		from := p.at
		d.NameAt = p.start()
		for k := p.kind(); k >= kColon && k < kinds && (p.at == from || p.touches(0)); k = p.kind() {
			p.next()
		}
		d.Name = p.between(from, p.at)
	case wInit:
		d.Kind = Constructor
		p.named(d)
		if p.kind() == kQuestion || p.kind() == kBang {
			p.next()
		}
	default:
		p.named(d)
	}
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Params = p.swiftParams()
	}
	p.swiftEffects(&d.Modifiers)
	if p.accept(kArrow) {
		d.Type = p.swiftTypeText()
	}
	p.swiftWhere()
	switch {
	case p.kind() == kBrace && w == wSubscript:
		p.swiftAccessors(d)
	case p.kind() == kBrace:
		p.laterBlock(d)
	case w == wMacro && p.accept(kAssign):
		p.expr()
	}
	return p.finish(d)
}

// swiftEffects parses async, throws, throws(E) and rethrows.
func (p *parser) swiftEffects(m *Modifier) {
	for p.kind() == kIdent {
		switch p.word() {
		case wAsync:
			*m |= Async
		case wThrows, wRethrows:
			*m |= Throws
			if p.tok(1).kind == kParen {
				p.at = p.after(p.at+1) - 1
			}
		default:
			return
		}
		p.next()
	}
}

// swiftParams parses (label name: T = value, _ name: T).
func (p *parser) swiftParams() []Param {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.params)
	for p.at < closer {
		from := p.at
		param := Param{Span: Span{Start: p.start()}}
		for p.kind() == kAt {
			p.at = p.afterAnnotation(p.at)
		}
		if p.kind() == kIdent {
			param.Name = p.name(p.at)
			param.Label = param.Name
			p.next()
			if p.kind() == kIdent {
				param.Name = p.name(p.at)
				p.next()
			}
			if param.Label == "_" {
				param.Label = ""
			}
			if p.accept(kColon) {
				param.Type = p.swiftTypeText()
				if p.accept(kEllipsis) {
					param.Type += "..."
				}
			}
			if p.accept(kAssign) {
				param.init = p.now(p.owner, p.expr())
			}
			param.End = p.prevEnd()
			p.params = append(p.params, param)
		}
		for p.at < closer && p.kind() != kComma {
			p.skip()
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
	p.mode = saved
	return p.popParams(mark)
}

func (p *parser) swiftTypeText() string {
	from := p.at
	if i := p.swiftType(p.at); i > 0 {
		p.at = i
	}
	return p.between(from, p.at)
}

// swiftType is the index after the type at i, -1 where none is.
func (p *parser) swiftType(i int) int {
	p.steps++
	for {
		for {
			t := &p.toks[i]
			if t.kind == kAt {
				i = p.afterAnnotation(i)
				continue
			}
			if next := &p.toks[i+1]; t.kind == kTilde || t.kind == kIdent && next.flags&afterLine == 0 &&
				(next.kind == kIdent && !p.g.reserved.has(next.word) || next.kind == kParen || next.kind == kBracket) && p.typePrefix(i) {
				i++
				continue
			}
			break
		}
		switch t := &p.toks[i]; {
		case t.kind == kParen || t.kind == kBracket:
			i = p.after(i)
		case t.kind == kIdent && !p.g.reserved.has(t.word):
			i++
			if p.toks[i].kind == kLess {
				if j := p.typeArgs(i); j > 0 {
					i = j
				}
			}
		default:
			return -1
		}
		for {
			t := &p.toks[i]
			switch {
			case (t.kind == kQuestion || t.kind == kBang || t.kind == kOrElse) && t.flags&afterSpace == 0:
				i++
				continue
			case (t.kind == kDot || t.kind == kQuestionDot) && p.toks[i+1].kind == kIdent:
				i += 2
				if p.toks[i].kind == kLess {
					if j := p.typeArgs(i); j > 0 {
						i = j
					}
				}
				continue
			}
			break
		}
		j := i
		for p.toks[j].word == wAsync || p.toks[j].word == wThrows || p.toks[j].word == wRethrows {
			j++
			if p.toks[j-1].word == wThrows && p.toks[j].kind == kParen {
				j = p.after(j)
			}
		}
		switch p.toks[j].kind {
		case kArrow:
			i = j + 1
		case kAmp:
			i++
		default:
			return i
		}
	}
}

// typePrefix tells whether the name at i only goes before types.
func (p *parser) typePrefix(i int) bool {
	switch p.toks[i].word {
	case wInout, wSome, wAny, wIsolated, wRepeat:
		return true
	}
	switch p.name(i) {
	case "borrowing", "consuming", "sending", "__owned", "__shared", "each":
		return true
	}
	return false
}

// swiftVariables parses let a: T = 1, b = 2, var (c, d) = e, and computed ones.
func (p *parser) swiftVariables(parent *Decl, list []*Decl, start int) []*Decl {
	var m Modifier
	if p.word() == wLet {
		m = Final
	}
	p.next()
	for {
		if p.kind() == kParen {
			list = p.swiftTuple(parent, list, start, m)
		} else if p.kind() == kIdent {
			d := p.decl(Variable, start, parent)
			d.Modifiers = m
			p.named(d)
			p.owner = d
			if p.accept(kColon) {
				d.Type = p.swiftTypeText()
				if d.Type != "" && (d.Type[len(d.Type)-1] == '?' || d.Type[len(d.Type)-1] == '!') {
					d.Modifiers |= Optional
				}
			}
			if p.accept(kAssign) {
				d.init = p.now(d, p.expr())
			}
			if p.kind() == kBrace && (!p.newline() || d.init == nil && d.Type != "") {
				p.swiftAccessors(d)
			}
			list = append(list, p.finish(d))
			if d.Type == "" && d.init == nil && p.kind() == kColon {
				return list
			}
		} else {
			return list
		}
		if p.kind() != kComma || p.tok(1).kind != kIdent && p.tok(1).kind != kParen {
			return list
		}
		p.next()
		start = p.start()
	}
}

// swiftTuple parses (a, b) = c: several variables, the last of which has the value.
func (p *parser) swiftTuple(parent *Decl, list []*Decl, start int, m Modifier) []*Decl {
	closer := p.after(p.at)
	from := len(list)
	for ; p.at < closer; p.next() {
		if p.kind() != kIdent || p.tok(1).kind == kColon {
			continue
		}
		d := p.decl(Variable, max(start, p.start()), parent)
		d.Modifiers = m
		d.Name, d.NameAt, d.End = p.name(p.at), p.start(), p.f.tokens.end(p.at)
		list = append(list, d)
	}
	p.at = closer
	if p.accept(kColon) {
		p.swiftTypeText()
	}
	if p.accept(kAssign) {
		value := p.expr()
		if len(list) > from {
			last := list[len(list)-1]
			last.init = p.now(last, value)
			p.finish(last)
		}
	}
	return list
}

// swiftAccessors parses the braces of a property: get, set, willSet and didSet, or the
// body of the getter itself.
func (p *parser) swiftAccessors(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	if !p.accessorAt(open + 1) {
		d.Modifiers |= Getter
		p.laterBlock(d)
		return
	}
	owner := p.owner
	p.next()
	for p.at < closer {
		from := p.at
		start := p.start()
		p.swiftNotes()
		name := ""
		if p.kind() == kIdent {
			name = p.name(p.at)
			p.next()
		}
		getter := name == "get" || name == "_read"
		a := d
		if !getter {
			a = p.decl(Function, start, d)
			a.Name = name
			if name == "set" {
				a.Modifiers = Setter
			}
			if p.kind() == kParen {
				a.Params = p.swiftParams()
			}
		} else {
			d.Modifiers |= Getter
			p.swiftEffects(&d.Modifiers)
		}
		if p.kind() == kBrace {
			p.owner = a
			p.laterBlock(a)
			p.owner = owner
			if !getter {
				d.Members = append(d.Members, p.finish(a))
			}
		}
		if p.at == from {
			p.skip()
		}
	}
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
}

// accessorAt tells whether an accessor begins at a token.
func (p *parser) accessorAt(i int) bool {
	for p.toks[i].kind == kAt || swiftModifier.has(p.toks[i].word) && p.toks[i].word != wAsync {
		if p.toks[i].kind == kAt {
			i = p.afterAnnotation(i)
		} else {
			i++
		}
	}
	if p.toks[i].kind != kIdent {
		return false
	}
	next := &p.toks[i+1]
	switch p.name(i) {
	case "get", "set":
		switch next.kind {
		case kBrace, kBraceEnd:
			return true
		case kParen:
			return p.toks[p.after(i+1)].kind == kBrace
		case kIdent:
			return next.word == wGet || next.word == wSet || next.word == wAsync || next.word == wThrows ||
				next.word == wMutating || next.word == wNonmutating
		}
	case "willSet", "didSet", "_read", "_modify":
		return next.kind == kBrace || next.kind == kParen
	}
	return false
}
