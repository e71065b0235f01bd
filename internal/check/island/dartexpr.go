package island

// dartExpr parses an expression with its cascades.
func (p *parser) dartExpr() *Node {
	n := p.dartAssignment()
	if !p.section && (p.kind() == kDotDot || p.kind() == kQuestionDotDot) {
		n = p.cascade(n)
	}
	return n
}

func (p *parser) dartAssignment() *Node {
	if p.word() == wThrow && p.kind() == kIdent {
		n := p.node(Throw, p.start())
		p.next()
		n.Kids = p.link(p.expr())
		return p.done(n)
	}
	n := p.binary(1)
	switch p.kind() {
	case kQuestion:
		n = p.conditional(n)
	case kAssign, kOpAssign:
		n = p.assign(n)
	case kGreater: // >>=
		from := p.at
		p.anchor(n)
		for p.kind() == kGreater && (p.joined(1) || p.tok(1).kind == kGreaterEqual && p.touches(1)) {
			p.next()
		}
		if p.kind() == kGreaterEqual && p.at > from {
			p.next()
			op := p.between(from, p.at)
			n = p.pair(Assign, op, n, p.expr())
		} else {
			p.at = from
		}
	}
	return n
}

// cascade parses the sections after a receiver.
func (p *parser) cascade(receiver *Node) *Node {
	p.anchor(receiver)
	n := p.node(Cascade, receiver.Start)
	mark := len(p.stack)
	p.push(receiver)
	saved := p.mode
	p.section = true
	for p.kind() == kDotDot || p.kind() == kQuestionDotDot {
		aware := p.kind() == kQuestionDotDot
		p.next()
		target := p.node(Ident, p.start())
		switch p.kind() {
		case kIdent:
			m := p.node(Member, target.Start)
			m.NullAware = aware
			m.Name = p.name(p.at)
			p.next()
			m.Kids = p.link(target)
			target = p.done(m)
		case kBracket:
		default:
			target.Start, target.End = p.prevEnd(), p.prevEnd()
			p.push(target)
			continue
		}
		target = p.dartSelectors(target)
		if k := p.kind(); k == kAssign || k == kOpAssign {
			target = p.assign(target)
		}
		p.push(target)
	}
	p.mode = saved
	n.Kids = p.pop(mark)
	return p.done(n)
}

func (p *parser) dartWordOperator(left *Node, least uint8) (*Node, bool) {
	const relation = 5
	w := p.word()
	if w != wIs && w != wAs || least > relation {
		return left, false
	}
	from := p.at
	p.next()
	if w == wIs {
		p.accept(kBang)
	}
	op := p.between(from, p.at)
	typ := p.node(Ident, p.start())
	if i := p.dartTypeOfTest(p.at); i > 0 {
		typ.Name = p.between(p.at, i)
		p.at = i
	}
	p.done(typ)
	return p.pair(Binary, op, left, typ), true
}

// dartTypeOfTest is the index after the type of is and as: a ? after it may be one of a
// condition.
func (p *parser) dartTypeOfTest(i int) int {
	if p.toks[i].kind == kParen && p.closed(i) {
		i = p.after(i)
		if p.toks[i].kind == kQuestion && p.endsOperand(i+1) {
			i++
		}
		return i
	}
	end := p.dartType(i)
	if end > 0 && p.toks[end-1].kind == kQuestion && !p.endsOperand(end) {
		return end - 1
	}
	return end
}

// endsOperand tells whether no operand can start at a token.
func (p *parser) endsOperand(i int) bool {
	switch t := &p.toks[i]; t.kind {
	case kIdent:
		return t.word == wIs || t.word == wAs || t.word == wWhen
	case kNumber, kString, kStringOpen, kParen, kBracket, kBrace, kBang, kMinus, kTilde, kStep, kLess, kHash, kStray:
		return false
	}
	return true
}

func (p *parser) dartUnary() *Node {
	switch p.kind() {
	case kBang, kMinus, kTilde, kStep:
		n := p.node(Unary, p.start())
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kIdent:
		if p.word() == wAwait && p.operandFollows() {
			n := p.node(Await, p.start())
			p.next()
			n.Kids = p.link(p.operand())
			return p.done(n)
		}
	}
	return p.dartSelectors(p.dartPrimary())
}

// operandFollows tells await from a variable of that name.
func (p *parser) operandFollows() bool {
	switch t := p.tok(1); t.kind {
	case kIdent:
		return t.word != wIs && t.word != wAs && t.word != wIn
	case kNumber, kString, kStringOpen, kParen, kBracket, kBrace, kBang, kTilde, kHash, kLess:
		return true
	}
	return false
}

// dartSelectors parses .name, calls, indexes, ! and ++ after an operand.
func (p *parser) dartSelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	for count := 0; ; count++ {
		if count > maxChain {
			switch k := p.kind(); {
			case k == kDot, k == kQuestionDot, k.opens(), k == kIdent && p.at > 0 && p.toks[p.at-1].kind == kDot:
				p.skip()
				continue
			}
			return n
		}
		switch p.kind() {
		case kDot, kQuestionDot:
			if p.tok(1).kind != kIdent {
				return n
			}
			m := p.node(Member, n.Start)
			m.NullAware = p.kind() == kQuestionDot
			m.Name = p.name(p.at + 1)
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case kParen:
			n = p.call(n, nil)
		case kBracket:
			n = p.index(n)
		case kQuestion:
			if p.tok(1).kind != kBracket || !p.touches(1) || !p.touches(0) {
				return n
			}
			if i := p.after(p.at + 1); p.toks[i].kind == kColon {
				return n
			}
			p.next()
			n = p.index(n)
			n.NullAware = true
		case kBang:
			if p.newline() {
				return n
			}
			n = p.postfix(n)
		case kStep:
			n = p.postfix(n)
		case kLess:
			if n.Kind != Ident && n.Kind != Member {
				return n
			}
			i := p.typeArgs(p.at)
			if i < 0 || !p.afterTypeArgs(i) {
				return n
			}
			from := p.at
			p.at = i
			if p.kind() == kParen {
				n = p.call(n, p.typeList(from, i))
			}
		default:
			return n
		}
	}
}
