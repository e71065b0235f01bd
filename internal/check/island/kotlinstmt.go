package island

func (p *parser) kotlinStatement() {
	switch {
	case p.kind() == kSemi:
		p.next()
		return
	case p.kotlinDeclares():
		start := p.start()
		for _, d := range p.kotlinDecl(nil, nil) {
			p.pushDecl(d, start)
		}
		return
	}
	for p.kind() == kAt && p.tok(1).kind == kIdent {
		p.at = p.afterAnnotation(p.at)
	}
	switch w := p.word(); {
	case p.kind() != kIdent:
	case w == wFor && p.tok(1).kind == kParen:
		p.push(p.kotlinFor())
		return
	case w == wWhile && p.tok(1).kind == kParen:
		n := p.node(While, p.start())
		p.next()
		n.Kids = p.link(p.condition(), p.body())
		p.push(p.done(n))
		return
	case w == wDo && p.tok(1).kind == kBrace:
		n := p.node(While, p.start())
		n.Name = "do"
		p.next()
		body := p.body()
		test := p.empty()
		if p.acceptWord(wWhile) {
			test = p.condition()
		}
		n.Kids = p.link(test, body)
		p.push(p.done(n))
		return
	}
	start := p.start()
	n := p.expr()
	if isStatement(n) && p.ends() {
		p.push(n)
		p.accept(kSemi)
		return
	}
	p.endStatement(start, n)
}

func (p *parser) kotlinFor() *Node {
	n := p.node(For, p.start())
	n.Name = "in"
	p.next()
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.stack)
	if p.kind() == kParen {
		for _, param := range p.kotlinParams() {
			p.pushParam(param)
		}
	} else {
		for p.kind() == kAt {
			p.at = p.afterAnnotation(p.at)
		}
		if p.kind() == kIdent && p.word() != wIn {
			d := p.decl(Variable, p.start(), p.owner)
			d.Modifiers = Final
			p.named(d)
			if p.accept(kColon) {
				d.Type = p.kotlinTypeText()
			}
			p.pushDecl(p.finish(d), d.Start)
		}
	}
	if p.acceptWord(wIn) {
		p.push(p.untilComma(p.expr(), closer))
	}
	p.pass(open)
	p.mode = saved
	p.push(p.body())
	n.Kids = p.pop(mark)
	return p.done(n)
}

// pushParam makes a local variable of a parameter.
func (p *parser) pushParam(param Param) {
	d := p.decl(Variable, param.Start, p.owner)
	d.Name, d.Type, d.End, d.Modifiers = param.Name, param.Type, param.End, Final
	p.pushDecl(d, d.Start)
}

// kotlinIf parses if (a) b else c.
func (p *parser) kotlinIf() *Node {
	return p.ifChain(func(p *parser) (test, then *Node) {
		saved := p.noTail
		p.noTail = false
		test, then = p.condition(), p.branch()
		p.noTail = saved
		return test, then
	}, (*parser).kotlinElse, (*parser).branch)
}

// branch parses what an if or an entry of a when does: a block of braces is no closure.
func (p *parser) branch() *Node {
	if p.kind() == kBrace {
		return p.block()
	}
	if p.kind() == kSemi || p.word() == wElse && p.kind() == kIdent {
		return p.done(p.node(Block, p.start()))
	}
	mark := len(p.stack)
	start := p.start()
	if !p.enter() {
		return p.tooDeep()
	}
	defer p.leave()
	n := p.expr()
	p.stack = p.stack[:mark]
	if isStatement(n) {
		return n
	}
	e := p.node(Expr, min(start, n.Start))
	e.Kids = p.link(n)
	return p.done(e)
}

// kotlinElse passes over else, which may begin a line.
func (p *parser) kotlinElse() bool {
	if p.kind() == kSemi && p.tok(1).kind == kIdent && p.tok(1).word == wElse {
		p.next()
	}
	if p.kind() != kIdent || p.word() != wElse || p.tok(1).kind == kArrow {
		return false
	}
	p.next()
	return true
}

func (p *parser) kotlinWhen() *Node {
	n := p.node(Switch, p.start())
	p.next()
	mark := len(p.stack)
	if p.kind() == kParen {
		p.push(p.kotlinSubject())
	} else {
		p.push(p.empty())
	}
	if p.kind() == kBrace {
		p.inside(mode{lines: true}, func(p *parser, closer int) {
			if !p.accept(kSemi) {
				p.kotlinEntry(closer)
			}
		})
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}

// kotlinSubject parses (x) or (val a = x).
func (p *parser) kotlinSubject() *Node {
	if w := p.tok(1).word; w != wVal && p.tok(1).kind != kAt {
		return p.condition()
	}
	kids := p.list(func() *Node {
		mark := len(p.stack)
		p.statement()
		if len(p.stack) == mark {
			return p.empty()
		}
		n := p.stack[mark]
		p.stack = p.stack[:mark]
		return n
	})
	if len(kids) == 0 {
		return p.empty()
	}
	return kids[0]
}

// kotlinEntry parses a, in b, is C -> body.
func (p *parser) kotlinEntry(closer int) {
	n := p.node(Case, p.start())
	mark := len(p.stack)
	p.mode.lines = false
	for p.at < closer && p.kind() != kArrow {
		from := p.at
		if p.word() == wElse && p.kind() == kIdent {
			n.Name = "default"
			p.next()
		} else if test := p.kotlinTest(); p.at > from {
			p.push(test)
		}
		if p.word() == wIf && p.kind() == kIdent { // a guard
			p.next()
			if len(p.stack) > mark {
				p.stack[len(p.stack)-1] = p.pair(Binary, "when", p.stack[len(p.stack)-1], p.expr())
			} else {
				p.push(p.expr())
			}
		}
		if !p.accept(kComma) && p.kind() != kArrow && p.at < closer {
			p.skip()
		}
		if p.at == from {
			break
		}
	}
	p.mode.lines = true
	if p.accept(kArrow) {
		body := p.branch()
		if body.Kind != Block {
			b := p.node(Block, body.Start)
			b.Kids = p.link(body)
			body = p.done(b)
		}
		p.push(body)
	}
	n.Kids = p.pop(mark)
	p.push(p.done(n))
}

func (p *parser) kotlinTest() *Node {
	start, from := p.start(), p.at
	if p.kind() == kBang {
		p.next()
	}
	w := p.word()
	if p.kind() != kIdent || w != wIs && w != wIn {
		p.at = from
		return p.expr()
	}
	p.next()
	n := p.node(Unary, start)
	n.Name = p.between(from, p.at)
	if w == wIn {
		n.Kids = p.link(p.expr())
	} else {
		typ := p.node(Ident, p.start())
		typ.Name = p.kotlinTypeText()
		n.Kids = p.link(p.done(typ))
	}
	return p.done(n)
}

func (p *parser) kotlinTry() *Node {
	n := p.node(Try, p.start())
	p.next()
	mark := len(p.stack)
	p.push(p.block())
	for p.kind() == kIdent && (p.word() == wCatch || p.word() == wFinally) {
		c := p.node(Catch, p.start())
		if p.word() == wFinally {
			c.Kind = Finally
		}
		p.next()
		if p.kind() == kParen && c.Kind == Catch {
			c.Params = p.kotlinParams()
			if len(c.Params) > 0 {
				c.Name, c.Text = c.Params[0].Name, c.Params[0].Type
			}
		}
		c.Kids = p.link(p.block())
		p.push(p.done(c))
		if c.Kind == Finally {
			break
		}
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}
