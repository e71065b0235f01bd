package island

// dartParams parses parameters in parentheses.
func (p *parser) dartParams() []Param {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	mark := len(p.params)
	named := false
	end := closer // of the bracket around optional ones
	for p.at < closer {
		switch p.kind() {
		case kBrace, kBracket:
			named, end = p.kind() == kBrace, int(p.toks[p.at].aux)
			p.next()
			continue
		case kBraceEnd, kBracketEnd, kComma:
			p.next()
			continue
		}
		from := p.at
		if param, ok := p.dartParam(named); ok {
			p.params = append(p.params, param)
		}
		for p.at < end && p.at < closer && p.kind() != kComma {
			p.skip()
		}
		if p.at == from {
			p.skip()
		}
	}
	p.pass(open)
	return p.popParams(mark)
}

func (p *parser) dartParam(named bool) (Param, bool) {
	param := Param{Span: Span{Start: p.start()}, Named: named}
	p.annotations()
	for isDartModifier.has(p.word()) && p.tok(1).kind != kComma && !p.tok(1).kind.closes() && p.tok(1).kind != kAssign {
		p.next()
	}
	if p.word() != wThis && p.word() != wSuper {
		if i := p.dartType(p.at); i > 0 && p.toks[i].kind == kIdent &&
			(!p.g.reserved.has(p.toks[i].word) || p.toks[i].word == wThis || p.toks[i].word == wSuper) {
			param.Type = p.between(p.at, i)
			p.at = i
		}
	}
	if (p.word() == wThis || p.word() == wSuper) && p.tok(1).kind == kDot {
		param.Field = p.word() == wThis
		p.at += 2
	}
	if p.kind() != kIdent {
		// Only a type, as in the parameters of a type.
		if i := p.dartType(p.at); i > 0 {
			param.Type = p.between(p.at, i)
			p.at = i
			param.End = p.prevEnd()
			return param, true
		}
		return param, false
	}
	param.Name = p.name(p.at)
	p.next()
	if from := p.at; p.kind() == kLess || p.kind() == kParen { // a function
		p.passTypeArgs()
		if p.kind() == kParen {
			p.at = p.after(p.at)
		}
		p.accept(kQuestion)
		param.Type += p.between(from, p.at)
	}
	if p.kind() == kAssign || p.kind() == kColon {
		p.next()
		param.init = p.laterExpr(p.owner, (*parser).expr)
	}
	param.End = max(param.Start, p.prevEnd())
	return param, true
}
