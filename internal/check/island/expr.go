package island

// expr parses an expression; it is never nil, and empty where none is.
func (p *parser) expr() *Node {
	if !p.enter() {
		return p.tooDeep()
	}
	defer p.leave()
	switch p.f.Lang {
	case Kotlin:
		return p.kotlinExpr()
	case Swift:
		return p.swiftExpr()
	case Java, ObjC, Groovy:
		return p.cExpr()
	default:
		return p.dartExpr()
	}
}

// tooDeep skips an expression.
func (p *parser) tooDeep() *Node {
	n := p.empty()
	for {
		switch k := p.kind(); {
		case k == kComma, k == kSemi, k == kEOF, k.closes():
			return p.done(n)
		}
		p.skip()
	}
}

func (p *parser) unary() *Node {
	switch p.f.Lang {
	case Kotlin:
		return p.kotlinUnary()
	case Swift:
		return p.swiftUnary()
	case Java:
		return p.javaUnary()
	case ObjC:
		return p.objcUnary()
	case Groovy:
		return p.groovyUnary()
	default:
		return p.dartUnary()
	}
}

// binary parses operands and the operators between them that bind at least as strongly
// as least.
func (p *parser) binary(least uint8) *Node {
	left := p.unary()
	for n := 0; ; n++ {
		power := p.g.power[p.kind()]
		width := 1
		if p.newline() && !p.continues() {
			return left
		}
		switch {
		case p.kind() == kIdent || p.kind() == kBang && p.negates():
			if p.word() == wNone && p.f.Lang == Dart {
				return left
			}
			was := left.Span
			p.anchor(left)
			next, ok := p.wordOperator(left, least)
			if !ok {
				left.Span = was
				return left
			}
			left = next
			continue
		case p.kind() == kGreater:
			for width < 3 && p.joined(width) {
				width++
			}
			if k := p.tok(width); k.kind == kGreaterEqual && p.touches(width) {
				return left // >>=
			}
			if width > 1 {
				power = p.g.power[kShift]
			}
		}
		if power == 0 || power < least {
			return left
		}
		if n > maxChain {
			p.skip()
			continue
		}
		p.anchor(left)
		op := p.between(p.at, p.at+width)
		p.at += width
		if k := p.kind(); op == "..." && (k == kComma || k == kColon || k.closes()) {
			u := p.node(Unary, left.Start)
			u.Name, u.Kids = op, p.link(left)
			left = p.done(u)
			continue
		}
		right := p.binary(power + 1)
		left = p.pair(Binary, op, left, right)
	}
}

// negates tells whether Kotlin's !in or !is comes next.
func (p *parser) negates() bool {
	t := p.tok(1)
	return p.f.Lang == Kotlin && t.kind == kIdent && (t.word == wIn || t.word == wIs) && p.touches(1)
}

// anchor moves what is missing before an operator to it, so that spans nest.
func (p *parser) anchor(n *Node) {
	if n.Start == n.End {
		n.Start, n.End = p.start(), p.start()
	}
}

// assign parses the operator and the value that follow a target.
func (p *parser) assign(target *Node) *Node {
	p.anchor(target)
	op := p.name(p.at)
	p.next()
	return p.pair(Assign, op, target, p.expr())
}

// entry parses the value after the colon that comes next.
func (p *parser) entry(key *Node, value func() *Node) *Node {
	p.anchor(key)
	p.next()
	return p.pair(Pair, "", key, value())
}

// pair makes a node with two kids.
func (p *parser) pair(k Kind, name string, left, right *Node) *Node {
	n := p.node(k, left.Start)
	n.Name = name
	n.Kids = p.link(left, right)
	return p.done(n)
}

// joined tells whether the token n further on is a > that touches the one before it.
func (p *parser) joined(n int) bool { return p.tok(n).kind == kGreater && p.touches(n) }

func (p *parser) touches(n int) bool { return p.tok(n).flags&afterSpace == 0 }

// wordOperator parses is, as and in.
func (p *parser) wordOperator(left *Node, least uint8) (*Node, bool) {
	switch p.f.Lang {
	case Kotlin:
		return p.kotlinWordOperator(left, least)
	case Swift:
		return p.swiftWordOperator(left, least)
	case Java, ObjC, Groovy:
		return p.cWordOperator(left, least)
	default:
		return p.dartWordOperator(left, least)
	}
}

// continues tells whether the operator that begins this line goes on with what is on
// the line before.
func (p *parser) continues() bool {
	switch p.kind() {
	case kAndAnd, kOrOr, kOrElse:
		return true
	case kIdent:
		return p.word() == wAs && p.f.Lang != Dart
	}
	return p.f.Lang == Swift && p.tok(1).flags&afterSpace != 0
}

// arguments parses what is between parentheses.
func (p *parser) arguments() []Arg {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.argStack)
	for p.at < closer {
		from := p.at
		a := Arg{Span: Span{Start: p.start()}}
		if p.labelled() {
			a.Label = p.name(p.at)
			p.at += 2
		}
		a.Value = p.expr()
		a.Value = p.untilComma(a.Value, closer)
		a.Start, a.End = min(a.Start, a.Value.Start), p.prevEnd()
		p.argStack = append(p.argStack, a)
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.pass(open)
	p.mode = saved
	return p.popArgs(mark)
}

// labelled tells whether a label comes next.
func (p *parser) labelled() bool {
	if p.kind() != kIdent {
		return false
	}
	switch k := p.tok(1).kind; p.f.Lang {
	case Kotlin, Java: // in Java those of annotations
		return k == kAssign
	case ObjC:
		return false
	default:
		return k == kColon
	}
}

// untilComma takes what stands before the next comma or the closer into an Unknown, so
// that the islands in it are not lost.
func (p *parser) untilComma(n *Node, closer int) *Node {
	if p.at >= closer || p.kind() == kComma || p.ends() {
		return n
	}
	p.anchor(n)
	u := p.node(Unknown, n.Start)
	mark := len(p.stack)
	p.push(n)
	for p.at < closer && p.kind() != kComma && !p.ends() {
		p.island()
	}
	u.Kids = p.pop(mark)
	return p.done(u)
}

// island pushes the expression that comes next, or skips what is none.
func (p *parser) island() {
	from := p.at
	if k := p.kind(); k == kSemi || k.closes() || k == kEOF || k == kStray {
		p.skip()
		return
	}
	n := p.expr()
	if p.at == from {
		p.skip()
		return
	}
	p.push(n)
}

// list parses expressions up to the closer of the bracket that comes next, with a
// function for each.
func (p *parser) list(element func() *Node) []*Node {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.stack)
	for p.at < closer {
		from := p.at
		n := p.untilComma(element(), closer)
		if p.at > from {
			p.push(n)
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.pass(open)
	p.mode = saved
	return p.pop(mark)
}

// group parses what is in parentheses that are no more than that.
func (p *parser) group() *Node {
	start := p.start()
	kids := p.list(p.expr)
	switch len(kids) {
	case 1:
		return kids[0]
	case 0:
		return p.done(p.node(Unknown, start))
	}
	n := p.node(Unknown, start)
	n.Kids = kids
	return p.done(n)
}

// conditional parses what follows a test. A cascade after it is one of the whole.
func (p *parser) conditional(test *Node) *Node {
	p.anchor(test)
	p.next()
	n := p.node(Cond, test.Start)
	saved := p.mode
	p.section = true
	then := p.expr()
	if p.accept(kColon) {
		n.Kids = p.link(test, then, p.expr())
	} else {
		n.Kids = p.link(test, then)
	}
	p.mode = saved
	return p.done(n)
}

// operand is a unary expression after a prefix.
func (p *parser) operand() *Node {
	if !p.enter() {
		return p.tooDeep()
	}
	defer p.leave()
	return p.unary()
}

// afterTypeArgs tells whether a token may follow type arguments in an expression.
func (p *parser) afterTypeArgs(i int) bool {
	switch p.toks[i].kind {
	case kParen, kParenEnd, kBracketEnd, kBraceEnd, kInterpEnd, kColon, kSemi, kComma, kDot, kQuestion, kEqual,
		kDotDot, kEOF:
		return true
	}
	return false
}

func (p *parser) call(callee *Node, types []string) *Node {
	n := p.node(Call, callee.Start)
	n.Kids = p.link(callee)
	n.TypeArgs = types
	n.Args = p.arguments()
	return p.done(n)
}

func (p *parser) index(of *Node) *Node {
	n := p.node(Index, of.Start)
	mark := len(p.stack)
	p.push(of)
	p.stack = append(p.stack, p.list(p.expr)...)
	n.Kids = p.pop(mark)
	return p.done(n)
}

func (p *parser) postfix(of *Node) *Node {
	n := p.node(Unary, of.Start)
	n.Name = p.name(p.at)
	n.Kids = p.link(of)
	p.next()
	return p.done(n)
}
