package island

// isStatement tells what stands for itself, without an Expr around it.
func isStatement(n *Node) bool { return n.Kind >= Block }

// endStatement pushes an expression as a statement. What else stands before the
// semicolon is islands of it.
func (p *parser) endStatement(start int, n *Node) {
	n = p.untilSemi(n)
	e := p.node(Expr, min(start, n.Start))
	e.Kids = p.link(n)
	p.accept(kSemi)
	p.done(e)
	if e.End > e.Start {
		p.push(e)
	}
}

// untilSemi takes what stands before the end of the statement into an Unknown.
func (p *parser) untilSemi(n *Node) *Node {
	if p.ends() {
		return n
	}
	p.anchor(n)
	u := p.node(Unknown, n.Start)
	mark := len(p.stack)
	if n.End > n.Start {
		p.push(n)
	}
	for !p.ends() {
		if p.kind() == kBrace && p.at > 0 && p.toks[p.at-1].kind != kComma {
			break // more likely a block of its own
		}
		p.island()
	}
	u.Kids = p.pop(mark)
	return p.done(u)
}

// ends tells whether a statement ends before the next token.
func (p *parser) ends() bool {
	k := p.kind()
	return k == kSemi || k == kEOF || k.closes() || p.newline()
}

// pushDecl makes a statement of a declaration.
func (p *parser) pushDecl(d *Decl, start int) {
	d.Parent = p.owner
	k := LocalFn
	if d.Kind == Variable {
		k = Local
	}
	n := p.node(k, min(start, d.Start))
	if k == Local {
		n.Start = d.Start
	}
	n.Decl, n.Name, n.End = d, d.Name, d.End
	if l := d.init; l != nil {
		at, saved := p.at, p.mode
		if l.how != nil {
			p.mode = mode{lines: p.lines}
			p.parse(l)
		}
		p.at, p.mode = max(p.at, at), saved
		n.Kids = p.link(l.node)
	}
	p.push(n)
}

// optional parses the value of a statement that may have none, and pushes it.
func (p *parser) optional(n *Node) {
	if !p.ends() {
		n.Kids = p.link(p.untilSemi(p.expr()))
	}
	p.accept(kSemi)
	p.push(p.done(n))
}

// condition parses what is in parentheses.
func (p *parser) condition() *Node {
	if p.kind() != kParen {
		return p.empty()
	}
	return p.group()
}

// block parses statements in braces.
func (p *parser) block() *Node {
	n := p.node(Block, p.start())
	if p.kind() != kBrace {
		return p.done(n)
	}
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{lines: p.g.lines}
	p.next()
	n.Kids = p.statements(closer)
	p.pass(open)
	p.mode = saved
	return p.done(n)
}

// statements parses up to a token.
func (p *parser) statements(end int) []*Node {
	mark := len(p.stack)
	for p.at < end {
		from := p.at
		p.statement()
		if p.at == from {
			p.skip()
		}
	}
	return p.pop(mark)
}

// statement pushes the next statement, or several for one declaration of several
// variables.
func (p *parser) statement() {
	if !p.enter() {
		p.skip()
		return
	}
	defer p.leave()
	switch p.f.Lang {
	case Kotlin:
		p.kotlinStatement()
	case Swift:
		p.swiftStatement()
	case Groovy:
		p.groovyStatement()
	case Java, ObjC:
		p.cStatement()
	default:
		p.dartStatement()
	}
}

// body parses the statement of an if or a loop, as a Block where it has braces.
func (p *parser) body() *Node {
	if p.kind() == kBrace {
		return p.block()
	}
	mark := len(p.stack)
	start := p.start()
	p.statement()
	switch len(p.stack) - mark {
	case 0:
		return p.done(p.node(Block, start))
	case 1:
		n := p.stack[mark]
		p.stack = p.stack[:mark]
		return n
	}
	n := p.node(Block, start)
	n.Kids = p.pop(mark)
	return p.done(n)
}

// inside parses what is in the brackets that begin here, one after another.
func (p *parser) inside(m mode, one func(p *parser, closer int)) {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = m
	p.next()
	for p.at < closer {
		from := p.at
		one(p, closer)
		if p.at == from {
			p.skip()
		}
	}
	p.pass(open)
	p.mode = saved
}

// ifChain parses a chain of else ifs without recursion: some are long. head parses a condition and what
// it leads to, orElse takes the word else where it is there, and body parses what is behind the last.
func (p *parser) ifChain(head func(*parser) (test, then *Node), orElse func(*parser) bool, body func(*parser) *Node) *Node {
	first := p.node(If, p.start())
	chain := []*Node{first}
	for n := first; ; {
		p.next()
		test, then := head(p)
		if !orElse(p) {
			n.Kids = p.link(test, then)
			break
		}
		if p.word() != wIf || p.f.Lang != Swift && p.tok(1).kind != kParen || len(chain) > maxChain {
			n.Kids = p.link(test, then, body(p))
			break
		}
		next := p.node(If, p.start())
		n.Kids = p.link(test, then, next)
		n = next
		chain = append(chain, n)
	}
	for _, n := range chain {
		p.done(n)
	}
	return first
}

// wordElse takes the word else.
func (p *parser) wordElse() bool { return p.kind() == kIdent && p.acceptWord(wElse) }
