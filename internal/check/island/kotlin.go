package island

func (p *parser) kotlinFile() {
	p.lines = true
	for p.kind() == kAt && p.tok(1).kind == kIdent && p.tok(2).kind == kColon { // @file:
		p.annotations()
	}
	for p.kind() != kEOF {
		from := p.at
		switch w := p.word(); {
		case p.kind() == kSemi:
			p.next()
		case p.kind() == kIdent && (w == wPackage || w == wImport) && p.tok(1).kind == kIdent:
			p.pathImport()
		case p.kotlinDeclares():
			p.f.Decls = p.kotlinDecl(nil, p.f.Decls)
		default:
			p.topStatement()
		}
		if p.at == from {
			p.skip()
		}
	}
}

var kotlinModifiers = [words]Modifier{
	wPrivate: Private, wConst: Const, wLateinit: Late, wSuspend: Async, wOverride: Override, wAbstract: Abstract,
	wSealed: Abstract, wExternal: External,
}

var isKotlinModifier = setOf(wPublic, wPrivate, wProtected, wInternal, wExpect, wActual, wOpen, wAbstract, wFinal,

	wSealed, wOverride, wLateinit, wConst, wSuspend, wInline, wNoinline, wCrossinline, wTailrec, wOperator, wInfix,
	wExternal, wData, wInner, wEnum, wCompanion, wValue, wVararg, wReified)

// kotlinDeclares tells whether a declaration comes next.
func (p *parser) kotlinDeclares() bool {
	i := p.at
	for n := 0; n < 64; n++ {
		t := &p.toks[i]
		switch {
		case t.kind == kAt:
			i = p.afterAnnotation(i)
			continue
		case t.kind != kIdent:
			return false
		}
		next := &p.toks[i+1]
		switch t.word {
		case wClass, wInterface, wTypealias:
			return next.kind == kIdent
		case wObject:
			return next.kind == kIdent && next.flags&afterLine == 0 || i > p.at && p.toks[i-1].word == wCompanion
		case wVal, wVar:
			return true
		case wFun:
			return next.kind != kParen
		case wConstructor:
			return next.kind == kParen && p.inClass()
		case wInit:
			return next.kind == kBrace && p.inClass()
		case wNone:
			if p.name(i) != "annotation" {
				return false
			}
		default:
			if !isKotlinModifier.has(t.word) {
				return false
			}
		}
		if next.kind != kIdent && next.kind != kAt {
			return false
		}
		i++
	}
	return false
}

// kotlinNotes parses annotations and modifiers, which mix.
func (p *parser) kotlinNotes() (notes []Annotation, m Modifier, companion, enum bool) {
	for {
		switch {
		case p.kind() == kAt && p.tok(1).kind == kBracket:
			p.at = p.after(p.at + 1)
		case p.kind() == kAt && p.tok(1).kind == kIdent:
			notes = append(notes, p.annotations()...)
		case p.kind() == kIdent && (isKotlinModifier.has(p.word()) || p.name(p.at) == "annotation") &&
			(p.tok(1).kind == kIdent || p.tok(1).kind == kAt):
			m |= kotlinModifiers[p.word()]
			companion = companion || p.word() == wCompanion
			enum = enum || p.word() == wEnum
			p.next()
		default:
			return notes, m, companion, enum
		}
	}
}

func (p *parser) kotlinDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	notes, m, companion, enum := p.kotlinNotes()
	var d *Decl
	owner := p.owner
	switch p.word() {
	case wClass, wInterface:
		d = p.decl(Class, start, parent)
		if p.word() == wInterface {
			d.Kind = Interface
		} else if enum {
			d.Kind = Enum
		}
		p.next()
		p.named(d)
		p.kotlinClass(d)
	case wObject:
		d = p.decl(Object, start, parent)
		p.next()
		d.Name = "Companion"
		if p.kind() == kIdent && (!companion || !p.newline()) {
			p.named(d)
		}
		if companion {
			m |= Static
		}
		p.kotlinClass(d)
	case wFun:
		if p.tok(1).word == wInterface && p.tok(2).kind == kIdent {
			p.next()
			return p.kotlinDecl(parent, list)
		}
		d = p.kotlinFun(start, parent)
	case wVal, wVar:
		if p.tok(1).kind == kParen {
			return p.kotlinDestructured(parent, list, start)
		}
		d = p.kotlinProperty(start, parent)
	case wTypealias:
		d = p.decl(TypeAlias, start, parent)
		p.next()
		p.named(d)
		p.passTypeArgs()
		if p.accept(kAssign) {
			d.Type = p.kotlinTypeText()
		}
		p.finish(d)
	case wConstructor:
		d = p.kotlinConstructor(start, parent)
	case wInit:
		d = p.decl(Constructor, start, parent)
		p.named(d)
		p.laterBlock(d)
		p.finish(d)
	default:
		return list
	}
	p.owner = owner
	d.Annotations, d.Modifiers = notes, d.Modifiers|m
	if parent != nil && parent.Kind == Object && parent.Has(Static) {
		d.Modifiers |= Static
	}
	return append(list, d)
}

// kotlinClass parses what follows the name of a class.
func (p *parser) kotlinClass(d *Decl) {
	owner := p.owner
	p.owner = d
	defer func() { p.owner = owner }()
	p.passTypeArgs()
	at := p.at
	p.kotlinNotes()
	if p.word() == wConstructor {
		p.next()
	} else if p.at > at && p.kind() != kParen {
		p.at = at
	}
	if p.kind() == kParen && !p.newline() {
		d.Params = p.kotlinParams()
	}
	if p.accept(kColon) {
		for {
			p.kotlinSuper(d)
			if !p.accept(kComma) {
				break
			}
		}
	}
	if p.word() == wWhere {
		p.kotlinWhere()
	}
	if p.kind() == kBrace && (!p.newline() || d.Kind != Object || d.Name != "" || len(d.Supers) > 0) {
		if d.Kind == Enum {
			p.kotlinEntries(d)
		} else {
			p.members(d, (*parser).kotlinMember)
		}
	}
	p.finish(d)
}

// kotlinSuper parses A<B>(c), A by d.
func (p *parser) kotlinSuper(d *Decl) {
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	if p.kind() != kIdent {
		if i := p.kotlinType(p.at); i > 0 { // a type of functions
			d.Supers = append(d.Supers, p.between(p.at, i))
			p.at = i
		}
		return
	}
	d.Supers = append(d.Supers, p.dotted())
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Args = p.arguments()
	}
	if p.word() == wBy {
		p.next()
		saved := p.mode
		p.noTail = true
		p.expr()
		p.mode = saved
	}
}

func (p *parser) kotlinWhere() {
	p.next()
	for p.kind() == kIdent && p.tok(1).kind == kColon {
		p.at += 2
		if i := p.kotlinType(p.at); i > 0 {
			p.at = i
		}
		if !p.accept(kComma) {
			break
		}
	}
}

func (p *parser) kotlinMember(d *Decl) {
	if p.accept(kSemi) || p.accept(kComma) {
		return
	}
	if p.kotlinDeclares() {
		d.Members = p.kotlinDecl(d, d.Members)
	}
}

func (p *parser) kotlinEntries(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	for p.at < closer && !p.accept(kSemi) {
		from := p.at
		start := p.start()
		notes := p.annotations()
		if p.kind() == kIdent && !p.kotlinDeclares() {
			v := p.decl(EnumValue, start, d)
			v.Annotations = notes
			v.Modifiers = Static | Const | Final
			p.named(v)
			if p.kind() == kParen {
				v.Args = p.arguments()
			}
			if p.kind() == kBrace {
				p.members(v, (*parser).kotlinMember)
			}
			d.Members = append(d.Members, p.finish(v))
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.membersUntil(d, closer, (*parser).kotlinMember)
	p.pass(open)
}
