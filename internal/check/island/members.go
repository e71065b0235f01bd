package island

// topStatement parses a statement outside of declarations.
func (p *parser) topStatement() {
	mark := len(p.stack)
	p.statement()
	if len(p.stack) == mark {
		return
	}
	if p.f.top == nil {
		p.f.top = p.node(Block, p.stack[mark].Start)
	}
	p.f.top.Kids = append(p.f.top.Kids, p.stack[mark:]...)
	p.f.top.Start = min(p.f.top.Start, p.stack[mark].Start)
	p.f.top.End = p.prevEnd()
	p.stack = p.stack[:mark]
}

// pathImport parses package a.b and import a.b.* as c, in Java import static too.
func (p *parser) pathImport() {
	i := Import{Span: Span{Start: p.start()}}
	if p.word() == wPackage {
		i.Kind = PackageOf
	}
	p.next()
	if p.word() == wStatic && p.tok(1).kind == kIdent {
		p.next()
	}
	i.URI = p.dotted()
	if p.kind() == kDot && p.tok(1).kind == kStar {
		p.at += 2
		i.URI += ".*"
	}
	if p.word() == wAs && !p.newline() && p.tok(1).kind == kIdent {
		p.next()
		i.Prefix = p.name(p.at)
		p.next()
	}
	i.End = p.prevEnd()
	p.accept(kSemi)
	p.f.Imports = append(p.f.Imports, i)
}

// inClass tells whether members are what is parsed.
func (p *parser) inClass() bool {
	if p.owner == nil {
		return false
	}
	switch p.owner.Kind {
	case Class, Enum, EnumValue, Interface, Extension, Object:
		return true
	}
	return false
}

// overrides tells what an annotation says of a member.
func overrides(notes []Annotation) Modifier {
	for i := range notes {
		if notes[i].Name == "override" || notes[i].Name == "Override" {
			return Override
		}
	}
	return 0
}

// afterAnnotation is the index after @a, @a.b(...), @get:a, @[a b].
func (p *parser) afterAnnotation(i int) int {
	i++
	if p.toks[i].kind == kIdent && p.toks[i+1].kind == kColon {
		i += 2
	}
	if p.toks[i].kind == kBracket {
		return p.after(i)
	}
	for p.toks[i].kind == kIdent {
		i++
		if p.toks[i].kind != kDot || p.toks[i+1].kind != kIdent {
			break
		}
		i++
	}
	if p.toks[i].kind == kLess {
		if j := p.typeArgs(i); j > 0 {
			i = j
		}
	}
	if t := &p.toks[i]; t.kind == kParen && t.flags&afterSpace == 0 {
		i = p.after(i)
	}
	return i
}

// members parses declarations in braces.
func (p *parser) members(d *Decl, member func(*parser, *Decl)) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	p.membersUntil(d, closer, member)
	p.pass(open)
}

func (p *parser) membersUntil(d *Decl, closer int, member func(*parser, *Decl)) {
	if !p.enter() {
		return
	}
	defer p.leave()
	owner, saved := p.owner, p.mode
	p.owner, p.mode = d, mode{lines: p.g.lines}
	for p.at < closer {
		from := p.at
		member(p, d)
		if p.at == from {
			p.skip()
		}
	}
	p.owner, p.mode = owner, saved
}

func (p *parser) afterAnnotations(i int) int {
	for p.toks[i].kind == kAt {
		i = p.afterAnnotation(i)
	}
	return i
}

func (p *parser) names() (list []string) {
	for p.kind() == kIdent {
		list = append(list, p.name(p.at))
		p.next()
		if !p.accept(kComma) {
			break
		}
	}
	return list
}

// dotted reads a.b.c.
func (p *parser) dotted() string {
	from := p.at
	for p.kind() == kIdent {
		p.next()
		if p.kind() != kDot || p.tok(1).kind != kIdent {
			break
		}
		p.next()
	}
	return p.between(from, p.at)
}

// toSemi is the index after the next semicolon of this level.
func (p *parser) toSemi(i int) int {
	for {
		switch t := &p.toks[i]; {
		case t.kind == kSemi:
			return i + 1
		case t.kind == kEOF, t.kind.closes():
			return i
		}
		i = p.after(i)
	}
}

// annotations parses @a, @a.b(...).
func (p *parser) annotations() []Annotation {
	var list []Annotation
	for p.kind() == kAt && p.tok(1).kind == kIdent && (p.f.Lang != Java || p.tok(1).word != wInterface) {
		a := Annotation{Span: Span{Start: p.start()}}
		p.next()
		if p.f.Lang == Kotlin && p.tok(1).kind == kColon && p.tok(2).kind == kIdent { // @get:a
			p.at += 2
		}
		a.Name = p.dotted()
		if p.kind() == kLess {
			if i := p.typeArgs(p.at); i > 0 && p.toks[i].kind == kParen {
				p.at = i
			}
		}
		if p.kind() == kParen && (p.f.Lang != Dart || p.touches(0)) {
			a.Args = p.arguments()
		}
		a.End = p.prevEnd()
		list = append(list, a)
	}
	return list
}

func (p *parser) passTypeArgs() {
	if p.kind() == kLess {
		if i := p.typeArgs(p.at); i > 0 {
			p.at = i
		}
	}
}

// lost skips what is no declaration.
func (p *parser) lost() {
	for {
		k := p.kind()
		if k == kEOF || k.closes() {
			return
		}
		p.skip()
		if k == kSemi || k == kBrace {
			return
		}
	}
}

// listOrMap parses [a, b], [k: v] and [:].
func (p *parser) listOrMap() *Node {
	n := p.node(List, p.start())
	if p.tok(1).kind == kColon && p.tok(2).kind == kBracketEnd {
		n.Kind = Map
		p.at += 3
		return p.done(n)
	}
	n.Kids = p.list(func() *Node {
		value := p.expr()
		if p.kind() == kColon {
			n.Kind = Map
			value = p.entry(value, p.expr)
		}
		return value
	})
	return p.done(n)
}
