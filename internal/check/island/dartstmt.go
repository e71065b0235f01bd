package island

func (p *parser) dartStatement() {
	if p.dartAssigns() {
		start := p.start()
		p.endStatement(start, p.assign(p.dartPattern()))
		return
	}
	switch p.kind() {
	case kBrace:
		p.push(p.block())
		return
	case kSemi:
		p.next()
		return
	case kAt:
		p.dartLocal()
		return
	case kIdent:
		if p.word() != wNone && p.dartKeyword() {
			return
		}
		if p.dartDeclares() {
			p.dartLocal()
			return
		}
		if p.tok(1).kind == kColon { // a label
			p.at += 2
			p.statement()
			return
		}
	case kParen:
		if i := p.dartRecordType(p.at); i > 0 && p.declaredAt(i) {
			p.dartLocal()
			return
		}
	}
	p.endStatement(p.start(), p.expr())
}

// dartAssigns tells whether (a, b) = f() comes next, or what is like it.
func (p *parser) dartAssigns() bool {
	i := p.at
	switch p.kind() {
	case kBrace, kBracket, kParen:
	case kIdent:
		if p.tok(1).kind != kParen && p.tok(1).kind != kDot && p.tok(1).kind != kLess {
			return false
		}
		if i = p.dartPlainType(p.at); i < 0 || p.toks[i].kind != kParen {
			return false
		}
	default:
		return false
	}
	i = p.after(i)
	return p.toks[i].kind == kAssign && p.toks[i-1].kind.closes()
}

// dartDeclares tells whether a declaration comes next.
func (p *parser) dartDeclares() bool {
	if t := p.tok(1); t.kind == kParen || t.kind == kLess {
		if p.dartFunctionAt(p.at) {
			return true
		}
		if t.kind == kParen && p.word() != wFunction {
			return false
		}
	}
	i := p.dartType(p.at)
	return i > 0 && p.declaredAt(i)
}

// declaredAt tells whether the token at i is a name that is declared.
func (p *parser) declaredAt(i int) bool {
	t := &p.toks[i]
	if t.kind != kIdent || p.g.reserved.has(t.word) {
		return false
	}
	switch p.toks[i+1].kind {
	case kAssign, kSemi, kComma:
		return t.word != wAs
	case kParen, kLess:
		return p.dartFunctionAt(i) || (t.word == wGet || t.word == wSet)
	case kFatArrow, kBrace:
		return p.toks[i-1].word == wGet
	}
	return false
}

// dartFunctionAt tells whether the name at i is one of a function with a body.
func (p *parser) dartFunctionAt(i int) bool {
	i++
	if p.toks[i].kind == kLess {
		if i = p.typeArgs(i); i < 0 {
			return false
		}
	}
	if p.toks[i].kind != kParen || !p.closed(i) {
		return false
	}
	t := &p.toks[p.after(i)]
	return t.kind == kBrace || t.kind == kFatArrow || t.kind == kIdent && (t.word == wAsync || t.word == wSync)
}

// dartLocal pushes local variables or a local function.
func (p *parser) dartLocal() {
	start := p.at
	from := p.start()
	p.annotations()
	if w := p.word(); (w == wVar || w == wFinal || w == wLate || w == wConst) && p.dartDestructures() {
		return
	}
	p.at = start
	skipped := len(p.f.Skipped)
	decls := p.dartDecl(nil, nil)
	if len(decls) == 0 && len(p.f.Skipped) > skipped {
		return
	}
	for _, d := range decls {
		p.pushDecl(d, from)
	}
}

// dartDestructures pushes the variables of var (a, b) = f();.
func (p *parser) dartDestructures() bool {
	i := p.at
	for isDartModifier.has(p.toks[i].word) {
		i++
	}
	switch p.toks[i].kind {
	case kParen, kBracket, kBrace:
		if p.toks[p.after(i)].kind != kAssign {
			return false
		}
	case kIdent:
		j := p.dartPlainType(i)
		if j < 0 || p.toks[j].kind != kParen || p.toks[p.after(j)].kind != kAssign {
			return false
		}
	default:
		return false
	}
	start := p.start()
	p.at = i
	saved := p.binds
	p.binds = true
	pattern := p.dartPattern()
	p.binds = saved
	if p.kind() == kAssign {
		pattern = p.assign(pattern)
	}
	p.endStatement(start, pattern)
	return true
}

// dartPlainType is the index after a name with its prefix and type arguments.
func (p *parser) dartPlainType(i int) int {
	if p.toks[i].kind != kIdent || p.g.reserved.has(p.toks[i].word) {
		return -1
	}
	i++
	for p.toks[i].kind == kDot && p.toks[i+1].kind == kIdent {
		i += 2
	}
	if p.toks[i].kind == kLess {
		return p.typeArgs(i)
	}
	return i
}

// dartKeyword pushes a statement that begins with a word, if it is one.
func (p *parser) dartKeyword() bool {
	start := p.start()
	switch p.word() {
	case wIf:
		p.push(p.dartIf())
	case wFor:
		p.push(p.dartFor((*parser).body))
	case wAwait:
		if p.tok(1).word != wFor {
			return p.awaited()
		}
		p.push(p.dartFor((*parser).body))
	case wWhile:
		n := p.node(While, start)
		p.next()
		n.Kids = p.link(p.condition(), p.body())
		p.push(p.done(n))
	case wDo:
		n := p.node(While, start)
		n.Name = "do"
		p.next()
		body := p.body()
		if p.acceptWord(wWhile) {
			n.Kids = p.link(p.condition(), body)
			p.accept(kSemi)
		} else {
			n.Kids = p.link(p.empty(), body)
		}
		p.push(p.done(n))
	case wSwitch:
		if p.tok(1).kind != kParen {
			return false
		}
		n := p.dartSwitch()
		if !p.ends() && p.kind() == kDot {
			n = p.dartSelectors(n)
		}
		p.push(n)
	case wTry:
		p.push(p.dartTry())
	case wReturn:
		n := p.node(Return, start)
		p.next()
		p.optional(n)
	case wThrow, wRethrow:
		p.endStatement(start, p.expr())
	case wBreak, wContinue:
		n := p.node(Break, start)
		if p.word() == wContinue {
			n.Kind = Continue
		}
		p.next()
		if p.kind() == kIdent {
			n.Name = p.name(p.at)
			p.next()
		}
		p.accept(kSemi)
		p.push(p.done(n))
	case wYield:
		if t := p.tok(1); t.kind == kAssign || t.kind == kDot || t.kind == kSemi || t.kind == kParen && p.toks[p.after(p.at+1)].kind == kBrace {
			return false
		}
		n := p.node(Yield, start)
		p.next()
		if p.accept(kStar) {
			n.Name = "*"
		}
		p.optional(n)
	case wVar, wFinal, wConst, wLate:
		if p.word() == wConst && !p.dartConstDeclares() {
			return false
		}
		if p.word() == wLate && p.tok(1).kind != kIdent {
			return false
		}
		p.dartLocal()
	case wClass, wEnum:
		p.dartLocal()
	case wElse, wCatch, wFinally, wCase, wDefault:
		p.skip()
	default:
		return false
	}
	return true
}

// awaited pushes a statement that begins with await.
func (p *parser) awaited() bool {
	if !p.operandFollows() {
		return false
	}
	p.endStatement(p.start(), p.expr())
	return true
}

// dartConstDeclares tells a constant from an object that is made and thrown away.
func (p *parser) dartConstDeclares() bool {
	i := p.at + 1
	if p.toks[i].kind == kIdent && p.toks[i+1].kind == kAssign {
		return true
	}
	i = p.dartType(i)
	return i > 0 && p.toks[i].kind == kIdent
}

// dartCondition parses the condition of an if, which may have a pattern.
func (p *parser) dartCondition() *Node {
	if p.kind() != kParen {
		return p.empty()
	}
	kids := p.list(func() *Node {
		n := p.expr()
		if !p.acceptWord(wCase) {
			return n
		}
		test := p.node(Binary, min(n.Start, p.prevEnd()))
		test.Name = "case"
		pattern := p.dartPattern()
		if p.acceptWord(wWhen) {
			test.Kids = p.link(n, pattern, p.expr())
		} else {
			test.Kids = p.link(n, pattern)
		}
		return p.done(test)
	})
	if len(kids) == 1 {
		return kids[0]
	}
	n := p.node(Unknown, p.start())
	n.Kids = kids
	if len(kids) > 0 {
		n.Start = kids[0].Start
	}
	return p.done(n)
}

// dartIf parses if (a) b else c, and if (a case b).
func (p *parser) dartIf() *Node {
	return p.ifChain(func(p *parser) (test, then *Node) { return p.dartCondition(), p.body() }, (*parser).wordElse, (*parser).body)
}

// dartFor parses a loop over statements, or over the elements of a collection.
func (p *parser) dartFor(body func(*parser) *Node) *Node {
	n := p.node(For, p.start())
	n.Async = p.acceptWord(wAwait)
	p.next()
	mark := len(p.stack)
	if p.kind() == kParen {
		p.dartForHeader(n)
	}
	p.push(body(p))
	n.Kids = p.pop(mark)
	return p.done(n)
}

func (p *parser) dartForHeader(n *Node) {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	if in := p.wordBefore(wIn, closer); in > 0 {
		n.Name = "in"
		p.dartLoopVariable(in)
		p.at = max(p.at, in)
		p.next()
		p.push(p.untilComma(p.expr(), closer))
	} else {
		for p.at < closer {
			from := p.at
			if p.kind() == kAt || p.kind() == kIdent && (p.word() == wVar || p.word() == wFinal || p.dartDeclares()) {
				p.dartLocal()
			} else if p.kind() != kSemi {
				p.push(p.expr())
			}
			if !p.accept(kSemi) && !p.accept(kComma) && p.at == from {
				p.skip()
			}
		}
	}
	p.pass(open)
	p.mode = saved
}

// wordBefore is the index of the first such word of this level before end; -1 without.
func (p *parser) wordBefore(w word, end int) int {
	for i := p.at; i < end && p.toks[i].kind != kSemi; i = p.after(i) {
		if p.toks[i].kind == kIdent && p.toks[i].word == w {
			return i
		}
	}
	return -1
}

// dartLoopVariable pushes the variable of for (var a in b), the pattern, or what is
// assigned.
func (p *parser) dartLoopVariable(in int) {
	p.annotations()
	declares := false
	for isDartModifier.has(p.word()) && p.at < in-1 {
		declares = true
		p.next()
	}
	if i := p.dartType(p.at); i == in-1 && p.toks[i].kind == kIdent || declares && p.at == in-1 && p.kind() == kIdent {
		d := p.decl(Variable, p.start(), p.owner)
		if p.at < in-1 {
			d.Type = p.between(p.at, i)
			p.at = i
		}
		p.dartName(d)
		p.finish(d)
		p.pushDecl(d, d.Start)
		return
	}
	saved := p.binds
	p.binds = declares
	p.push(p.dartPattern())
	p.binds = saved
	for p.at < in {
		p.skip()
	}
}

func (p *parser) dartTry() *Node {
	n := p.node(Try, p.start())
	p.next()
	mark := len(p.stack)
	p.push(p.block())
	for p.kind() == kIdent {
		c := p.node(Catch, p.start())
		switch p.word() {
		case wOn:
			p.next()
			from := p.at
			if i := p.dartType(p.at); i > 0 {
				p.at = i
			}
			c.Text = p.between(from, p.at)
			if p.acceptWord(wCatch) {
				p.dartCaught(c)
			}
		case wCatch:
			p.next()
			p.dartCaught(c)
		case wFinally:
			c.Kind = Finally
			p.next()
		default:
			n.Kids = p.pop(mark)
			return p.done(n)
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

// dartCaught parses (e) or (e, stack).
func (p *parser) dartCaught(c *Node) {
	if p.kind() == kParen {
		c.Params = p.dartParams()
	}
	for i := range c.Params {
		if q := &c.Params[i]; q.Name == "" {
			q.Name, q.Type = q.Type, ""
		}
	}
	if len(c.Params) > 0 {
		c.Name = c.Params[0].Name
	}
}
