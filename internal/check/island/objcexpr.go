package island

import "strings"

func (p *parser) objcUnary() *Node {
	switch p.kind() {
	case kBang, kMinus, kPlus, kTilde, kStep, kAmp, kStar, kAndAnd:
		n := p.node(Unary, p.start())
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.operand())
		return p.done(n)
	case kParen:
		if i, ok := p.castType(p.objcCast); ok {
			return p.cast(i)
		}
	}
	return p.objcSelectors(p.objcPrimary())
}

// objcCast is the index after the type at i, -1 where none is.
func (p *parser) objcCast(i int) int {
	from := i
	for {
		p.steps++
		switch t := &p.toks[i]; t.kind {
		case kIdent:
			if p.g.reserved.has(t.word) && t.word != wConst && t.word != wStruct {
				return -1
			}
			i++
			if p.toks[i].kind == kLess {
				j := p.typeArgs(i)
				if j < 0 {
					return -1
				}
				i = j
			}
		case kStar:
			if i == from {
				return -1
			}
			i++
		case kParen: // (^)(T)
			if i == from || p.toks[i+1].kind != kCaret || p.toks[p.after(i)].kind != kParen {
				return -1
			}
			return p.after(p.after(i))
		default:
			if i == from {
				return -1
			}
			return i
		}
	}
}

func (p *parser) objcSelectors(n *Node) *Node {
	if n.Start == n.End && n.Kind != Ident {
		return n // nothing to select from
	}
	for count := 0; ; count++ {
		if count > maxChain {
			if k := p.kind(); k == kDot || k == kArrow || k.opens() || k == kIdent {
				p.skip()
				continue
			}
			return n
		}
		switch k := p.kind(); k {
		case kDot, kArrow, kColonColon:
			if p.tok(1).kind != kIdent {
				return n
			}
			m := p.node(Member, n.Start)
			m.Name = p.name(p.at + 1)
			m.Kids = p.link(n)
			p.at += 2
			n = p.done(m)
		case kParen:
			n = p.call(n, nil)
		case kBracket:
			n = p.index(n)
		case kStep:
			n = p.postfix(n)
		case kLess: // [List<T> new]
			i := p.typeArgs(p.at)
			if i < 0 || n.Kind != Ident || p.toks[i].kind != kIdent {
				return n
			}
			p.at = i
		default:
			return n
		}
	}
}

func (p *parser) objcPrimary() *Node {
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
		if p.tok(1).kind == kBrace { // ({ ... })
			n := p.node(Unknown, start)
			open := p.at
			p.next()
			n.Kids = p.link(p.block())
			p.at = max(p.at, int(p.toks[open].aux))
			if p.closed(open) {
				p.next()
			}
			return p.done(n)
		}
		return p.group()
	case kBracket:
		return p.message()
	case kBrace:
		return p.cInit()
	case kCaret:
		return p.objcBlock()
	case kAt:
		return p.objcLiteral()
	case kIdent:
		switch p.word() {
		case wNil:
			return p.simple(Null)
		case wSelf, wThis:
			return p.simple(This)
		case wSuper:
			return p.simple(Super)
		case wTrue, wFalse:
			return p.simple(Bool)
		case wNew:
			p.next()
			return p.objcPrimary()
		}
		switch p.name(p.at) {
		case "YES", "NO":
			n := p.simple(Bool)
			n.Name = map[string]string{"YES": "true", "NO": "false"}[n.Name]
			return n
		case "NULL":
			return p.simple(Null)
		}
		if !p.g.reserved.has(p.word()) {
			return p.simple(Ident)
		}
	}
	return p.empty()
}

// message parses [receiver name:a with:b, c].
func (p *parser) message() *Node {
	n := p.node(Call, p.start())
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	receiver := p.operand()
	callee := p.node(Member, receiver.Start)
	callee.Kids = p.link(receiver)
	mark := len(p.argStack)
	var name strings.Builder
	for p.at < closer && (p.kind() == kIdent || p.kind() == kColon) {
		a := Arg{Span: Span{Start: p.start()}}
		if p.kind() == kIdent {
			a.Label = p.name(p.at)
			name.WriteString(a.Label)
			p.next()
		}
		if name.Len() > 0 && len(p.argStack) == mark {
			p.done(callee)
		}
		if !p.accept(kColon) {
			break
		}
		name.WriteByte(':')
		a.Value = p.expr()
		a.End = p.prevEnd()
		p.argStack = append(p.argStack, a)
	}
	for p.at < closer {
		from := p.at
		if p.accept(kComma) {
			value := p.expr()
			p.argStack = append(p.argStack, Arg{Span: value.Span, Value: value})
		}
		if p.at == from || p.at < closer && p.kind() != kComma {
			p.skip()
		}
	}
	callee.Name = name.String()
	callee.End = max(callee.End, receiver.End)
	p.pass(open)
	p.mode = saved
	n.Kids = p.link(callee)
	n.Args = p.popArgs(mark)
	return p.done(n)
}

// objcBlock parses ^T(T a) { }.
func (p *parser) objcBlock() *Node {
	n := p.node(Closure, p.start())
	p.next()
	for p.kind() == kIdent || p.kind() == kStar || p.kind() == kLess {
		p.next()
	}
	if p.kind() == kParen {
		n.Params = p.cParams(p.objcParamType)
	}
	n.Kids = p.link(p.block())
	return p.done(n)
}

// objcLiteral parses @[], @{}, @(), @selector() and @1.
func (p *parser) objcLiteral() *Node {
	start := p.start()
	p.next()
	switch p.kind() {
	case kBracket:
		n := p.node(List, start)
		n.Kids = p.list(p.expr)
		return p.done(n)
	case kBrace:
		n := p.node(Map, start)
		n.Kids = p.list(func() *Node {
			key := p.expr()
			if p.kind() == kColon {
				key = p.entry(key, p.expr)
			}
			return key
		})
		return p.done(n)
	case kIdent:
		if p.tok(1).kind != kParen {
			break
		}
		n := p.node(Ident, start)
		n.Name = "@" + p.name(p.at)
		p.next()
		n.Text = p.inner()
		return p.done(n)
	}
	n := p.operand()
	n.Start = start
	return n
}
