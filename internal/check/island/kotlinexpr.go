package island

func (p *parser) kotlinExpr() *Node {
	n := p.binary(1)
	if k := p.kind(); (k == kAssign || k == kOpAssign) && !p.newline() {
		n = p.assign(n)
	}
	return n
}

func (p *parser) kotlinWordOperator(left *Node, least uint8) (*Node, bool) {
	const (
		check = 5
		infix = 7
		cast  = 11
	)
	from := p.at
	negates := p.kind() == kBang // !in, !is
	w := p.word()
	if negates {
		w = p.tok(1).word
	}
	switch {
	case negates && least <= check:
		p.at += 2
		if w == wIs {
			return p.kotlinTypeTest(left, from), true
		}
		return p.pair(Binary, "!in", left, p.binary(check+1)), true
	case negates:
		return left, false
	case w == wAs:
		if least > cast {
			return left, false
		}
		p.next()
		if p.touches(0) {
			p.accept(kQuestion)
		}
		return p.kotlinTypeTest(left, from), true
	case w == wIs:
		if least > check {
			return left, false
		}
		p.next()
		return p.kotlinTypeTest(left, from), true
	case w == wIn:
		if least > check {
			return left, false
		}
		p.next()
		return p.pair(Binary, "in", left, p.binary(check+1)), true
	case p.g.reserved.has(w) || least > infix || p.noTail && (w == wBy || w == wWhere) || !p.kotlinOperand(p.at+1):
		return left, false
	}
	op := p.name(p.at)
	p.next()
	return p.pair(Binary, op, left, p.binary(infix+1)), true
}

// kotlinOperand tells whether the token at i may begin the operand of an infix
// function.
func (p *parser) kotlinOperand(i int) bool {
	switch t := &p.toks[i]; t.kind {
	case kIdent:
		switch t.word {
		case wThis, wSuper, wIf, wWhen, wTry, wNull, wTrue, wFalse, wObject, wThrow, wReturn:
			return true
		}
		return !p.g.reserved.has(t.word)
	case kNumber, kString, kStringOpen, kColonColon:
		return true
	case kParen, kBrace, kMinus, kBang:
		return t.flags&afterSpace != 0
	}
	return false
}

// kotlinTypeTest parses the type after is or as.
func (p *parser) kotlinTypeTest(left *Node, from int) *Node {
	op := p.between(from, p.at)
	typ := p.node(Ident, p.start())
	typ.Name = p.kotlinTypeText()
	return p.pair(Binary, op, left, p.done(typ))
}

func (p *parser) kotlinUnary() *Node {
	switch k := p.kind(); k {
	case kBang, kMinus, kPlus, kStep, kBangBang:
		n := p.node(Unary, p.start())
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kStar:
		n := p.node(Spread, p.start())
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kAt:
		if p.tok(1).kind == kIdent {
			p.at = p.afterAnnotation(p.at)
			return p.operand()
		}
	case kIdent:
		if t := p.tok(1); t.kind == kAt && p.touches(1) && !p.g.reserved.has(p.word()) { // label@
			p.at += 2
			return p.operand()
		}
	}
	return p.kotlinSelectors(p.kotlinPrimary())
}

func (p *parser) kotlinSelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	for count := 0; ; count++ {
		if count > maxChain {
			if k := p.kind(); (k == kDot || k == kQuestionDot || k.opens() || k == kIdent) && !p.newline() {
				p.skip()
				continue
			}
			return n
		}
		switch k := p.kind(); k {
		case kDot, kQuestionDot, kColonColon:
			if k == kColonColon && p.newline() {
				return n
			}
			if p.tok(1).kind != kIdent {
				if k == kDot && p.tok(1).kind == kParen {
					p.next()
					continue
				}
				return n
			}
			m := p.node(Member, n.Start)
			m.NullAware = k == kQuestionDot
			m.Name = p.name(p.at + 1)
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case kParen:
			if p.newline() {
				return n
			}
			n = p.tailed(p.call(n, nil))
		case kBracket:
			if p.newline() {
				return n
			}
			n = p.index(n)
		case kBangBang:
			n = p.postfix(n)
		case kStep:
			if p.newline() {
				return n
			}
			n = p.postfix(n)
		case kQuestion:
			if t := p.tok(1); t.kind != kColonColon {
				return n
			}
			p.next() // A?::class
		case kLess:
			if n.Kind != Ident && n.Kind != Member || p.newline() {
				return n
			}
			i := p.typeArgs(p.at)
			if i < 0 {
				return n
			}
			switch t := &p.toks[i]; {
			case t.flags&afterLine != 0:
				return n
			case t.kind == kColonColon:
				p.at = i
			case t.kind == kParen:
				types := p.typeList(p.at, i)
				p.at = i
				n = p.tailed(p.call(n, types))
			case t.kind == kBrace && !p.noTail:
				types := p.typeList(p.at, i)
				p.at = i
				n = p.tailed(n)
				n.TypeArgs = types
			default:
				return n
			}
		default:
			m := p.tailed(n)
			if m == n {
				return n
			}
			n = m
		}
	}
}

func (p *parser) kotlinPrimary() *Node {
	switch p.kind() {
	case kIdent:
		return p.kotlinWord()
	case kNumber:
		n := p.node(Number, p.start())
		n.Text = p.name(p.at)
		p.next()
		return p.done(n)
	case kString, kStringOpen:
		return p.str()
	case kParen:
		return p.group()
	case kBrace:
		return p.lambda()
	case kBracket: // of an annotation
		n := p.node(List, p.start())
		n.Kids = p.list(p.expr)
		return p.done(n)
	case kColonColon:
		if p.tok(1).kind == kIdent {
			p.next()
			return p.simple(Ident)
		}
	}
	return p.empty()
}

func (p *parser) kotlinWord() *Node {
	start := p.start()
	switch w := p.word(); w {
	case wTrue, wFalse:
		return p.simple(Bool)
	case wNull:
		return p.simple(Null)
	case wThis, wSuper:
		n := p.simple(This)
		if w == wSuper {
			n.Kind = Super
			p.passTypeArgs()
		}
		p.label()
		return p.done(n)
	case wIf:
		return p.kotlinIf()
	case wWhen:
		if k := p.tok(1).kind; k == kParen || k == kBrace {
			return p.kotlinWhen()
		}
	case wTry:
		return p.kotlinTry()
	case wThrow:
		n := p.node(Throw, start)
		p.next()
		n.Kids = p.link(p.expr())
		return p.done(n)
	case wReturn:
		n := p.node(Return, start)
		p.next()
		n.Name = p.label()
		if !p.ends() && p.kind() != kComma && p.word() != wElse {
			n.Kids = p.link(p.expr())
		}
		return p.done(n)
	case wBreak, wContinue:
		n := p.node(Break, start)
		if w == wContinue {
			n.Kind = Continue
		}
		p.next()
		n.Name = p.label()
		return p.done(n)
	case wObject:
		n := p.node(LocalFn, start)
		d := p.decl(Object, start, p.owner)
		p.next()
		p.kotlinClass(d)
		n.Decl = d
		return p.done(n)
	case wFun:
		return p.kotlinAnonymous()
	case wSuspend:
		if p.tok(1).word == wFun {
			p.next()
			n := p.kotlinAnonymous()
			n.Async = true
			return n
		}
	case wFor, wWhile, wDo:
		if k := p.tok(1).kind; k != kParen && w != wDo || k != kBrace && w == wDo {
			return p.empty()
		}
		mark := len(p.stack)
		p.kotlinStatement()
		if len(p.stack) > mark {
			n := p.stack[mark]
			p.stack = p.stack[:mark]
			return n
		}
	}
	if p.g.reserved.has(p.word()) {
		return p.empty()
	}
	return p.simple(Ident)
}

// label reads @name.
func (p *parser) label() string {
	if p.kind() != kAt || !p.touches(0) || p.tok(1).kind != kIdent {
		return ""
	}
	p.next()
	name := p.name(p.at)
	p.next()
	return name
}

// kotlinAnonymous parses fun(a: A): B { }.
func (p *parser) kotlinAnonymous() *Node {
	n := p.node(Closure, p.start())
	p.next()
	for p.kind() == kIdent || p.kind() == kDot { // a receiver
		p.next()
	}
	if p.kind() == kParen {
		n.Params = p.kotlinParams()
	}
	if p.accept(kColon) {
		p.kotlinTypeText()
	}
	switch p.kind() {
	case kBrace:
		n.Kids = p.link(p.block())
	case kAssign:
		p.next()
		n.Kids = p.link(p.expr())
	}
	return p.done(n)
}
