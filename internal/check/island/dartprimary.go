package island

func (p *parser) dartPrimary() *Node {
	switch p.kind() {
	case kIdent:
		return p.dartWord()
	case kNumber:
		n := p.node(Number, p.start())
		n.Text = p.name(p.at)
		p.next()
		return p.done(n)
	case kString, kStringOpen:
		return p.str()
	case kParen:
		return p.dartParen()
	case kBracket:
		n := p.node(List, p.start())
		n.Kids = p.list(p.dartElement)
		return p.done(n)
	case kBrace:
		n := p.node(Map, p.start())
		n.Kids = p.list(p.dartElement)
		return p.done(n)
	case kLess:
		return p.dartTyped()
	case kHash:
		n := p.node(Unknown, p.start())
		p.next()
		if p.kind() == kIdent {
			p.dotted()
		} else if i := p.symbolOperator(); i > p.at {
			p.at = i
		}
		p.done(n)
		n.Text = p.text[n.Start:n.End]
		return n
	case kDot: // a member of the type that is expected
		if p.tok(1).kind == kIdent {
			return p.node(Ident, p.start())
		}
	}
	return p.empty()
}

// symbolOperator is the index after the operator of a symbol, such as #+.
func (p *parser) symbolOperator() int {
	i := p.at
	for k := p.toks[i].kind; k >= kAssign && k <= kCaret; k = p.toks[i].kind {
		i++
	}
	return i
}

func (p *parser) dartWord() *Node {
	switch p.word() {
	case wTrue, wFalse:
		return p.simple(Bool)
	case wNull:
		return p.simple(Null)
	case wThis:
		return p.simple(This)
	case wSuper:
		return p.simple(Super)
	case wConst, wNew:
		return p.dartNew()
	case wSwitch:
		return p.dartSwitch()
	case wThrow:
		n := p.node(Throw, p.start())
		p.next()
		n.Kids = p.link(p.expr())
		return p.done(n)
	case wRethrow:
		return p.simple(Throw)
	case wAssert:
		return p.dartAssert()
	}
	if p.g.reserved.has(p.word()) {
		return p.empty()
	}
	n := p.node(Ident, p.start())
	n.Name = p.name(p.at)
	p.next()
	return p.done(n)
}

func (p *parser) dartAssert() *Node {
	n := p.simple(Ident)
	if p.kind() == kParen {
		n = p.call(n, nil)
	}
	return n
}

// dartNew parses what const and new are before: a call or a literal.
func (p *parser) dartNew() *Node {
	start := p.start()
	p.next()
	n := p.operandOf()
	if n.Kind == Call {
		n.New = true
	}
	n.Start = start
	return n
}

// operandOf parses a constructor up to its arguments, so that what is called on the new
// object is not taken for a part of it; or a literal.
func (p *parser) operandOf() *Node {
	if p.kind() != kIdent || p.g.reserved.has(p.word()) {
		return p.dartPrimary()
	}
	n := p.simple(Ident)
	for {
		switch {
		case p.kind() == kDot && p.tok(1).kind == kIdent:
			m := p.node(Member, n.Start)
			m.Name = p.name(p.at + 1)
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case p.kind() == kLess:
			i := p.typeArgs(p.at)
			if i < 0 {
				return n
			}
			from := p.at
			p.at = i
			if p.kind() == kParen {
				return p.call(n, p.typeList(from, i))
			}
		case p.kind() == kParen:
			return p.call(n, nil)
		default:
			return n
		}
	}
}

// dartTyped parses <T>[], <T>{} and <T>(a) {}.
func (p *parser) dartTyped() *Node {
	start := p.start()
	i := p.typeArgs(p.at)
	if i < 0 {
		return p.empty()
	}
	switch p.toks[i].kind {
	case kBracket, kBrace, kParen:
		p.at = i
		n := p.dartPrimary()
		n.Start = start
		return n
	}
	return p.empty()
}

// dartParen parses a closure, a record, or what is in parentheses.
func (p *parser) dartParen() *Node {
	if p.dartClosureAt(p.at) {
		return p.dartClosure()
	}
	start := p.start()
	open := p.at
	record := p.record(open)
	kids := p.list(p.dartField)
	if len(kids) == 1 && !record {
		return kids[0]
	}
	n := p.node(List, start)
	n.Name = "()"
	n.Kids = kids
	return p.done(n)
}

// record tells whether the parenthesis at i opens a record: there is a comma or a label
// in it.
func (p *parser) record(i int) bool {
	closer := int(p.toks[i].aux)
	if p.toks[i+1].kind == kIdent && p.toks[i+2].kind == kColon && i+2 < closer {
		return true
	}
	for i++; i < closer; i = p.after(i) {
		switch p.toks[i].kind {
		case kComma:
			return true
		case kLess:
			if j := p.typeArgs(i); j > 0 && p.afterTypeArgs(j) {
				i = j - 1
			}
		}
	}
	return false
}

// dartField parses a field of a record.
func (p *parser) dartField() *Node {
	if !p.labelled() {
		return p.expr()
	}
	key := p.simple(Ident)
	p.next()
	return p.pair(Pair, "", key, p.expr())
}

func (p *parser) dartClosureAt(i int) bool {
	if p.bare || !p.closed(i) {
		return false
	}
	t := &p.toks[p.after(i)]
	switch t.kind {
	case kFatArrow, kBrace:
		return true
	case kIdent:
		if t.word != wAsync && t.word != wSync {
			return false
		}
		next := &p.toks[p.after(i)+1]
		return next.kind == kFatArrow || next.kind == kBrace || next.kind == kStar
	}
	return false
}

func (p *parser) dartClosure() *Node {
	n := p.node(Closure, p.start())
	n.Params = p.dartParams()
	p.dartClosureBody(n)
	return p.done(n)
}

func (p *parser) dartClosureBody(n *Node) {
	if p.word() == wAsync || p.word() == wSync {
		n.Async = p.word() == wAsync
		p.next()
		p.accept(kStar)
	}
	if p.accept(kFatArrow) {
		n.Kids = p.link(p.expr())
		return
	}
	n.Kids = p.link(p.block())
}

// dartElement parses an element of a collection.
func (p *parser) dartElement() *Node {
	if !p.enter() {
		return p.tooDeep()
	}
	defer p.leave()
	switch {
	case p.kind() == kEllipsis:
		n := p.node(Spread, p.start())
		n.NullAware = p.name(p.at) == "...?"
		p.next()
		n.Kids = p.link(p.expr())
		return p.done(n)
	case p.word() == wIf && p.tok(1).kind == kParen:
		n := p.node(If, p.start())
		p.next()
		test := p.dartCondition()
		then := p.dartElement()
		if p.acceptWord(wElse) {
			n.Kids = p.link(test, then, p.dartElement())
		} else {
			n.Kids = p.link(test, then)
		}
		return p.done(n)
	case p.word() == wFor || p.word() == wAwait && p.tok(1).word == wFor:
		return p.dartFor((*parser).dartElement)
	}
	if p.kind() == kQuestion {
		p.next()
	}
	n := p.expr()
	if p.kind() == kColon {
		n = p.entry(n, func() *Node {
			p.accept(kQuestion)
			return p.expr()
		})
	}
	return n
}
