package island

// dartFile parses the directives and declarations of a file.
func (p *parser) dartFile() {
	for p.kind() != kEOF {
		from := p.at
		if i := p.afterAnnotations(from); i > from {
			switch p.toks[i].word {
			case wImport, wExport, wPart, wLibrary:
				p.at = i
			}
		}
		if !p.dartDirective() {
			p.at = from
			p.f.Decls = p.dartDecl(nil, p.f.Decls)
		}
		if p.at == from {
			p.skip()
		}
	}
}

// dartDirective parses library, import, export, part and part of.
func (p *parser) dartDirective() bool {
	i := Import{Span: Span{Start: p.start()}}
	switch uri := p.tok(1); p.word() {
	case wImport:
		i.Kind = ImportOf
	case wExport:
		i.Kind = ExportOf
	case wPart:
		i.Kind = Part
		if uri.word == wOf {
			i.Kind = PartOf
			p.next()
		}
	case wLibrary:
		if uri.kind != kIdent && uri.kind != kSemi {
			return false
		}
		p.at = p.toSemi(p.at)
		return true
	default:
		return false
	}
	if k := p.tok(1).kind; k != kString && (k != kIdent || i.Kind != PartOf) && (k != kIdent || p.word() != wImport) {
		return false
	}
	p.next()
	if p.word() == wAugment {
		p.next()
	}
	if p.kind() == kString {
		i.URI = p.constant().Text
	} else {
		i.URI = p.dotted()
	}
	p.combinators(&i)
	i.End = max(i.Start, p.prevEnd())
	p.f.Imports = append(p.f.Imports, i)
	return true
}

func (p *parser) combinators(i *Import) {
	for p.kind() != kEOF && !p.accept(kSemi) {
		switch p.word() {
		case wIf:
			p.next()
			p.at = p.after(p.at)
			if p.kind() == kString {
				i.Other = append(i.Other, p.constant().Text)
			}
		case wAs:
			p.next()
			if p.kind() == kIdent {
				i.Prefix = p.name(p.at)
				p.next()
			}
		case wShow:
			p.next()
			i.Show = append(i.Show, p.names()...)
		case wHide:
			p.next()
			i.Hide = append(i.Hide, p.names()...)
		case wDeferred:
			p.next()
		default:
			return // the semicolon is missing
		}
	}
}

// dartModifiers are words before a declaration, which are names where none follows.
var dartModifiers = [words]Modifier{
	wStatic: Static, wConst: Const, wFinal: Final, wLate: Late, wExternal: External, wAbstract: Abstract,
	wFactory: Factory, wVar: 0, wCovariant: 0, wBase: 0, wSealed: Abstract, wInterface: 0, wMixin: 0, wAugment: 0,
	wRequired: 0,
}

var isDartModifier = setOf(wStatic, wConst, wFinal, wLate, wExternal, wAbstract, wFactory, wVar, wCovariant, wBase,

	wSealed, wInterface, wMixin, wAugment, wRequired)

func (p *parser) dartModifiers() (m Modifier) {
	for isDartModifier.has(p.word()) {
		t := p.tok(1)
		if t.kind != kIdent && !(t.kind == kParen && p.word() != wFactory && p.dartRecordType(p.at+1) > 0) {
			break
		}
		if p.word() == wMixin && t.word != wClass {
			break
		}
		m |= dartModifiers[p.word()]
		p.next()
	}
	return m
}

// dartRecordType is the index after the record type at i if a name follows it, else -1.
func (p *parser) dartRecordType(i int) int {
	if p.toks[i].kind != kParen || !p.closed(i) {
		return -1
	}
	i = int(p.toks[i].aux) + 1
	if p.toks[i].kind == kQuestion {
		i++
	}
	if t := &p.toks[i]; t.kind != kIdent || p.g.reserved.has(t.word) || t.word == wAsync || t.word == wSync {
		return -1
	}
	return i
}

// dartType is the index after the type at i, -1 where none is.
func (p *parser) dartType(i int) int {
	p.steps++
	t := &p.toks[i]
	switch {
	case t.kind == kParen:
		if i = p.dartRecordType(i); i < 0 {
			return -1
		}
	case t.kind != kIdent || p.g.reserved.has(t.word):
		return -1
	case t.word == wFunction:
	default:
		i++
		for p.toks[i].kind == kDot && p.toks[i+1].kind == kIdent {
			i += 2
		}
		if p.toks[i].kind == kLess {
			if i = p.typeArgs(i); i < 0 {
				return -1
			}
		}
		if p.toks[i].kind == kQuestion {
			i++
		}
	}
	for p.toks[i].word == wFunction {
		j := i + 1
		if p.toks[j].kind == kLess {
			if j = p.typeArgs(j); j < 0 {
				return i
			}
		}
		if p.toks[j].kind == kParen {
			j = p.after(j)
		}
		if p.toks[j].kind == kQuestion {
			j++
		}
		i = j
	}
	return i
}

// dartDecl parses a declaration and adds it to a list: several where a variable has
// several names.
func (p *parser) dartDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	from := p.at
	notes := p.annotations()
	m := p.dartModifiers() | overrides(notes)
	t := p.tok(1)
	var d *Decl
	switch w := p.word(); {
	case w == wClass && t.kind == kIdent:
		d = p.dartClass(Class, start, parent)
	case w == wMixin && t.kind == kIdent && parent == nil:
		d = p.dartClass(Class, start, parent)
	case w == wEnum && t.kind == kIdent:
		d = p.dartClass(Enum, start, parent)
	case w == wExtension && parent == nil && (t.kind == kIdent || t.kind == kLess):
		d = p.dartExtension(start, parent)
	case w == wTypedef && t.kind == kIdent && parent == nil:
		d = p.dartTypedef(start, parent)
	default:
		return p.dartMember(parent, list, notes, m, start, from)
	}
	d.Annotations, d.Modifiers = notes, d.Modifiers|m
	return append(list, d)
}

func (p *parser) dartName(d *Decl) {
	p.named(d)
	if d.Name != "" && d.Name[0] == '_' {
		d.Modifiers |= Private
	}
}

func (p *parser) dartClass(k DeclKind, start int, parent *Decl) *Decl {
	d := p.decl(k, start, parent)
	p.next()
	if p.word() == wConst && p.tok(1).kind == kIdent {
		p.next()
	}
	p.dartName(d)
	p.passTypeArgs()
	if p.kind() == kDot && p.tok(1).kind == kIdent && p.tok(2).kind == kParen { // its primary constructor
		p.at += 2
	}
	if p.kind() == kParen {
		d.Params = p.dartParams()
	}
	if p.accept(kAssign) { // class A = B with C;
		p.dartSuper(d)
	}
	p.dartHeader(d)
	switch {
	case p.kind() == kBrace && k == Enum:
		p.dartEnumBody(d)
	case p.kind() == kBrace:
		p.dartMembers(d)
	default:
		p.accept(kSemi)
	}
	return p.finish(d)
}

// dartHeader parses extends, with, implements and on.
func (p *parser) dartHeader(d *Decl) {
	for {
		switch p.word() {
		case wExtends, wWith, wImplements, wOn:
			p.next()
			p.dartSuper(d)
			for p.accept(kComma) {
				p.dartSuper(d)
			}
		default:
			return
		}
	}
}

// dartSuper parses the name of a type.
func (p *parser) dartSuper(d *Decl) {
	if p.kind() == kIdent {
		d.Supers = append(d.Supers, p.dotted())
		p.passTypeArgs()
		p.accept(kQuestion)
	}
}

func (p *parser) dartExtension(start int, parent *Decl) *Decl {
	d := p.decl(Extension, start, parent)
	p.next()
	if p.word() == wType && p.tok(1).kind == kIdent {
		d.Kind = Class
		p.next()
		p.acceptWord(wConst)
	}
	if p.kind() == kIdent && (p.word() != wOn || p.tok(1).word == wOn) {
		p.dartName(d)
	}
	p.passTypeArgs()
	for p.kind() == kDot && p.tok(1).kind == kIdent {
		p.at += 2
	}
	if p.kind() == kParen {
		d.Params = p.dartParams()
	}
	if d.Kind == Extension && p.acceptWord(wOn) {
		if d.Name == "" {
			d.NameAt = p.start()
		}
		from := p.at
		if i := p.dartType(p.at); i > 0 {
			p.at = i
		}
		on := p.between(from, p.at)
		if d.Name == "" {
			d.Name = on
		}
		d.Type = on
	}
	p.dartHeader(d)
	if p.kind() == kBrace {
		p.dartMembers(d)
	} else {
		p.accept(kSemi)
	}
	return p.finish(d)
}

// dartTypedef parses typedef F = T; and typedef R F(params);.
func (p *parser) dartTypedef(start int, parent *Decl) *Decl {
	d := p.decl(TypeAlias, start, parent)
	p.next()
	if k := p.tok(1).kind; k != kAssign && k != kLess && k != kParen {
		from := p.at
		if i := p.dartType(p.at); i > 0 {
			p.at = i
		}
		d.Type = p.between(from, p.at)
	} else if i := p.dartType(p.at); i > 0 && k != kParen && p.toks[i].kind == kIdent {
		d.Type = p.between(p.at, i)
		p.at = i
	}
	if p.kind() == kIdent {
		p.dartName(d)
	}
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Params = p.dartParams()
	}
	from := p.at
	p.at = p.toSemi(p.at)
	if d.Type == "" && p.toks[from].kind == kAssign && p.at > from+1 {
		d.Type = p.between(from+1, p.at-1)
	}
	return p.finish(d)
}

func (p *parser) dartMembers(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	p.dartMembersUntil(d, closer)
	p.pass(open)
}

func (p *parser) dartMembersUntil(d *Decl, closer int) {
	if !p.enter() {
		return
	}
	defer p.leave()
	for p.at < closer {
		from := p.at
		d.Members = p.dartDecl(d, d.Members)
		if p.at == from {
			p.skip()
		}
	}
}

func (p *parser) dartEnumBody(d *Decl) {
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
			p.dartName(v)
			p.passTypeArgs()
			if p.kind() == kDot && p.tok(1).kind == kIdent {
				p.at += 2
			}
			if p.kind() == kParen {
				v.Args = p.arguments()
			}
			d.Members = append(d.Members, p.finish(v))
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.dartMembersUntil(d, closer)
	p.pass(open)
}
