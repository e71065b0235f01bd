package island

import "strings"

func (p *parser) javaUnary() *Node {
	switch p.kind() {
	case kBang, kMinus, kPlus, kTilde, kStep:
		n := p.node(Unary, p.start())
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kParen:
		if p.lambdaAt(p.at) {
			return p.javaLambda()
		}
		if i, ok := p.castType(p.javaType); ok {
			return p.cast(i)
		}
	}
	return p.javaSelectors(p.javaPrimary())
}

// lambdaAt tells whether the parameters of a lambda are in the parenthesis at i.
func (p *parser) lambdaAt(i int) bool {
	return p.closed(i) && p.toks[p.after(i)].kind == kArrow && !p.bare
}

func (p *parser) javaLambda() *Node {
	n := p.node(Closure, p.start())
	if p.kind() == kParen {
		n.Params = p.cParams(p.javaType)
	} else {
		n.Params = []Param{{Span: Span{p.start(), p.f.tokens.end(p.at)}, Name: p.name(p.at)}}
		p.next()
	}
	p.accept(kArrow)
	if p.kind() == kBrace {
		n.Kids = p.link(p.block())
	} else {
		n.Kids = p.link(p.expr())
	}
	return p.done(n)
}

func (p *parser) javaSelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	for count := 0; ; count++ {
		if count > maxChain {
			if k := p.kind(); k == kDot || k.opens() || k == kIdent {
				p.skip()
				continue
			}
			return n
		}
		switch k := p.kind(); k {
		case kDot, kColonColon:
			i := p.at + 1
			if p.toks[i].kind == kLess {
				if j := p.typeArgs(i); j > 0 {
					i = j
				}
			}
			if p.toks[i].kind != kIdent {
				return n
			}
			if p.toks[i].word == wNew && k == kDot {
				p.at = i
				n = p.javaNew()
				continue
			}
			m := p.node(Member, n.Start)
			m.Name = p.name(i)
			m.Kids = p.link(n)
			p.at = i + 1
			n = p.done(m)
		case kParen:
			n = p.call(n, nil)
		case kBracket:
			if p.emptyAt(p.at) { // String[].class
				p.at += 2
				continue
			}
			n = p.index(n)
		case kStep:
			n = p.postfix(n)
		case kLess:
			i := p.typeArgs(p.at)
			if i < 0 || n.Kind != Ident && n.Kind != Member || p.toks[i].kind != kColonColon && p.toks[i].kind != kParen {
				return n
			}
			p.at = i
		default:
			return n
		}
	}
}

func (p *parser) javaPrimary() *Node {
	start := p.start()
	switch p.kind() {
	case kNumber:
		n := p.node(Number, start)
		n.Text = p.name(p.at)
		p.next()
		return p.done(n)
	case kString:
		return p.str()
	case kParen:
		return p.group()
	case kBrace: // in an annotation
		return p.cInit()
	case kAt:
		if i := p.afterAnnotation(p.at); i > p.at+1 {
			n := p.node(Unknown, start)
			p.at = i
			return p.done(n)
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
		case wSwitch:
			return p.cSwitch()
		}
		if p.tok(1).kind == kArrow && !p.bare {
			return p.javaLambda()
		}
		if !p.g.reserved.has(p.word()) || p.word() == wVoid {
			return p.simple(Ident)
		}
	}
	return p.empty()
}

// javaNew parses new T(a), new T() { }, new T[n] and new T[] { }.
func (p *parser) javaNew() *Node {
	start := p.start()
	p.next()
	from := p.at
	i := p.afterAnnotations(p.at)
	begin := int(p.toks[i].start)
	callee := p.node(Ident, begin)
	p.at = i
	name := p.dotted()
	callee.Name = name
	p.done(callee)
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && p.at > i { // A.B is a member of A
		outer := callee
		outer.Name = strings.TrimSpace(name[:dot])
		outer.End = begin + len(outer.Name)
		callee = p.node(Member, begin)
		callee.Name = strings.TrimSpace(name[dot+1:])
		callee.Kids = p.link(outer)
		p.done(callee)
	}
	var types []string
	if p.kind() == kLess {
		if i := p.typeArgs(p.at); i > 0 {
			types = p.typeList(p.at, i)
			p.at = i
		}
	}
	if p.kind() == kBracket {
		for p.kind() == kBracket {
			if p.emptyAt(p.at) {
				p.at += 2
			} else {
				callee = p.index(callee)
			}
		}
		if p.kind() == kBrace {
			callee = p.cInit()
		}
		callee.Start = start
		return p.done(callee)
	}
	n := p.node(Call, start)
	n.New = true
	n.Kids = p.link(callee)
	n.TypeArgs = types
	if p.kind() == kParen {
		n.Args = p.arguments()
	}
	if p.kind() == kBrace && p.at > from && p.f.Lang == Java {
		d := p.decl(Object, p.start(), p.owner)
		d.Supers = []string{name}
		p.members(d, (*parser).javaMemberOf)
		n.Decl = p.finish(d)
	}
	return p.done(n)
}

// cWordOperator parses instanceof, as and in.
func (p *parser) cWordOperator(left *Node, least uint8) (*Node, bool) {
	const relation = 7
	w := p.word()
	if least > relation {
		return left, false
	}
	switch {
	case w == wInstanceof && p.f.Lang != ObjC:
		p.next()
		p.acceptWord(wFinal)
		typ := p.node(Ident, p.start())
		from := p.at
		if i := p.javaType(p.at); i > 0 {
			p.at = i
		}
		typ.Name = p.between(from, p.at)
		n := p.pair(Binary, "instanceof", left, p.done(typ))
		if p.kind() == kIdent && p.f.Lang == Java && !p.g.reserved.has(p.word()) && p.word() != wWhen { // a pattern
			d := p.decl(Variable, p.start(), p.owner)
			local := p.node(Local, p.start())
			d.Type = typ.Name
			p.named(d)
			p.finish(d)
			local.Decl, local.Name = d, d.Name
			n.Kids = p.link(left, typ, p.done(local))
		}
		return p.done(n), true
	case (w == wAs || w == wIn) && p.f.Lang == Groovy && !p.newline():
		op := p.name(p.at)
		p.next()
		if w == wIn {
			return p.pair(Binary, op, left, p.binary(relation+1)), true
		}
		typ := p.node(Ident, p.start())
		from := p.at
		if i := p.javaType(p.at); i > 0 {
			p.at = i
		}
		typ.Name = p.between(from, p.at)
		return p.pair(Binary, op, left, p.done(typ)), true
	}
	return left, false
}
