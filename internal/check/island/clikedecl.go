package island

// cVariables parses name = value, name[] = value; the type is read.
func (p *parser) cVariables(parent *Decl, list []*Decl, start int, typ string) []*Decl {
	for {
		d := p.decl(Variable, start, parent)
		d.Type = typ
		for p.kind() == kStar || p.kind() == kCaret {
			p.next()
		}
		p.named(d)
		for p.kind() == kBracket {
			p.at = p.after(p.at)
		}
		if p.accept(kAssign) {
			d.init = p.laterExpr(d, (*parser).cInit)
		}
		list = append(list, p.finish(d))
		if p.kind() != kComma || p.tok(1).kind != kIdent && p.tok(1).kind != kStar {
			break
		}
		p.next()
		start = p.start()
		for p.kind() == kStar {
			p.next()
		}
		if p.kind() != kIdent {
			break
		}
	}
	if p.accept(kSemi) {
		p.finish(list[len(list)-1])
	}
	return list
}

// cInit parses a first value, which may be { a, b }.
func (p *parser) cInit() *Node {
	if p.kind() != kBrace {
		return p.expr()
	}
	n := p.node(List, p.start())
	n.Kids = p.list(func() *Node {
		if !p.enter() {
			return p.tooDeep()
		}
		defer p.leave()
		for p.kind() == kDot && p.tok(1).kind == kIdent && p.tok(2).kind == kAssign { // .name =
			p.at += 3
		}
		return p.cInit()
	})
	return p.done(n)
}

func (p *parser) seekSemi() {
	for !p.ends() {
		p.at = p.after(p.at)
	}
}

// cParams parses (final T name, T... name), and only names where there are no types.
func (p *parser) cParams(typ func(int) int) []Param {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.params)
	for p.at < closer {
		from := p.at
		param := Param{Span: Span{Start: p.start()}}
		for p.kind() == kAt || p.word() == wFinal && p.kind() == kIdent {
			if p.kind() == kAt {
				p.at = p.afterAnnotation(p.at)
			} else {
				p.next()
			}
		}
		if i := typ(p.at); i > 0 && i < closer && (p.toks[i].kind == kIdent) {
			param.Type = p.between(p.at, i)
			p.at = i
		}
		if p.kind() == kIdent && p.at < closer {
			param.Name = p.name(p.at)
			p.next()
			for p.kind() == kBracket {
				p.at = p.after(p.at)
			}
			if p.accept(kAssign) {
				param.init = p.now(p.owner, p.expr())
			}
			param.End = p.prevEnd()
			p.params = append(p.params, param)
		}
		for p.at < closer && p.kind() != kComma {
			p.skip()
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.pass(open)
	p.mode = saved
	return p.popParams(mark)
}
