package island

// dartSwitch parses a switch, as a statement or as an expression.
func (p *parser) dartSwitch() *Node {
	n := p.node(Switch, p.start())
	p.next()
	mark := len(p.stack)
	p.push(p.condition())
	if p.kind() == kBrace {
		p.inside(mode{}, func(p *parser, closer int) {
			if w := p.word(); p.kind() == kIdent && (w == wCase || w == wDefault) || p.kind() == kIdent && p.tok(1).kind == kColon {
				p.dartCases(closer)
			} else {
				p.dartArm(closer)
			}
		})
	}
	n.Kids = p.pop(mark)
	return p.done(n)
}

// dartCases parses case a: case b: and their statements.
func (p *parser) dartCases(closer int) {
	n := p.node(Case, p.start())
	mark := len(p.stack)
	for p.kind() == kIdent {
		switch p.word() {
		case wCase:
			p.next()
			p.push(p.guarded())
		case wDefault:
			n.Name = "default"
			p.next()
		default:
			if p.tok(1).kind != kColon {
				goto statements
			}
			p.next() // a label
		}
		for p.at < closer && p.kind() != kColon && p.kind() != kSemi {
			p.skip()
		}
		p.accept(kColon)
	}
statements:
	body := p.node(Block, p.start())
	inner := len(p.stack)
	for p.at < closer && !p.caseFollows() {
		from := p.at
		p.statement()
		if p.at == from {
			p.skip()
		}
	}
	body.Kids = p.pop(inner)
	p.push(p.done(body))
	n.Kids = p.pop(mark)
	p.push(p.done(n))
}

func (p *parser) caseFollows() bool {
	if p.kind() != kIdent {
		return false
	}
	w := p.word()
	if w == wDefault && p.tok(1).kind == kColon || w == wCase {
		return true
	}
	next := p.tok(2)
	return p.tok(1).kind == kColon && next.kind == kIdent && (next.word == wCase || next.word == wDefault)
}

// guarded parses a pattern and the guard after it.
func (p *parser) guarded() *Node {
	pattern := p.dartPattern()
	if p.kind() != kIdent || p.word() != wWhen {
		return pattern
	}
	p.anchor(pattern)
	p.next()
	saved := p.bare
	p.bare = true
	guard := p.expr()
	p.bare = saved
	return p.pair(Binary, "when", pattern, guard)
}

// dartArm parses pattern => value of a switch expression.
func (p *parser) dartArm(closer int) {
	n := p.node(Case, p.start())
	pattern := p.guarded()
	p.anchor(pattern)
	if pattern.Kind == Ident && pattern.Name == "_" {
		n.Name = "default"
	}
	for p.at < closer && p.kind() != kFatArrow && p.kind() != kComma {
		p.skip()
	}
	if !p.accept(kFatArrow) {
		p.accept(kComma)
		return
	}
	body := p.node(Block, p.start())
	e := p.node(Expr, p.start())
	e.Kids = p.link(p.untilComma(p.expr(), closer))
	body.Kids = p.link(p.done(e))
	p.done(body)
	p.accept(kComma)
	if n.Name == "" {
		n.Kids = p.link(pattern, body)
	} else {
		n.Kids = p.link(body)
	}
	p.push(p.done(n))
}

// dartPattern parses a || b && c.
func (p *parser) dartPattern() *Node {
	if !p.enter() {
		return p.tooDeep()
	}
	defer p.leave()
	n := p.dartPatternTerm()
	for p.kind() == kOrOr || p.kind() == kAndAnd {
		p.anchor(n)
		op := p.name(p.at)
		p.next()
		n = p.pair(Binary, op, n, p.dartPatternTerm())
	}
	return n
}

func (p *parser) dartPatternTerm() *Node {
	n := p.dartPatternPrimary()
	for {
		switch {
		case n.Start == n.End:
			return n
		case p.kind() == kQuestion || p.kind() == kBang:
			n = p.postfix(n)
		case p.kind() == kIdent && p.word() == wAs:
			n, _ = p.dartWordOperator(n, 1)
		default:
			return n
		}
	}
}

func (p *parser) dartPatternPrimary() *Node {
	start := p.start()
	switch p.kind() {
	case kEqual, kLess, kLessEqual, kGreater, kGreaterEqual:
		if p.kind() == kLess {
			if i := p.typeArgs(p.at); i > 0 && (p.toks[i].kind == kBracket || p.toks[i].kind == kBrace) {
				p.at = i
				n := p.dartPatternPrimary()
				n.Start = start
				return n
			}
		}
		n := p.node(Unary, start)
		n.Name = p.name(p.at)
		p.next()
		n.Kids = p.link(p.binary(6)) // stronger than a relation
		return p.done(n)
	case kParen:
		if i := p.dartRecordType(p.at); i > 0 && p.bindsAt(i) {
			return p.dartBinding(p.at)
		}
		record := p.record(p.at)
		kids := p.list(p.dartPatternField)
		if len(kids) == 1 && !record {
			return kids[0]
		}
		n := p.node(List, start)
		n.Name = "()"
		n.Kids = kids
		return p.done(n)
	case kBracket:
		n := p.node(List, start)
		n.Kids = p.list(p.dartPatternField)
		return p.done(n)
	case kBrace:
		n := p.node(Map, start)
		n.Kids = p.list(p.dartPatternField)
		return p.done(n)
	case kEllipsis:
		n := p.node(Spread, start)
		p.next()
		if k := p.kind(); k != kComma && !k.closes() {
			n.Kids = p.link(p.dartPattern())
		}
		return p.done(n)
	case kIdent:
		return p.dartPatternName()
	}
	return p.binary(6)
}

// dartPatternName parses what begins with a name: a variable, a constant, an object.
func (p *parser) dartPatternName() *Node {
	w := p.word()
	if w == wVar || w == wFinal {
		at := p.at
		p.next()
		return p.dartBinding(at)
	}
	if w == wConst || p.g.reserved.has(w) {
		return p.binary(6)
	}
	if i := p.dartType(p.at); i > 0 && p.bindsAt(i) {
		return p.dartBinding(p.at)
	}
	if p.binds && p.bindsAt(p.at) {
		return p.dartBinding(p.at)
	}
	i := p.dartPlainType(p.at)
	if i < 0 || p.toks[i].kind != kParen {
		return p.binary(6)
	}
	n := p.node(Call, p.start())
	callee := p.node(Ident, p.start())
	callee.Name = p.between(p.at, i)
	p.at = i
	n.Kids = p.link(p.done(callee))
	mark := len(p.argStack)
	for _, kid := range p.list(p.dartPatternField) {
		a := Arg{Span: kid.Span, Value: kid}
		if kid.Kind == Pair {
			a.Label, a.Value = kid.Kids[0].Name, kid.Kids[1]
		}
		p.argStack = append(p.argStack, a)
	}
	n.Args = p.popArgs(mark)
	return p.done(n)
}

// bindsAt tells whether the name at i is that of a variable of a pattern.
func (p *parser) bindsAt(i int) bool {
	t := &p.toks[i]
	if t.kind != kIdent || p.g.reserved.has(t.word) || t.word == wWhen || t.word == wAs {
		return false
	}
	switch next := &p.toks[i+1]; next.kind {
	case kDot, kParen, kLess:
		return false
	}
	return true
}

// dartBinding parses [type] name; the words before it are read.
func (p *parser) dartBinding(from int) *Node {
	start := int(p.toks[from].start)
	d := p.decl(Variable, start, p.owner)
	if i := p.dartType(p.at); i > 0 && p.bindsAt(i) {
		d.Type = p.between(p.at, i)
		p.at = i
	}
	n := p.node(Local, start)
	if p.kind() != kIdent {
		n.Kind = Unknown
		return p.done(n)
	}
	p.dartName(d)
	p.finish(d)
	n.Decl, n.Name = d, d.Name
	return p.done(n)
}

// dartPatternField parses a field: pattern, name: pattern, :name.
func (p *parser) dartPatternField() *Node {
	start := p.start()
	if p.accept(kColon) {
		pattern := p.dartPattern()
		key := p.node(Ident, start)
		key.Name = bound(pattern)
		n := p.pair(Pair, "", key, pattern)
		return n
	}
	if p.labelled() {
		key := p.simple(Ident)
		p.next()
		return p.pair(Pair, "", key, p.dartPattern())
	}
	n := p.dartPattern()
	if p.kind() == kColon { // of a map
		n = p.entry(n, p.dartPattern)
	}
	return n
}

// bound is the name that a pattern binds, or compares with, first.
func bound(n *Node) string {
	for n.Name == "" || n.Kind == Unary || n.Kind == Binary {
		if len(n.Kids) == 0 {
			return ""
		}
		n = n.Kids[0]
	}
	return n.Name
}
