package island

func (p *parser) groovyFile() {
	p.lines = true
	for p.kind() != kEOF {
		from := p.at
		switch w := p.word(); {
		case p.kind() == kIdent && (w == wPackage || w == wImport) && p.tok(1).kind == kIdent:
			p.pathImport()
		default:
			p.topStatement()
		}
		if p.at == from {
			p.skip()
		}
	}
}

// groovyDeclares tells whether a declaration comes next. What has no def and no value
// is more likely a call without parentheses.
func (p *parser) groovyDeclares() bool {
	i := p.javaType(p.at)
	if i < 0 || p.toks[i].kind != kIdent || p.g.reserved.has(p.toks[i].word) || p.toks[i].flags&afterLine != 0 {
		return false
	}
	switch p.toks[i+1].kind {
	case kAssign:
		return true
	case kParen:
		return p.name(p.at) != "task" && p.toks[p.after(i+1)].kind == kBrace && p.toks[i+1].flags&afterSpace == 0
	}
	return false
}

func (p *parser) groovyDecl(parent *Decl) []*Decl {
	start := p.start()
	notes, m := p.javaNotes()
	var list []*Decl
	owner := p.owner
	switch w := p.word(); {
	case (w == wClass || w == wInterface || w == wEnum) && p.tok(1).kind == kIdent:
		k := Class
		if w == wInterface {
			k = Interface
		} else if w == wEnum {
			k = Enum
		}
		list = append(list, p.groovyClass(k, start, parent))
	default:
		list = p.groovyMember(parent, start)
	}
	p.owner = owner
	for _, d := range list {
		d.Annotations, d.Modifiers = notes, d.Modifiers|m
	}
	return list
}

func (p *parser) groovyClass(k DeclKind, start int, parent *Decl) *Decl {
	d := p.decl(k, start, parent)
	p.next()
	p.named(d)
	p.passTypeArgs()
	for p.word() == wExtends || p.word() == wImplements {
		p.next()
		for p.kind() == kIdent {
			d.Supers = append(d.Supers, p.dotted())
			p.passTypeArgs()
			if !p.accept(kComma) {
				break
			}
		}
	}
	if p.kind() == kBrace {
		p.members(d, func(p *parser, d *Decl) {
			if !p.accept(kSemi) && !p.accept(kComma) {
				d.Members = append(d.Members, p.groovyDecl(d)...)
			}
		})
	}
	return p.finish(d)
}

// groovyMember parses def a = b, T a, and functions.
func (p *parser) groovyMember(parent *Decl, start int) []*Decl {
	typ := ""
	if p.word() == wDef || p.word() == wVar {
		p.next()
	}
	if p.kind() == kParen { // def (a, b) = c
		p.at = p.after(p.at)
		if p.accept(kAssign) {
			mark := len(p.stack)
			p.endStatement(start, p.expr())
			p.stack = p.stack[:mark]
		}
		return nil
	}
	if i := p.javaType(p.at); i > 0 && p.toks[i].kind == kIdent && p.toks[i].flags&afterLine == 0 {
		typ = p.between(p.at, i)
		p.at = i
	}
	if p.kind() != kIdent {
		if p.kind() != kString || p.tok(1).kind != kParen { // def "a test"()
			p.skip()
			return nil
		}
	}
	if p.tok(1).kind == kParen {
		d := p.decl(Function, start, parent)
		d.Type = typ
		return []*Decl{p.javaFunction(d)}
	}
	var list []*Decl
	for {
		d := p.decl(Variable, start, parent)
		d.Type = typ
		p.named(d)
		if p.kind() == kAssign && !p.newline() {
			p.next()
			p.owner = d
			d.init = p.now(d, p.expr())
		}
		list = append(list, p.finish(d))
		if p.kind() != kComma || p.tok(1).kind != kIdent {
			return list
		}
		p.next()
		start = p.start()
	}
}

func (p *parser) groovyStatement() {
	if p.accept(kSemi) {
		return
	}
	start := p.start()
	if p.kind() == kIdent && p.word() != wNone && p.cKeyword(start) {
		return
	}
	if p.kind() == kAt || p.kind() == kIdent && p.groovyDeclares() {
		if p.kind() != kAt || p.toks[p.afterAnnotations(p.at)].kind == kIdent {
			p.cLocal()
			return
		}
	}
	n := p.expr()
	for p.commandFollows(n) {
		n = p.command(n)
	}
	p.endStatement(start, n)
}

// commandFollows tells whether the arguments of a call without parentheses come next,
// or the name of what is called on its value.
func (p *parser) commandFollows(n *Node) bool {
	if p.ends() || p.touches(0) || !callable(n) {
		return false
	}
	switch p.kind() {
	case kString, kStringOpen, kNumber:
		return n.Kind != Call
	case kBracket:
		return n.Kind != Call
	case kBang:
		return n.Kind != Call && p.touches(1)
	case kIdent:
		switch p.word() {
		case wIn, wAs, wInstanceof, wElse, wCatch, wFinally:
			return false
		}
		return true
	}
	return false
}

// command parses name a, b: c and, after a call, name again.
func (p *parser) command(n *Node) *Node {
	if n.Kind == Call { // id "a" version "b"
		m := p.node(Member, n.Start)
		m.Name = p.name(p.at)
		m.Kids = p.link(n)
		p.next()
		n = p.done(m)
		if !p.commandFollows(n) {
			return p.tailed(n)
		}
	}
	call := p.node(Call, n.Start)
	call.Kids = p.link(n)
	mark := len(p.argStack)
	for !p.ends() || p.newline() && p.tok(-1).kind == kComma && !p.kind().closes() && p.kind() != kEOF {
		from := p.at
		a := Arg{Span: Span{Start: p.start()}}
		if p.labelled() {
			a.Label = p.name(p.at)
			p.at += 2
		}
		a.Value = p.expr()
		a.End = p.prevEnd()
		if p.at > from {
			p.argStack = append(p.argStack, a)
		}
		if !p.accept(kComma) {
			break
		}
	}
	call.Args = p.popArgs(mark)
	return p.done(call)
}

func (p *parser) groovyUnary() *Node {
	switch p.kind() {
	case kBang, kMinus, kPlus, kTilde, kStep, kStar:
		n := p.node(Unary, p.start())
		if p.kind() == kStar {
			n.Kind = Spread
		} else {
			n.Name = p.name(p.at)
		}
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kParen:
		if p.lambdaAt(p.at) {
			return p.javaLambda()
		}
		if i, ok := p.castType(p.javaType); ok && p.toks[i].flags&afterLine == 0 && p.toks[i].kind != kParen {
			return p.cast(i)
		}
	}
	return p.groovySelectors(p.groovyPrimary())
}

func (p *parser) groovySelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	for count := 0; ; count++ {
		if count > maxChain {
			if k := p.kind(); k == kDot || k == kQuestionDot || (k.opens() || k == kIdent) && !p.newline() {
				p.skip()
				continue
			}
			return n
		}
		switch k := p.kind(); k {
		case kDot, kQuestionDot, kColonColon:
			t := p.tok(1)
			if t.kind != kIdent && t.kind != kString {
				return n
			}
			m := p.node(Member, n.Start)
			m.NullAware = k == kQuestionDot
			m.Name = p.name(p.at + 1)
			if t.kind == kString {
				m.Name = p.value(p.at + 1)
			}
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case kParen:
			if p.newline() || !p.touches(0) && n.Kind != Call && n.Kind != Ident && n.Kind != Member {
				return n
			}
			n = p.tailed(p.call(n, nil))
		case kBracket:
			if p.newline() || !p.touches(0) {
				return n
			}
			n = p.index(n)
		case kStep:
			if p.newline() {
				return n
			}
			n = p.postfix(n)
		case kLess:
			i := p.typeArgs(p.at)
			if i < 0 || p.toks[i].kind != kParen || n.Kind != Ident && n.Kind != Member || !p.touches(0) {
				return n
			}
			p.at = i
		default:
			m := p.tailed(n)
			if m == n {
				return n
			}
			n = m
		}
	}
}

func (p *parser) groovyPrimary() *Node {
	start := p.start()
	switch p.kind() {
	case kNumber:
		n := p.node(Number, start)
		n.Text = p.name(p.at)
		p.next()
		return p.done(n)
	case kString, kStringOpen:
		return p.str()
	case kParen:
		return p.group()
	case kBracket:
		return p.listOrMap()
	case kBrace:
		if !p.noTail {
			return p.lambda()
		}
	case kIdent:
		switch p.word() {
		case wTrue, wFalse:
			return p.simple(Bool)
		case wNull:
			return p.simple(Null)
		case wThis:
			return p.simple(This)
		case wSuper:
			return p.simple(Super)
		case wNew:
			return p.javaNew()
		}
		if !p.g.reserved.has(p.word()) {
			return p.simple(Ident)
		}
	}
	return p.empty()
}
