package island

// Statements as C has them, which Java, Objective-C and Groovy share.

func (p *parser) cStatement() {
	start := p.start()
	switch p.kind() {
	case kBrace:
		p.push(p.block())
		return
	case kSemi:
		p.next()
		return
	case kAt:
		if p.f.Lang == ObjC {
			if p.objcStatement() {
				return
			}
		} else if i := p.afterAnnotations(p.at); i > p.at && p.toks[i].kind == kIdent {
			p.cLocal()
			return
		}
	case kIdent:
		if p.tok(1).kind == kColon && p.word() != wDefault && p.f.Lang != Groovy { // a label
			p.at += 2
			p.statement()
			return
		}
		if p.word() != wNone && p.cKeyword(start) {
			return
		}
		if p.cDeclares() {
			p.cLocal()
			return
		}
	}
	n := p.expr()
	if isStatement(n) && n.Kind != LocalFn && p.ends() {
		p.push(n)
		return
	}
	p.endStatement(start, n)
}

// cKeyword pushes a statement that begins with a word, if it is one.
func (p *parser) cKeyword(start int) bool {
	switch p.word() {
	case wIf:
		p.push(p.cIf())
	case wFor:
		p.push(p.cFor())
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
		test := p.empty()
		if p.acceptWord(wWhile) {
			test = p.condition()
		}
		p.accept(kSemi)
		n.Kids = p.link(test, body)
		p.push(p.done(n))
	case wSwitch:
		if p.tok(1).kind != kParen {
			return false
		}
		p.push(p.cSwitch())
	case wTry:
		p.push(p.cTry())
	case wSynchronized:
		if p.tok(1).kind != kParen {
			return false
		}
		p.next()
		p.push(p.condition())
		p.push(p.block())
	case wReturn:
		n := p.node(Return, start)
		p.next()
		p.optional(n)
	case wYield:
		if k := p.tok(1).kind; p.f.Lang != Java || k != kIdent && k != kNumber && k != kString {
			return false
		}
		n := p.node(Yield, start)
		p.next()
		p.optional(n)
	case wThrow:
		n := p.node(Throw, start)
		p.next()
		n.Kids = p.link(p.expr())
		p.endStatement(start, p.done(n))
	case wAssert:
		n := p.node(Call, start)
		n.Kids = p.link(p.simple(Ident))
		mark := len(p.argStack)
		for !p.ends() {
			from := p.at
			value := p.expr()
			p.argStack = append(p.argStack, Arg{Span: value.Span, Value: value})
			if !p.accept(kColon) && !p.accept(kComma) && p.at == from {
				p.skip()
			}
		}
		n.Args = p.popArgs(mark)
		p.endStatement(start, p.done(n))
	case wBreak, wContinue:
		n := p.node(Break, start)
		if p.word() == wContinue {
			n.Kind = Continue
		}
		p.next()
		if p.kind() == kIdent && !p.ends() {
			n.Name = p.name(p.at)
			p.next()
		}
		p.accept(kSemi)
		p.push(p.done(n))
	case wElse, wCatch, wFinally:
		p.skip()
	case wClass, wEnum, wFinal, wInterface, wAbstract, wVar, wDef, wStatic:
		if k := p.tok(1).kind; k != kIdent && (k != kParen || p.word() != wDef) && k != kAt {
			return false
		}
		if p.f.Lang == ObjC && p.word() == wEnum {
			return false
		}
		p.cLocal()
	default:
		return false
	}
	return true
}

// cIf parses if (a) b else c.
func (p *parser) cIf() *Node {
	return p.ifChain(func(p *parser) (test, then *Node) { return p.condition(), p.body() }, (*parser).wordElse, (*parser).body)
}

// cFor parses for (a; b; c), for (T a : b) and for (a in b).
func (p *parser) cFor() *Node {
	n := p.node(For, p.start())
	p.next()
	mark := len(p.stack)
	if p.kind() == kParen {
		open := p.at
		closer := int(p.toks[open].aux)
		saved := p.mode
		p.mode = mode{}
		p.next()
		for p.at < closer {
			from := p.at
			switch {
			case p.cLoopVariable(closer):
				n.Name = "in"
				p.push(p.untilComma(p.expr(), closer))
			case p.kind() == kIdent && (p.word() == wFinal || p.word() == wVar || p.word() == wDef || p.cDeclares()):
				p.cLocal()
			case p.kind() != kSemi:
				p.push(p.expr())
			}
			if !p.accept(kSemi) && !p.accept(kComma) && p.at == from {
				p.skip()
			}
		}
		p.pass(open)
		p.mode = saved
	}
	p.push(p.body())
	n.Kids = p.pop(mark)
	return p.done(n)
}

// cLoopVariable pushes the variable of a loop over a collection, and passes over what
// is between it and the collection.
func (p *parser) cLoopVariable(closer int) bool {
	for i := p.at; i < closer; i = p.after(i) {
		t := &p.toks[i]
		if t.kind == kLess {
			if j := p.typeArgs(i); j > 0 {
				i = j - 1
				continue
			}
		}
		if t.kind == kSemi || t.kind == kQuestion {
			return false
		}
		if t.kind != kColon && t.word != wIn || i == p.at || p.toks[i-1].kind != kIdent {
			continue
		}
		d := p.decl(Variable, p.start(), p.owner)
		if from := p.afterAnnotations(p.at); from < i-1 {
			d.Type = p.between(from, i-1)
		}
		p.at = i - 1
		p.named(d)
		p.finish(d)
		p.pushDecl(d, d.Start)
		p.next()
		return true
	}
	return false
}

func (p *parser) cTry() *Node {
	n := p.node(Try, p.start())
	p.next()
	mark := len(p.stack)
	var resources []*Node
	if p.kind() == kParen {
		resources = p.resources()
	}
	block := p.block()
	if len(resources) > 0 {
		block.Start = min(block.Start, resources[0].Start)
		block.Kids = p.link(append(resources, block.Kids...)...)
	}
	p.push(block)
	p.catches()
	n.Kids = p.pop(mark)
	return p.done(n)
}

// resources parses what is in the parentheses after try.
func (p *parser) resources() []*Node {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	kids := p.statements(closer)
	p.pass(open)
	p.mode = saved
	return kids
}

// catches pushes what follows a try.
func (p *parser) catches() {
	for {
		at := p.at
		if p.f.Lang == ObjC && p.kind() == kAt {
			p.next()
		}
		w := p.word()
		if p.kind() != kIdent || w != wCatch && w != wFinally {
			p.at = at
			return
		}
		c := p.node(Catch, int(p.toks[at].start))
		if w == wFinally {
			c.Kind = Finally
		}
		p.next()
		if p.kind() == kParen {
			from, closer := p.at+1, int(p.toks[p.at].aux)
			p.at = p.after(p.at)
			for p.toks[from].word == wFinal {
				from++
			}
			if last := closer - 1; last >= from && p.toks[last].kind == kIdent {
				c.Name = p.name(last)
				c.Text = p.between(from, last)
			}
		}
		c.Kids = p.link(p.block())
		p.push(p.done(c))
	}
}

// cSwitch parses both kinds of cases, with a colon and with an arrow.
func (p *parser) cSwitch() *Node {
	n := p.node(Switch, p.start())
	p.next()
	mark := len(p.stack)
	p.push(p.condition())
	if p.kind() == kBrace {
		p.inside(mode{lines: p.g.lines}, (*parser).cCases)
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}

// cCases parses case a: case b: and their statements, or case a, b -> c.
func (p *parser) cCases(closer int) {
	n := p.node(Case, p.start())
	mark := len(p.stack)
	arrow := false
	for !arrow && p.kind() == kIdent && (p.word() == wCase || p.word() == wDefault) {
		if p.word() == wDefault {
			n.Name = "default"
		}
		p.next()
		saved := p.bare
		p.bare = true
		for p.at < closer && p.kind() != kColon && p.kind() != kArrow && p.kind() != kSemi {
			from := p.at
			if p.word() == wDefault && p.kind() == kIdent {
				n.Name = "default"
				p.next()
			} else if pattern := p.expr(); p.at > from {
				p.push(pattern)
			}
			if !p.accept(kComma) && p.at == from {
				p.skip()
			}
		}
		p.bare = saved
		arrow = p.kind() == kArrow
		if arrow || p.kind() == kColon {
			p.next()
		}
	}
	if n.Start == p.start() {
		return
	}
	body := p.node(Block, p.start())
	inner := len(p.stack)
	for p.at < closer && !(p.kind() == kIdent && (p.word() == wCase || p.word() == wDefault)) {
		from := p.at
		p.statement()
		if p.at == from {
			p.skip()
		}
		if arrow {
			break
		}
	}
	body.Kids = p.pop(inner)
	p.push(p.done(body))
	n.Kids = p.pop(mark)
	p.push(p.done(n))
}

// cDeclares tells whether a declaration comes next.
func (p *parser) cDeclares() bool {
	switch p.f.Lang {
	case Java:
		i := p.javaType(p.at)
		return i > 0 && p.toks[i].kind == kIdent && !p.g.reserved.has(p.toks[i].word) && p.declarator(i+1)
	case ObjC:
		i := p.objcName(p.at)
		return i > p.at && (p.declarator(i+1) || p.objcPointer(i))
	default:
		return p.groovyDeclares()
	}
}

// declarator tells whether the token after the name of a variable may be at i.
func (p *parser) declarator(i int) bool {
	switch p.toks[i].kind {
	case kAssign, kSemi, kComma, kBracket:
		return true
	}
	return false
}

// cLocal pushes the declarations that come next.
func (p *parser) cLocal() {
	from := p.at
	start := p.start()
	var decls []*Decl
	switch p.f.Lang {
	case Java:
		decls = p.javaDecl(nil, nil)
	case ObjC:
		decls = p.objcVariables(nil, nil, start)
	default:
		decls = p.groovyDecl(nil)
	}
	for _, d := range decls {
		p.pushDecl(d, start)
	}
	if p.at == from {
		p.skip()
	}
}

// cExpr parses an expression with assignments and a condition.
func (p *parser) cExpr() *Node {
	n := p.binary(1)
	switch k := p.kind(); {
	case k == kQuestion && !p.newline():
		n = p.conditional(n)
	case (k == kAssign || k == kOpAssign) && !p.newline():
		n = p.assign(n)
	case k == kGreater && p.tok(1).kind == kGreaterEqual && p.touches(1):
		p.anchor(n)
		p.at += 2
		n = p.pair(Assign, ">>=", n, p.expr())
	case k == kGreater && p.joined(1) && p.tok(2).kind == kGreaterEqual && p.touches(2):
		p.anchor(n)
		p.at += 3
		n = p.pair(Assign, ">>>=", n, p.expr())
	}
	return n
}

// castType tells whether the parenthesis that comes next holds a type that an operand
// follows; i is the index after it.
func (p *parser) castType(typ func(int) int) (i int, ok bool) {
	i = typ(p.at + 1)
	if i < 0 || i != int(p.toks[p.at].aux) || !p.closed(p.at) {
		return 0, false
	}
	before := p.toks[i-1]
	plain := before.kind == kStar || before.kind == kBracketEnd || before.kind == kGreater ||
		before.word == wVoid || primitive(p.name(i-1))
	switch t := &p.toks[i+1]; t.kind {
	case kIdent:
		return i + 1, t.word != wInstanceof
	case kString, kStringOpen, kNumber, kBang, kTilde:
		return i + 1, true
	case kParen:
		return i + 1, true
	case kMinus, kPlus, kStep, kAmp, kStar, kAt, kCaret, kBracket:
		return i + 1, plain || (t.kind == kAt || t.kind == kCaret || t.kind == kBracket) && p.f.Lang == ObjC
	}
	return 0, false
}

func primitive(name string) bool {
	switch name {
	case "int", "long", "short", "byte", "char", "float", "double", "boolean", "bool", "BOOL", "NSInteger",
		"NSUInteger", "CGFloat", "id":
		return true
	}
	return false
}

// cast parses (T) operand.
func (p *parser) cast(after int) *Node {
	start := p.start()
	typ := p.node(Ident, int(p.toks[p.at+1].start))
	typ.Name = p.between(p.at+1, after-1)
	typ.End = typ.Start + len(typ.Name)
	p.at = after
	n := p.node(Binary, start)
	n.Name = "as"
	n.Kids = p.link(p.operand(), typ)
	return p.done(n)
}
