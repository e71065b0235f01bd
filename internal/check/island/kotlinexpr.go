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

// isStatement tells what stands for itself, without an Expr around it.
func isStatement(n *Node) bool { return n.Kind >= Block }

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
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
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

// tailed gives a call the closure that follows it; n itself where none does.
func (p *parser) tailed(n *Node) *Node {
	at := p.at
	for n := 0; n < 8 && p.toks[at].kind == kAt; n++ {
		at = p.afterAnnotation(at)
	}
	if p.toks[at].kind == kIdent && p.toks[at+1].kind == kAt && p.toks[at+2].kind == kBrace &&
		!p.g.reserved.has(p.toks[at].word) {
		at += 2 // label@ {
	}
	if p.noTail || p.newline() || p.toks[at].kind != kBrace || !callable(n) {
		return n
	}
	p.at = at
	closure := p.kotlinLambda()
	if n.Kind != Call {
		call := p.node(Call, n.Start)
		call.Kids = p.link(n)
		n = call
	}
	mark := len(p.argStack)
	p.argStack = append(p.argStack, n.Args...)
	p.argStack = append(p.argStack, Arg{Span: closure.Span, Value: closure})
	n.Args = p.popArgs(mark)
	return p.done(n)
}

// callable tells what a closure may follow.
func callable(n *Node) bool {
	switch n.Kind {
	case Ident, Member, Call, Index, Super, This:
		return n.End > n.Start
	}
	return false
}

// kotlinLambda parses { a, b -> ... }.
func (p *parser) kotlinLambda() *Node {
	n := p.node(Closure, p.start())
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{lines: true}
	p.next()
	if arrow := p.arrowAt(p.at, closer); arrow > 0 {
		n.Params = p.lambdaParams(arrow)
		p.at = arrow + 1
	}
	body := p.node(Block, p.start())
	body.Kids = p.statements(closer)
	p.done(body)
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
	p.mode = saved
	n.Kids = p.link(body)
	return p.done(n)
}

// arrowAt is the index of the arrow after the parameters of a lambda; -1 without.
func (p *parser) arrowAt(i, end int) int {
	for n := 0; i < end && n < 128; n++ {
		p.steps++
		switch t := &p.toks[i]; t.kind {
		case kArrow:
			return i
		case kIdent, kComma, kColon, kDot, kQuestion, kStar, kAt, kAmp:
			if p.g.reserved.has(t.word) && t.word != wIn {
				return -1
			}
		case kLess:
			j := p.typeArgs(i)
			if j < 0 {
				return -1
			}
			i = j
			continue
		case kParen:
			j := p.after(i)
			if p.toks[j].kind == kArrow && j+1 < end && i > 0 && p.toks[i-1].kind == kColon {
				i = j + 1 // of a type
				continue
			}
			i = j
			continue
		default:
			return -1
		}
		i++
	}
	return -1
}

func (p *parser) lambdaParams(arrow int) (list []Param) {
	for p.at < arrow {
		from := p.at
		switch p.kind() {
		case kParen: // taken apart
			list = append(list, p.kotlinParams()...)
			if p.accept(kColon) {
				p.kotlinTypeText()
			}
		case kIdent:
			param := Param{Span: Span{Start: p.start()}}
			if i := p.javaType(p.at); p.f.Lang == Groovy && i > 0 && i < arrow && p.toks[i].kind == kIdent {
				param.Type = p.between(p.at, i)
				p.at = i
			}
			param.Name = p.name(p.at)
			p.next()
			if p.accept(kColon) {
				param.Type = p.kotlinTypeText()
			}
			param.End = p.prevEnd()
			list = append(list, param)
		case kAt:
			p.at = p.afterAnnotation(p.at)
		}
		if !p.accept(kComma) && p.at == from {
			p.next()
		}
	}
	return list
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
		return p.kotlinLambda()
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

// kotlinIf parses a chain of else ifs without recursion.
func (p *parser) kotlinIf() *Node {
	first := p.node(If, p.start())
	chain := []*Node{first}
	for n := first; ; {
		p.next()
		saved := p.noTail
		p.noTail = false
		test := p.condition()
		then := p.branch()
		p.noTail = saved
		if !p.kotlinElse() {
			n.Kids = p.link(test, then)
			break
		}
		if p.word() != wIf || p.tok(1).kind != kParen || len(chain) > maxChain {
			n.Kids = p.link(test, then, p.branch())
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
		open := p.at
		closer := int(p.toks[open].aux)
		saved := p.mode
		p.mode = mode{lines: true}
		p.next()
		for p.at < closer {
			from := p.at
			if !p.accept(kSemi) {
				p.kotlinEntry(closer)
			}
			if p.at == from {
				p.skip()
			}
		}
		p.at = max(p.at, closer)
		if p.closed(open) {
			p.next()
		}
		p.mode = saved
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
