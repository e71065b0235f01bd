package island

func (p *parser) swiftFunc(w word, start int, parent *Decl) *Decl {
	d := p.decl(Function, start, parent)
	p.owner = d
	switch w {
	case wFunc, wMacro:
		p.next()
		if p.kind() == kIdent {
			p.named(d)
			break
		}
		from := p.at
		d.NameAt = p.start()
		for k := p.kind(); k >= kColon && k < kinds && (p.at == from || p.touches(0)); k = p.kind() {
			p.next()
		}
		d.Name = p.between(from, p.at)
	case wInit:
		d.Kind = Constructor
		p.named(d)
		if p.kind() == kQuestion || p.kind() == kBang {
			p.next()
		}
	default:
		p.named(d)
	}
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Params = p.swiftParams()
	}
	p.swiftEffects(&d.Modifiers)
	if p.accept(kArrow) {
		d.Type = p.swiftTypeText()
	}
	p.swiftWhere()
	switch {
	case p.kind() == kBrace && w == wSubscript:
		p.swiftAccessors(d)
	case p.kind() == kBrace:
		p.laterBlock(d)
	case w == wMacro && p.accept(kAssign):
		p.expr()
	}
	return p.finish(d)
}

// swiftEffects parses async, throws, throws(E) and rethrows.
func (p *parser) swiftEffects(m *Modifier) {
	for p.kind() == kIdent {
		switch p.word() {
		case wAsync:
			*m |= Async
		case wThrows, wRethrows:
			*m |= Throws
			if p.tok(1).kind == kParen {
				p.at = p.after(p.at+1) - 1
			}
		default:
			return
		}
		p.next()
	}
}

// swiftParams parses (label name: T = value, _ name: T).
func (p *parser) swiftParams() []Param {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.params)
	for p.at < closer {
		from := p.at
		param := Param{Span: Span{Start: p.start()}}
		for p.kind() == kAt {
			p.at = p.afterAnnotation(p.at)
		}
		if p.kind() == kIdent {
			param.Name = p.name(p.at)
			param.Label = param.Name
			p.next()
			if p.kind() == kIdent {
				param.Name = p.name(p.at)
				p.next()
			}
			if param.Label == "_" {
				param.Label = ""
			}
			if p.accept(kColon) {
				param.Type = p.swiftTypeText()
				if p.accept(kEllipsis) {
					param.Type += "..."
				}
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

func (p *parser) swiftTypeText() string {
	from := p.at
	if i := p.swiftType(p.at); i > 0 {
		p.at = i
	}
	return p.between(from, p.at)
}

// swiftType is the index after the type at i, -1 where none is.
func (p *parser) swiftType(i int) int {
	p.steps++
	for {
		for {
			t := &p.toks[i]
			if t.kind == kAt {
				i = p.afterAnnotation(i)
				continue
			}
			if next := &p.toks[i+1]; t.kind == kTilde || t.kind == kIdent && next.flags&afterLine == 0 &&
				(next.kind == kIdent && !p.g.reserved.has(next.word) || next.kind == kParen || next.kind == kBracket || next.kind == kAt) && p.typePrefix(i) {
				i++
				continue
			}
			break
		}
		switch t := &p.toks[i]; {
		case t.kind == kParen || t.kind == kBracket:
			i = p.after(i)
		case t.kind == kIdent && !p.g.reserved.has(t.word):
			i++
			if p.toks[i].kind == kLess {
				if j := p.typeArgs(i); j > 0 {
					i = j
				}
			}
		default:
			return -1
		}
		for {
			t := &p.toks[i]
			switch {
			case (t.kind == kQuestion || t.kind == kBang || t.kind == kOrElse) && t.flags&afterSpace == 0:
				i++
				continue
			case (t.kind == kDot || t.kind == kQuestionDot) && p.toks[i+1].kind == kIdent:
				i += 2
				if p.toks[i].kind == kLess {
					if j := p.typeArgs(i); j > 0 {
						i = j
					}
				}
				continue
			}
			break
		}
		j := i
		for p.toks[j].word == wAsync || p.toks[j].word == wThrows || p.toks[j].word == wRethrows {
			j++
			if p.toks[j-1].word == wThrows && p.toks[j].kind == kParen {
				j = p.after(j)
			}
		}
		switch p.toks[j].kind {
		case kArrow:
			i = j + 1
		case kAmp:
			i++
		default:
			return i
		}
	}
}

// typePrefix tells whether the name at i only goes before types.
func (p *parser) typePrefix(i int) bool {
	switch p.toks[i].word {
	case wInout, wSome, wAny, wIsolated, wRepeat:
		return true
	}
	switch p.name(i) {
	case "borrowing", "consuming", "sending", "__owned", "__shared", "each":
		return true
	}
	return false
}

// swiftVariables parses let a: T = 1, b = 2, var (c, d) = e, and computed ones.
func (p *parser) swiftVariables(parent *Decl, list []*Decl, start int) []*Decl {
	var m Modifier
	if p.word() == wLet {
		m = Final
	}
	p.next()
	for {
		if p.kind() == kParen {
			list = p.swiftTuple(parent, list, start, m)
		} else if p.kind() == kIdent {
			d := p.decl(Variable, start, parent)
			d.Modifiers = m
			p.named(d)
			p.owner = d
			if p.accept(kColon) {
				d.Type = p.swiftTypeText()
				if d.Type != "" && (d.Type[len(d.Type)-1] == '?' || d.Type[len(d.Type)-1] == '!') {
					d.Modifiers |= Optional
				}
			}
			if p.accept(kAssign) {
				d.init = p.now(d, p.expr())
			}
			if p.kind() == kBrace && (!p.newline() || d.init == nil && d.Type != "") {
				p.swiftAccessors(d)
			}
			list = append(list, p.finish(d))
			if d.Type == "" && d.init == nil && p.kind() == kColon {
				return list
			}
		} else {
			return list
		}
		if p.kind() != kComma || p.tok(1).kind != kIdent && p.tok(1).kind != kParen {
			return list
		}
		p.next()
		start = p.start()
	}
}

// swiftTuple parses (a, b) = c: several variables, the last of which has the value.
func (p *parser) swiftTuple(parent *Decl, list []*Decl, start int, m Modifier) []*Decl {
	closer := p.after(p.at)
	from := len(list)
	for ; p.at < closer; p.next() {
		if p.kind() != kIdent || p.tok(1).kind == kColon {
			continue
		}
		d := p.decl(Variable, max(start, p.start()), parent)
		d.Modifiers = m
		d.Name, d.NameAt, d.End = p.name(p.at), p.start(), p.f.tokens.end(p.at)
		list = append(list, d)
	}
	p.at = closer
	if p.accept(kColon) {
		p.swiftTypeText()
	}
	if p.accept(kAssign) {
		value := p.expr()
		if len(list) > from {
			last := list[len(list)-1]
			last.init = p.now(last, value)
			p.finish(last)
		}
	}
	return list
}

// swiftAccessors parses the braces of a property: get, set, willSet and didSet, or the
// body of the getter itself.
func (p *parser) swiftAccessors(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	if !p.accessorAt(open + 1) {
		d.Modifiers |= Getter
		p.laterBlock(d)
		return
	}
	owner := p.owner
	p.next()
	for p.at < closer {
		from := p.at
		start := p.start()
		p.swiftNotes()
		name := ""
		if p.kind() == kIdent {
			name = p.name(p.at)
			p.next()
		}
		getter := name == "get" || name == "_read"
		a := d
		if !getter {
			a = p.decl(Function, start, d)
			a.Name = name
			if name == "set" {
				a.Modifiers = Setter
			}
			if p.kind() == kParen {
				a.Params = p.swiftParams()
			}
		} else {
			d.Modifiers |= Getter
			p.swiftEffects(&d.Modifiers)
		}
		if p.kind() == kBrace {
			p.owner = a
			p.laterBlock(a)
			p.owner = owner
			if !getter {
				d.Members = append(d.Members, p.finish(a))
			}
		}
		if p.at == from {
			p.skip()
		}
	}
	p.pass(open)
}

// accessorAt tells whether an accessor begins at a token.
func (p *parser) accessorAt(i int) bool {
	for p.toks[i].kind == kAt || swiftModifier.has(p.toks[i].word) && p.toks[i].word != wAsync {
		if p.toks[i].kind == kAt {
			i = p.afterAnnotation(i)
		} else {
			i++
		}
	}
	if p.toks[i].kind != kIdent {
		return false
	}
	next := &p.toks[i+1]
	switch p.name(i) {
	case "get", "set":
		switch next.kind {
		case kBrace, kBraceEnd:
			return true
		case kParen:
			return p.toks[p.after(i+1)].kind == kBrace
		case kIdent:
			return next.word == wGet || next.word == wSet || next.word == wAsync || next.word == wThrows ||
				next.word == wMutating || next.word == wNonmutating
		}
	case "willSet", "didSet", "_read", "_modify":
		return next.kind == kBrace || next.kind == kParen
	}
	return false
}
