package island

// dartMember parses a function, a constructor or variables; also those at the top and,
// without a parent, those of a body.
func (p *parser) dartMember(parent *Decl, list []*Decl, notes []Annotation, m Modifier, start, from int) []*Decl {
	if d := p.dartConstructor(parent, m, start); d != nil {
		d.Annotations = notes
		return append(list, d)
	}
	if d := p.dartFunction(parent, m, start, ""); d != nil {
		d.Annotations = notes
		return append(list, d)
	}
	typ := ""
	if i := p.dartType(p.at); i > 0 && p.toks[i].kind == kIdent && !p.g.reserved.has(p.toks[i].word) {
		typ = p.between(p.at, i)
		p.at = i
		if d := p.dartFunction(parent, m, start, typ); d != nil {
			d.Annotations = notes
			return append(list, d)
		}
	}
	if p.kind() != kIdent || p.g.reserved.has(p.word()) {
		p.at = from
		p.lost()
		return list
	}
	switch p.tok(1).kind {
	case kAssign, kComma, kSemi, kEOF:
	default:
		p.at = from
		p.lost()
		return list
	}
	for {
		d := p.decl(Variable, start, parent)
		d.Annotations, d.Modifiers, d.Type = notes, m, typ
		if typ != "" && typ[len(typ)-1] == '?' {
			d.Modifiers |= Optional
		}
		p.dartName(d)
		if p.accept(kAssign) {
			d.init = p.laterExpr(d, (*parser).expr)
		}
		list = append(list, d)
		if p.kind() != kComma {
			break
		}
		p.finish(d)
		p.next()
		start = p.start()
		if p.kind() != kIdent {
			break
		}
	}
	p.accept(kSemi)
	p.finish(list[len(list)-1])
	return list
}

func (p *parser) dartConstructor(parent *Decl, m Modifier, start int) *Decl {
	if parent == nil || p.kind() != kIdent {
		return nil
	}
	t := p.tok(1)
	named := p.word() == wNew && t.kind == kIdent && p.tok(2).kind == kParen
	if p.word() == wThis && (t.kind == kColon || t.kind == kBrace) { // the body of the primary one
		d := p.decl(Constructor, start, parent)
		d.Type = parent.Name
		p.next()
		p.dartBody(d)
		return p.finish(d)
	}
	if p.word() != wNew && p.name(p.at) != parent.Name {
		return nil
	}
	switch {
	case named:
	case t.kind == kParen:
	case t.kind == kDot && p.tok(2).kind == kIdent && p.tok(3).kind == kParen:
	default:
		return nil
	}
	d := p.decl(Constructor, start, parent)
	d.Modifiers = m
	d.Type = parent.Name
	d.NameAt = p.start()
	p.next()
	if named || p.accept(kDot) {
		if p.word() != wNew {
			p.dartName(d)
		} else {
			p.next()
		}
	}
	d.Params = p.dartParams()
	p.dartBody(d)
	return p.finish(d)
}

// dartFunction parses a function from its name on, or from get, set or operator. It is
// nil, and nothing is read, where there is none.
func (p *parser) dartFunction(parent *Decl, m Modifier, start int, typ string) *Decl {
	t := p.tok(1)
	if p.kind() != kIdent || p.word() == wFunction {
		return nil
	}
	at := p.at // of the name
	switch w := p.word(); {
	case w == wGet && t.kind == kIdent && p.getterEnds(2):
		m |= Getter
		at++
	case w == wSet && t.kind == kIdent && p.tok(2).kind == kParen:
		m |= Setter
		at++
	case w == wOperator && p.dartOperator(at+1) > 0:
		at++
	case t.kind == kParen:
	case t.kind == kLess:
		if i := p.typeArgs(p.at + 1); i < 0 || p.toks[i].kind != kParen {
			return nil
		}
	default:
		return nil
	}
	if p.g.reserved.has(p.toks[at].word) {
		return nil
	}
	d := p.decl(Function, start, parent)
	d.Modifiers, d.Type = m, typ
	operator := p.word() == wOperator && at > p.at
	p.at = at
	if operator {
		d.NameAt = p.start()
		end := p.dartOperator(at)
		d.Name = p.between(at, end)
		p.at = end
	} else {
		p.dartName(d)
	}
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Params = p.dartParams()
	}
	p.dartBody(d)
	return p.finish(d)
}

// getterEnds tells whether the token n further on may follow the name of a getter.
func (p *parser) getterEnds(n int) bool {
	switch t := p.tok(n); t.kind {
	case kBrace, kFatArrow, kSemi:
		return true
	case kIdent:
		return t.word == wAsync || t.word == wSync || t.word == wNative
	}
	return false
}

// dartOperator is the index after the operator at i, whose parameters must follow.
func (p *parser) dartOperator(i int) int {
	from := i
	for i-from < 4 {
		k := p.toks[i].kind
		if k == kBracket {
			i = p.after(i)
			continue
		}
		if k < kAssign || k > kShift && k < kPlus {
			break
		}
		i++
	}
	if i == from || p.toks[i].kind != kParen {
		return -1
	}
	return i
}

// dartBody parses what follows parameters: initialisers, async, a body. The body itself
// waits.
func (p *parser) dartBody(d *Decl) {
	switch p.word() {
	case wAsync, wSync:
		if p.word() == wAsync {
			d.Modifiers |= Async
		}
		p.next()
		if p.accept(kStar) {
			d.Modifiers |= Generator
		}
	case wNative:
		p.next()
		p.accept(kString)
	}
	switch p.kind() {
	case kColon:
		from := p.at
		p.at = p.afterInitialisers(p.at + 1)
		d.body = p.later(d, from, p.at, (*parser).dartInitialisers)
	case kBrace:
		p.laterBlock(d)
	case kFatArrow:
		p.next()
		d.body = p.laterExpr(d, (*parser).expr)
		p.accept(kSemi)
	case kAssign:
		p.at = p.toSemi(p.at)
	case kSemi:
		p.next()
	}
}

// afterInitialisers is the index after initialisers and the body that follows them.
func (p *parser) afterInitialisers(i int) int {
	for {
		switch t := &p.toks[i]; {
		case t.kind == kSemi:
			return i + 1
		case t.kind == kEOF, t.kind.closes():
			return i
		case t.kind == kBrace && p.opensBody(i):
			return p.after(i)
		}
		i = p.after(i)
	}
}

// opensBody tells a body after initialisers from a set or map in one: what stands
// before is a whole expression. Closures need parentheses there.
func (p *parser) opensBody(i int) bool {
	before := &p.toks[i-1]
	if before.kind == kParenEnd {
		if o := int(before.aux); o > 0 && p.toks[o-1].word == wSwitch {
			return false
		}
		return true
	}
	return before.kind == kIdent && before.word != wConst || before.kind.closes() || before.kind == kNumber ||
		before.kind == kString || before.kind == kBang
}

// dartInitialisers parses the initialisers of a constructor and its body into one
// block.
func (p *parser) dartInitialisers() *Node {
	n := p.node(Block, p.start())
	mark := len(p.stack)
	p.next()
	for {
		from := p.at
		e := p.node(Expr, p.start())
		p.bare = true
		if p.word() == wAssert {
			e.Kids = p.link(p.dartAssert())
		} else {
			e.Kids = p.link(p.expr())
		}
		p.bare = false
		if p.at > from {
			p.push(p.done(e))
		}
		if !p.accept(kComma) {
			break
		}
	}
	if p.kind() == kBrace {
		p.stack = append(p.stack, p.block().Kids...)
	} else {
		p.accept(kSemi)
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}
