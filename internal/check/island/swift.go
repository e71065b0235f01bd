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
		case wStruct, wEnum, wProtocol, wTypealias:
			return next.kind == kIdent
		case wExtension:
			return next.kind == kIdent || next.kind == kBracket
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
	switch d.NameAt = p.start(); {
	case p.kind() == kBracket:
		d.Name = p.swiftTypeText()
	case d.Kind == Extension:
		d.Name = p.dotted()
	default:
		p.named(d)
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
