package island

func (p *parser) swiftExpr() *Node {
	n := p.binary(1)
	switch k := p.kind(); {
	case k == kQuestion && (!p.newline() || p.continues()):
		n = p.conditional(n)
		if k := p.kind(); k != kAssign {
			return n
		}
		fallthrough
	case (k == kAssign || k == kOpAssign) && (!p.newline() || p.continues()):
		n = p.assign(n)
	}
	return n
}

func (p *parser) swiftWordOperator(left *Node, least uint8) (*Node, bool) {
	const cast = 5
	w := p.word()
	if w != wAs && w != wIs || least > cast {
		return left, false
	}
	from := p.at
	p.next()
	if w == wAs && p.touches(0) && (p.kind() == kQuestion || p.kind() == kBang) {
		p.next()
	}
	op := p.between(from, p.at)
	typ := p.node(Ident, p.start())
	typ.Name = p.swiftTypeText()
	return p.pair(Binary, op, left, p.done(typ)), true
}

func (p *parser) swiftUnary() *Node {
	switch k := p.kind(); k {
	case kBang, kMinus, kPlus, kTilde, kAmp, kEllipsis, kRange, kCustom:
		if (k == kEllipsis) && p.tok(1).kind.closes() {
			return p.simple(Ident)
		}
		n := p.node(Unary, p.start())
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kIdent:
		switch p.word() {
		case wTry:
			n := p.node(Unary, p.start())
			from := p.at
			p.next()
			if p.touches(0) && (p.kind() == kQuestion || p.kind() == kBang) {
				p.next()
			}
			n.Name = p.between(from, p.at)
			n.Kids = p.link(p.operand())
			return p.done(n)
		case wAwait:
			if t := p.tok(1); t.kind != kIdent && t.kind != kParen && t.kind != kBracket && t.kind != kDot &&
				t.kind != kString && t.kind != kBrace && t.kind != kHash {
				break
			}
			n := p.node(Await, p.start())
			p.next()
			n.Kids = p.link(p.operand())
			return p.done(n)
		case wLet, wVar:
			return p.swiftBinding()
		case wIs: // in a pattern
			n := p.node(Unary, p.start())
			n.Name = "is"
			p.next()
			typ := p.node(Ident, p.start())
			typ.Name = p.swiftTypeText()
			n.Kids = p.link(p.done(typ))
			return p.done(n)
		case wNone:
			if t := p.tok(1); t.kind == kIdent && t.flags&afterLine == 0 && !p.g.reserved.has(t.word) {
				if name := p.name(p.at); name == "consume" || name == "copy" || name == "each" {
					p.next()
				}
			}
		case wAny, wSome:
			if t := p.tok(1); t.kind == kIdent && t.flags&afterLine == 0 && !p.g.reserved.has(t.word) {
				p.next()
			}
		}
	}
	return p.swiftSelectors(p.swiftPrimary())
}

// swiftBinding parses let and the pattern after it, whose names are new variables.
func (p *parser) swiftBinding() *Node {
	p.next()
	saved := p.binds
	p.binds = true
	n := p.operand()
	p.binds = saved
	return n
}

// swiftSelectors parses .name, calls, indexes and marks after an operand.
func (p *parser) swiftSelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	aware := false // a ? was read
	for count := 0; ; count++ {
		if count > maxChain {
			if k := p.kind(); k == kDot || k == kQuestionDot || (k.opens() || k == kIdent) && !p.newline() {
				p.skip()
				continue
			}
			return n
		}
		switch k := p.kind(); k {
		case kDot, kQuestionDot:
			t := p.tok(1)
			if t.kind != kIdent && t.kind != kNumber || t.flags&afterLine != 0 {
				return n
			}
			m := p.node(Member, n.Start)
			m.NullAware = k == kQuestionDot || aware
			m.Name = p.name(p.at + 1)
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case kParen:
			if p.newline() || !callable(n) && n.Kind != List && n.Kind != Map && n.Kind != Closure && n.Kind != Unary {
				return n
			}
			if end := p.labelsOnly(p.at); end > 0 {
				n.Text = p.between(p.at, end)
				p.at = end
				p.done(n)
				continue
			}
			n = p.swiftTailed(p.call(n, nil))
		case kBracket:
			if p.newline() || !p.touches(0) {
				return n
			}
			n = p.swiftIndex(n)
			n.NullAware = aware
		case kQuestion:
			if !p.touches(0) {
				return n
			}
			p.next()
			aware = true
			continue
		case kBang:
			if !p.touches(0) {
				return n
			}
			n = p.postfix(n)
		case kLess:
			if n.Kind != Ident && n.Kind != Member || !p.touches(0) {
				return n
			}
			i := p.typeArgs(p.at)
			if i < 0 || !p.afterTypeArgs(i) && p.toks[i].kind != kBrace && p.toks[i].kind != kBang {
				return n
			}
			types := p.typeList(p.at, i)
			p.at = i
			switch {
			case p.kind() == kParen && !p.newline():
				n = p.swiftTailed(p.call(n, types))
			case p.kind() == kBrace && !p.noTail && !p.newline():
				n = p.swiftTailed(n)
				n.TypeArgs = types
			}
		case kBrace:
			m := p.swiftTailed(n)
			if m == n {
				return n
			}
			n = m
		default:
			return n
		}
		aware = false
	}
}

// labelsOnly is the index after (_:with:), which names a function; -1 without.
func (p *parser) labelsOnly(i int) int {
	closer := int(p.toks[i].aux)
	if i++; i == closer || p.toks[closer].kind != kParenEnd {
		return -1
	}
	for ; i < closer; i += 2 {
		if p.toks[i].kind != kIdent || p.toks[i+1].kind != kColon {
			return -1
		}
	}
	return closer + 1
}

func (p *parser) swiftIndex(of *Node) *Node {
	n := p.node(Index, of.Start)
	mark := len(p.stack)
	p.push(of)
	p.stack = append(p.stack, p.list(func() *Node {
		if p.kind() == kIdent && p.tok(1).kind == kColon { // default:
			p.at += 2
		}
		return p.expr()
	})...)
	n.Kids = p.pop(mark)
	return p.done(n)
}

// swiftTailed gives a call the closures that follow it; n itself where none does.
func (p *parser) swiftTailed(n *Node) *Node {
	if p.noTail || p.newline() || p.kind() != kBrace || !callable(n) || p.observed() {
		return n
	}
	mark := len(p.argStack)
	if n.Kind == Call && p.toks[p.at-1].kind == kParenEnd {
		p.argStack = append(p.argStack, n.Args...)
	} else {
		call := p.node(Call, n.Start)
		call.Kids = p.link(n)
		n = call
	}
	closure := p.swiftClosure()
	p.argStack = append(p.argStack, Arg{Span: closure.Span, Value: closure})
	for p.kind() == kIdent && p.tok(1).kind == kColon && p.tok(2).kind == kBrace && !p.newline() && p.word() != wDefault {
		a := Arg{Span: Span{Start: p.start()}, Label: p.name(p.at)}
		p.at += 2
		a.Value = p.swiftClosure()
		a.End = p.prevEnd()
		p.argStack = append(p.argStack, a)
	}
	n.Args = p.popArgs(mark)
	return p.done(n)
}

// observed tells whether the brace that comes next holds the observers of a property.
func (p *parser) observed() bool {
	if t := p.tok(1); t.kind != kIdent || t.word != wNone {
		return false
	}
	name := p.name(p.at + 1)
	return (name == "didSet" || name == "willSet") && p.accessorAt(p.at+1)
}

// swiftClosure parses { [weak self] (a: A, b) async throws -> C in ... }.
func (p *parser) swiftClosure() *Node {
	n := p.node(Closure, p.start())
	open := p.at
	closer := int(p.toks[open].aux)
	saved, binds := p.mode, p.binds
	p.mode, p.binds = mode{lines: true}, false
	p.next()
	if in := p.inAt(p.at, closer); in > 0 {
		p.swiftSignature(n, in)
		p.at = in + 1
	}
	body := p.node(Block, p.start())
	body.Kids = p.statements(closer)
	p.done(body)
	p.pass(open)
	p.mode, p.binds = saved, binds
	n.Kids = p.link(body)
	return p.done(n)
}

// inAt is the index of the in after the signature of a closure; -1 without.
func (p *parser) inAt(i, end int) int {
	from := i
	for n := 0; i < end && n < 128; n++ {
		p.steps++
		t := &p.toks[i]
		if t.flags&afterLine != 0 && i > from && t.kind != kArrow {
			if before := p.toks[i-1].kind; before != kComma && before != kBracketEnd && before != kArrow && t.word != wIn {
				return -1
			}
		}
		switch t.kind {
		case kIdent:
			if t.word == wIn {
				return i
			}
			if p.g.reserved.has(t.word) && t.word != wThrows && t.word != wRethrows {
				return -1
			}
		case kComma, kColon, kDot, kQuestion, kArrow, kAmp, kEllipsis:
		case kBang:
		case kAt:
			i = p.afterAnnotation(i)
			continue
		case kLess:
			j := p.typeArgs(i)
			if j < 0 {
				return -1
			}
			i = j
			continue
		case kParen, kBracket:
			i = p.after(i)
			continue
		default:
			return -1
		}
		i++
	}
	return -1
}

func (p *parser) swiftSignature(n *Node, in int) {
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	if p.kind() == kBracket {
		if from, to := p.at+1, int(p.toks[p.at].aux); to > from {
			n.Text = p.between(from, to)
		}
		p.at = p.after(p.at)
	}
	var m Modifier
	switch {
	case p.kind() == kParen:
		n.Params = p.swiftParams()
		for i := range n.Params {
			n.Params[i].Label = ""
		}
	default:
		for p.at < in && p.kind() == kIdent && p.word() != wAsync && p.word() != wThrows {
			param := Param{Span: Span{p.start(), p.f.tokens.end(p.at)}, Name: p.name(p.at)}
			n.Params = append(n.Params, param)
			p.next()
			if !p.accept(kComma) {
				break
			}
		}
	}
	p.swiftEffects(&m)
	n.Async = m&Async != 0
}

func (p *parser) swiftPrimary() *Node {
	start := p.start()
	switch p.kind() {
	case kIdent:
		return p.swiftWord()
	case kNumber:
		n := p.node(Number, start)
		n.Text = p.name(p.at)
		p.next()
		return p.done(n)
	case kString, kStringOpen:
		return p.str()
	case kParen:
		return p.swiftParen()
	case kBracket:
		return p.listOrMap()
	case kBrace:
		if !p.noTail {
			return p.swiftClosure()
		}
	case kDot:
		if t := p.tok(1); t.kind == kIdent && t.flags&afterLine == 0 { // of the type that is expected
			return p.node(Ident, start)
		}
	case kBackslash:
		return p.keyPath()
	case kHash:
		if p.tok(1).kind == kIdent {
			return p.swiftHash()
		}
	case kAt:
		if p.tok(1).kind == kIdent {
			p.at = p.afterAnnotation(p.at)
			return p.swiftPrimary()
		}
	case kEqual, kLess, kGreater, kSlash, kStar, kOrOr, kAndAnd, kLessEqual, kGreaterEqual, kPipe, kCaret:
		if k := p.tok(1).kind; k == kParenEnd || k == kComma { // an operator as a function
			return p.simple(Ident)
		}
	}
	return p.empty()
}

// keyPath parses \.a.b and \A.b.
func (p *parser) keyPath() *Node {
	n := p.node(Unknown, p.start())
	p.next()
	for first := true; ; first = false {
		switch k := p.kind(); {
		case k == kIdent && first:
			p.next()
			p.passTypeArgs()
		case (k == kDot || k == kQuestionDot) && (p.tok(1).kind == kIdent || p.tok(1).kind == kNumber):
			p.at += 2
		case k == kDot && p.tok(1).kind == kBracket:
			p.next()
		case k == kBracket && p.touches(0):
			p.at = p.after(p.at)
		case (k == kBang || k == kQuestion) && p.touches(0):
			p.next()
		default:
			p.done(n)
			n.Text = p.text[n.Start:n.End]
			return n
		}
	}
}

// swiftHash parses #selector(...), #available(...), #file.
func (p *parser) swiftHash() *Node {
	n := p.node(Ident, p.start())
	p.next()
	name := p.name(p.at)
	p.next()
	p.done(n)
	n.Name = "#" + name
	if name != "available" && name != "unavailable" || p.kind() != kParen {
		return n
	}
	call := p.node(Call, n.Start)
	call.Kids = p.link(n)
	from := p.at + 1
	p.at = p.after(p.at)
	if p.at-1 > from {
		systems := p.node(Unknown, int(p.toks[from].start))
		systems.End = p.f.tokens.end(p.at - 2)
		systems.Text = p.text[systems.Start:systems.End]
		mark := len(p.argStack)
		p.argStack = append(p.argStack, Arg{Span: systems.Span, Value: systems})
		call.Args = p.popArgs(mark)
	}
	return p.done(call)
}

func (p *parser) swiftWord() *Node {
	switch p.word() {
	case wTrue, wFalse:
		return p.simple(Bool)
	case wNil:
		return p.simple(Null)
	case wSelf:
		return p.simple(This)
	case wSuper:
		return p.simple(Super)
	case wIf:
		return p.swiftIf()
	case wSwitch:
		return p.swiftSwitch()
	case wThrow, wReturn:
		mark := len(p.stack)
		p.swiftStatement()
		if len(p.stack) > mark {
			n := p.stack[mark]
			p.stack = p.stack[:mark]
			return n
		}
		return p.empty()
	}
	if p.g.reserved.has(p.word()) {
		return p.empty()
	}
	if k := p.tok(1).kind; p.binds && k != kParen && k != kDot && k != kLess {
		d := p.decl(Variable, p.start(), p.owner)
		n := p.node(Local, p.start())
		d.Modifiers = Final
		p.named(d)
		p.finish(d)
		n.Decl, n.Name = d, d.Name
		return p.done(n)
	}
	return p.simple(Ident)
}

// swiftParen parses a tuple, or what is in parentheses.
func (p *parser) swiftParen() *Node {
	start := p.start()
	labels := false
	kids := p.list(func() *Node {
		if p.kind() != kIdent || p.tok(1).kind != kColon {
			return p.expr()
		}
		labels = true
		key := p.simple(Ident)
		p.next()
		return p.pair(Pair, "", key, p.expr())
	})
	if len(kids) == 1 && !labels {
		return kids[0]
	}
	n := p.node(List, start)
	n.Name = "()"
	n.Kids = kids
	return p.done(n)
}
