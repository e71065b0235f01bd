package island

func (p *parser) swiftStatement() {
	start := p.start()
	if p.accept(kSemi) {
		return
	}
	if p.kind() == kIdent && p.tok(1).kind == kColon && p.word() == wNone { // a label
		switch p.tok(2).word {
		case wFor, wWhile, wRepeat, wIf, wSwitch, wDo:
			p.at += 2
			p.statement()
			return
		}
	}
	if p.swiftDeclares() && p.word() != wCase {
		for _, d := range p.swiftDecl(nil, nil) {
			p.pushDecl(d, start)
		}
		p.accept(kSemi)
		return
	}
	if p.kind() == kIdent && p.word() != wNone && p.swiftKeyword(start) {
		p.accept(kSemi)
		return
	}
	n := p.expr()
	if isStatement(n) && p.ends() {
		p.push(n)
		p.accept(kSemi)
		return
	}
	p.endStatement(start, n)
}

// swiftKeyword pushes a statement that begins with a word, if it is one.
func (p *parser) swiftKeyword(start int) bool {
	switch p.word() {
	case wGuard:
		n := p.node(Guard, start)
		p.next()
		test := p.swiftConditions()
		p.acceptWord(wElse)
		n.Kids = p.link(test, p.block())
		p.push(p.done(n))
	case wFor:
		p.push(p.swiftFor())
	case wWhile:
		n := p.node(While, start)
		p.next()
		n.Kids = p.link(p.swiftConditions(), p.block())
		p.push(p.done(n))
	case wRepeat:
		if p.tok(1).kind != kBrace {
			return false
		}
		n := p.node(While, start)
		n.Name = "do"
		p.next()
		body := p.block()
		test := p.empty()
		if p.acceptWord(wWhile) {
			test = p.expr()
		}
		n.Kids = p.link(test, body)
		p.push(p.done(n))
	case wDo:
		p.push(p.swiftDo())
	case wDefer:
		if p.tok(1).kind != kBrace {
			return false
		}
		n := p.node(Defer, start)
		p.next()
		n.Kids = p.link(p.block())
		p.push(p.done(n))
	case wReturn:
		n := p.node(Return, start)
		p.next()
		if !p.ends() {
			n.Kids = p.link(p.expr())
		}
		p.push(p.done(n))
	case wThrow:
		e := p.node(Expr, start)
		n := p.node(Throw, start)
		p.next()
		n.Kids = p.link(p.expr())
		e.Kids = p.link(p.done(n))
		p.push(p.done(e))
	case wBreak, wContinue, wFallthrough:
		n := p.node(Break, start)
		if p.word() != wBreak {
			n.Kind = Continue
		}
		if p.word() == wFallthrough {
			n.Name = "fallthrough"
		}
		p.next()
		if p.kind() == kIdent && !p.newline() && p.word() == wNone {
			n.Name = p.name(p.at)
			p.next()
		}
		p.push(p.done(n))
	default:
		return false
	}
	return true
}

// swiftConditions parses a, let b = c, case .d(let e) = f: joined by commas, which
// stand for &&.
func (p *parser) swiftConditions() *Node {
	saved := p.mode
	p.mode = mode{lines: false, noTail: true}
	n := p.swiftCondition()
	for p.kind() == kComma {
		p.anchor(n)
		p.next()
		n = p.pair(Binary, ",", n, p.swiftCondition())
	}
	p.mode = saved
	return n
}

func (p *parser) swiftCondition() *Node {
	switch w := p.word(); {
	case p.kind() != kIdent:
	case w == wLet || w == wVar:
		if t := p.tok(1); t.kind != kIdent && t.kind != kParen {
			break
		}
		return p.swiftOptional()
	case w == wCase:
		p.next()
		pattern := p.binary(1)
		if p.accept(kColon) {
			p.swiftTypeText()
		}
		if p.kind() == kAssign {
			pattern = p.assign(pattern)
		}
		return pattern
	}
	return p.expr()
}

// swiftOptional parses let a: T = b and let a.
func (p *parser) swiftOptional() *Node {
	start := p.start()
	m := Final
	if p.word() == wVar {
		m = 0
	}
	p.next()
	if p.kind() == kParen {
		p.binds = true
		pattern := p.swiftParen()
		p.binds = false
		if p.accept(kColon) {
			p.swiftTypeText()
		}
		if p.kind() == kAssign {
			pattern = p.assign(pattern)
		}
		return pattern
	}
	d := p.decl(Variable, start, p.owner)
	d.Modifiers = m
	local := p.node(Local, start)
	p.named(d)
	local.Decl, local.Name = d, d.Name
	p.done(local)
	same := p.node(Ident, d.NameAt)
	same.Name, same.End = d.Name, local.End
	if p.accept(kColon) {
		d.Type = p.swiftTypeText()
	}
	value := same
	if p.accept(kAssign) {
		value = p.expr()
	}
	d.init = p.now(d, value)
	p.finish(d)
	return p.pair(Assign, "=", local, value)
}

// swiftIf parses a chain of else ifs without recursion.
func (p *parser) swiftIf() *Node {
	return p.ifChain(func(p *parser) (test, then *Node) { return p.swiftConditions(), p.block() }, (*parser).wordElse, (*parser).block)
}

func (p *parser) swiftFor() *Node {
	n := p.node(For, p.start())
	n.Name = "in"
	p.next()
	for p.word() == wTry || p.word() == wAwait {
		n.Async = n.Async || p.word() == wAwait
		p.next()
		if p.kind() == kQuestion || p.kind() == kBang {
			p.next()
		}
	}
	saved := p.mode
	p.mode = mode{noTail: true}
	mark := len(p.stack)
	binds := p.word() != wCase
	if !binds {
		p.next()
	}
	if p.word() == wLet || p.word() == wVar {
		p.next()
		binds = true
	}
	p.binds = binds
	p.push(p.binary(1))
	p.binds = false
	if p.accept(kColon) {
		p.swiftTypeText()
	}
	if p.acceptWord(wIn) {
		p.push(p.expr())
	}
	if p.acceptWord(wWhere) {
		p.push(p.expr())
	}
	p.mode = saved
	p.push(p.block())
	n.Kids = p.pop(mark)
	return p.done(n)
}

// swiftDo parses do, with what is caught.
func (p *parser) swiftDo() *Node {
	n := p.node(Do, p.start())
	p.next()
	var m Modifier
	p.swiftEffects(&m)
	mark := len(p.stack)
	p.push(p.block())
	for p.kind() == kIdent && p.word() == wCatch {
		n.Kind = Try
		c := p.node(Catch, p.start())
		c.Name = "error"
		p.next()
		saved := p.mode
		p.mode = mode{noTail: true}
		from := p.at
		for p.kind() != kBrace && !p.ends() {
			before := p.at
			pattern := p.binary(1)
			if name := bound(pattern); p.at > from && p.toks[from].word == wLet && name != "" {
				c.Name = name
			}
			if p.acceptWord(wWhere) {
				p.expr()
			}
			if !p.accept(kComma) && p.at == before {
				p.skip()
			}
		}
		p.mode = saved
		c.Text = p.caught(from, p.at)
		c.Kids = p.link(p.block())
		p.push(p.done(c))
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}

// caught is the type in let e as T, or the pattern as it is written.
func (p *parser) caught(from, to int) string {
	if w := p.toks[from].word; w == wIs || w == wLet && to == from+2 {
		return p.between(min(from+2, to), to)
	}
	for i := from; i < to; i++ {
		if p.toks[i].word == wAs || p.toks[i].word == wIs {
			return p.between(i+1, to)
		}
	}
	return p.between(from, to)
}

func (p *parser) swiftSwitch() *Node {
	n := p.node(Switch, p.start())
	p.next()
	mark := len(p.stack)
	saved := p.mode
	p.mode = mode{noTail: true}
	p.push(p.expr())
	p.mode = saved
	if p.kind() == kBrace {
		p.inside(mode{lines: true}, (*parser).swiftCase)
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}

func (p *parser) swiftCase(closer int) {
	n := p.node(Case, p.start())
	mark := len(p.stack)
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	switch p.word() {
	case wDefault:
		n.Name = "default"
		p.next()
	case wCase:
		p.next()
		p.mode.lines = false
		for p.at < closer && p.kind() != kColon {
			from := p.at
			pattern := p.binary(1)
			if p.word() == wWhere && p.kind() == kIdent {
				p.anchor(pattern)
				p.next()
				pattern = p.pair(Binary, "where", pattern, p.expr())
			}
			if p.at > from {
				p.push(pattern)
			}
			if !p.accept(kComma) && p.kind() != kColon && p.at < closer {
				p.skip()
			}
		}
		p.mode.lines = true
	default:
		return
	}
	p.accept(kColon)
	body := p.node(Block, p.start())
	inner := len(p.stack)
	for p.at < closer && !p.swiftCaseAt(p.at) {
		from := p.at
		p.statement()
		if p.at == from {
			p.skip()
		}
	}
	body.Kids = p.pop(inner)
	p.push(p.done(body))
	n.Kids = p.pop(mark)
	p.push(p.done(n))
}

// swiftCaseAt tells whether the next case begins at a token.
func (p *parser) swiftCaseAt(i int) bool {
	t := &p.toks[i]
	return t.kind == kIdent && (t.word == wCase || t.word == wDefault) ||
		t.kind == kAt && p.toks[i+1].kind == kIdent && p.toks[i+2].word == wDefault
}
