package island

func (p *parser) javaFile() {
	for p.kind() != kEOF {
		from := p.at
		switch w := p.word(); {
		case p.kind() == kSemi:
			p.next()
		case p.kind() == kIdent && (w == wPackage || w == wImport):
			p.pathImport()
		case p.kind() == kAt && p.toks[p.afterAnnotations(p.at)].word == wPackage:
			p.at = p.afterAnnotations(p.at)
		default:
			p.f.Decls = p.javaDecl(nil, p.f.Decls)
		}
		if p.at == from {
			p.skip()
		}
	}
}

var javaModifiers = [words]Modifier{
	wPrivate: Private, wStatic: Static, wFinal: Final, wAbstract: Abstract, wNative: External, wSealed: Abstract,
}

var isJavaModifier = setOf(wPublic, wPrivate, wProtected, wStatic, wFinal, wAbstract, wSynchronized, wNative,

	wStrictfp, wTransient, wVolatile, wDefault, wSealed)

func (p *parser) javaNotes() (notes []Annotation, m Modifier) {
	for {
		switch {
		case p.kind() == kAt && p.tok(1).kind == kIdent && p.tok(1).word != wInterface:
			list := p.annotations()
			m |= overrides(list)
			notes = append(notes, list...)
		case p.kind() == kIdent && isJavaModifier.has(p.word()) && (p.tok(1).kind == kIdent || p.tok(1).kind == kAt ||
			p.tok(1).kind == kLess || p.word() == wStatic && p.tok(1).kind == kBrace):
			m |= javaModifiers[p.word()]
			p.next()
		case p.kind() == kIdent && p.name(p.at) == "non" && p.tok(1).kind == kMinus && p.tok(2).word == wSealed:
			p.at += 3
		default:
			return notes, m
		}
	}
}

func (p *parser) javaDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	from := len(list)
	owner := p.owner
	notes, m := p.javaNotes()
	t := p.tok(1)
	switch w := p.word(); {
	case p.kind() == kAt && t.word == wInterface:
		p.next()
		list = append(list, p.javaClass(Interface, start, parent))
	case w == wClass && t.kind == kIdent:
		list = append(list, p.javaClass(Class, start, parent))
	case w == wInterface && t.kind == kIdent:
		list = append(list, p.javaClass(Interface, start, parent))
	case w == wEnum && t.kind == kIdent:
		list = append(list, p.javaClass(Enum, start, parent))
	case w == wRecord && t.kind == kIdent && (p.tok(2).kind == kParen || p.tok(2).kind == kLess):
		list = append(list, p.javaClass(Class, start, parent))
	default:
		list = p.javaMember(parent, list, start)
	}
	p.owner = owner
	for _, d := range list[from:] {
		d.Annotations, d.Modifiers = notes, d.Modifiers|m
	}
	return list
}

func (p *parser) javaClass(k DeclKind, start int, parent *Decl) *Decl {
	d := p.decl(k, start, parent)
	p.next()
	p.named(d)
	p.passTypeArgs()
	if p.kind() == kParen {
		p.owner = d
		d.Params = p.cParams(p.javaType)
		for i := range d.Params {
			d.Params[i].Field = true
		}
	}
	for p.word() == wExtends || p.word() == wImplements || p.kind() == kIdent && p.name(p.at) == "permits" {
		permits := p.word() == wNone
		p.next()
		for p.kind() == kIdent {
			name := p.dotted()
			if !permits {
				d.Supers = append(d.Supers, name)
			}
			p.passTypeArgs()
			if !p.accept(kComma) {
				break
			}
		}
	}
	if p.kind() == kBrace {
		if k == Enum {
			p.javaEnumBody(d)
		} else {
			p.members(d, (*parser).javaMemberOf)
		}
	}
	return p.finish(d)
}

func (p *parser) javaMemberOf(d *Decl) {
	if !p.accept(kSemi) {
		d.Members = p.javaDecl(d, d.Members)
	}
}

func (p *parser) javaEnumBody(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	for p.at < closer && !p.accept(kSemi) {
		from := p.at
		start := p.start()
		notes := p.annotations()
		if p.kind() == kIdent {
			v := p.decl(EnumValue, start, d)
			v.Annotations = notes
			v.Modifiers = Static | Const | Final
			p.named(v)
			if p.kind() == kParen {
				v.Args = p.arguments()
			}
			if p.kind() == kBrace {
				p.members(v, (*parser).javaMemberOf)
			}
			d.Members = append(d.Members, p.finish(v))
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.membersUntil(d, closer, (*parser).javaMemberOf)
	p.pass(open)
}

// javaType is the index after the type at i, -1 where none is.
func (p *parser) javaType(i int) int {
	p.steps++
	i = p.afterAnnotations(i)
	for {
		t := &p.toks[i]
		if t.kind != kIdent || p.g.reserved.has(t.word) && t.word != wVoid {
			return -1
		}
		i++
		if p.toks[i].kind == kLess {
			if i = p.typeArgs(i); i < 0 {
				return -1
			}
		}
		if p.toks[i].kind != kDot || p.toks[i+1].kind != kIdent {
			break
		}
		i++
	}
	for p.toks[i].kind == kAmp && p.toks[i+1].kind == kIdent { // of a cast
		if i = p.javaType(i + 1); i < 0 {
			return -1
		}
	}
	for p.emptyAt(i) {
		i += 2
	}
	if p.toks[i].kind == kEllipsis {
		i++
	}
	return i
}

// emptyAt tells whether [] is at i.
func (p *parser) emptyAt(i int) bool {
	return p.toks[i].kind == kBracket && p.toks[i+1].kind == kBracketEnd
}

// javaMember parses a constructor, a method, an initialiser or variables.
func (p *parser) javaMember(parent *Decl, list []*Decl, start int) []*Decl {
	from := p.at
	if p.kind() == kBrace && parent != nil {
		d := p.decl(Constructor, start, parent)
		d.Name = "init"
		p.laterBlock(d)
		return append(list, p.finish(d))
	}
	p.passTypeArgs()
	if parent != nil && p.kind() == kIdent && p.name(p.at) == parent.Name && (p.tok(1).kind == kParen || p.tok(1).kind == kBrace) {
		d := p.decl(Constructor, start, parent)
		d.Type = parent.Name
		return append(list, p.javaFunction(d))
	}
	i := p.javaType(p.at)
	if i < 0 || p.toks[i].kind != kIdent || p.g.reserved.has(p.toks[i].word) {
		p.at = from
		p.lost()
		return list
	}
	typ := p.between(p.at, i)
	p.at = i
	if p.tok(1).kind == kParen {
		d := p.decl(Function, start, parent)
		d.Type = typ
		return append(list, p.javaFunction(d))
	}
	if !p.declarator(p.at+1) && !p.tok(1).kind.closes() {
		p.at = from
		p.lost()
		return list
	}
	return p.cVariables(parent, list, start, typ)
}

func (p *parser) javaFunction(d *Decl) *Decl {
	p.named(d)
	p.owner = d
	if p.kind() == kParen {
		d.Params = p.cParams(p.javaType)
	}
	for p.kind() == kBracket {
		p.at = p.after(p.at)
	}
	if p.acceptWord(wThrows) {
		d.Modifiers |= Throws
		for p.kind() == kIdent {
			p.dotted()
			if !p.accept(kComma) {
				break
			}
		}
	}
	if p.acceptWord(wDefault) {
		p.seekSemi()
	}
	if p.kind() == kBrace {
		p.laterBlock(d)
	} else {
		p.accept(kSemi)
	}
	return p.finish(d)
}
