package island

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
	closure := p.lambda()
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

// lambda parses { a, b -> ... }.
func (p *parser) lambda() *Node {
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
	p.pass(open)
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
