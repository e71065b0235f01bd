package island

func (p *parser) kotlinConstructor(start int, parent *Decl) *Decl {
	d := p.decl(Constructor, start, parent)
	p.named(d)
	p.owner = d
	d.Params = p.kotlinParams()
	if p.accept(kColon) && p.kind() == kIdent { // this(...), super(...)
		p.next()
		if p.kind() == kParen {
			d.Args = p.arguments()
		}
	}
	p.kotlinBody(d)
	return p.finish(d)
}

// kotlinFun parses fun <T> Receiver.name(a: A): B where T : C.
func (p *parser) kotlinFun(start int, parent *Decl) *Decl {
	d := p.decl(Function, start, parent)
	p.next()
	p.owner = d
	p.passTypeArgs()
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	for {
		if p.kind() == kIdent && (p.tok(1).kind == kParen || p.tok(1).kind == kLess && p.nameBefore(p.at+1)) {
			p.named(d)
			break
		}
		if p.kind() == kParen && p.tok(-1).kind != kDot && d.Name == "" { // a receiver in parentheses
			p.at = p.after(p.at)
			continue
		}
		switch p.kind() {
		case kIdent, kDot, kQuestion, kQuestionDot, kAt:
			p.next()
			continue
		case kLess:
			if i := p.typeArgs(p.at); i > 0 {
				p.at = i
				continue
			}
		}
		break
	}
	p.passTypeArgs()
	if p.kind() == kParen {
		d.Params = p.kotlinParams()
	}
	if p.accept(kColon) {
		d.Type = p.kotlinTypeText()
	}
	if p.word() == wWhere && p.kind() == kIdent {
		p.kotlinWhere()
	}
	p.kotlinBody(d)
	return p.finish(d)
}

// nameBefore tells whether the type arguments at i are followed by parameters, and not
// by the name of a function on that receiver.
func (p *parser) nameBefore(i int) bool {
	i = p.typeArgs(i)
	return i > 0 && p.toks[i].kind == kParen
}

func (p *parser) kotlinBody(d *Decl) {
	switch {
	case p.kind() == kBrace:
		p.laterBlock(d)
	case p.kind() == kAssign:
		p.next()
		d.body = p.now(d, p.expr())
	}
}

func (p *parser) kotlinTypeText() string {
	from := p.at
	if i := p.kotlinType(p.at); i > 0 {
		p.at = i
	}
	return p.between(from, p.at)
}

// kotlinType is the index after the type at i, -1 where none is.
func (p *parser) kotlinType(i int) int {
	p.steps++
	for p.toks[i].kind == kAt {
		i = p.afterAnnotation(i)
	}
	if t := &p.toks[i]; t.word == wSuspend && (p.toks[i+1].kind == kParen || p.toks[i+1].kind == kIdent) {
		i++
	}
	for {
		switch t := &p.toks[i]; {
		case t.kind == kParen:
			i = p.after(i)
			if p.toks[i].kind == kArrow {
				i++
				if p.toks[i].word == wSuspend && p.toks[i+1].kind == kParen {
					i++
				}
				continue
			}
		case t.kind == kIdent && !p.g.reserved.has(t.word):
			i++
			if p.toks[i].kind == kLess {
				j := p.typeArgs(i)
				if j < 0 {
					return i
				}
				i = j
			}
		case t.kind == kStar:
			return i + 1
		default:
			return -1
		}
		for p.toks[i].kind == kQuestion || p.toks[i].kind == kBangBang {
			i++
		}
		switch t := &p.toks[i]; {
		case t.kind == kDot || t.kind == kQuestionDot:
			if next := p.toks[i+1].kind; next != kIdent && next != kParen {
				return i
			}
		case t.kind == kAmp:
		default:
			return i
		}
		i++
	}
}

// kotlinParams parses parameters in parentheses.
func (p *parser) kotlinParams() []Param {
	open := p.at
	closer := int(p.toks[open].aux)
	saved := p.mode
	p.mode = mode{}
	p.next()
	mark := len(p.params)
	for p.at < closer {
		from := p.at
		param := Param{Span: Span{Start: p.start()}}
		p.kotlinNotes()
		if w := p.word(); (w == wVal || w == wVar) && p.tok(1).kind == kIdent {
			param.Field = true
			p.next()
		}
		if p.kind() == kIdent {
			param.Name = p.name(p.at)
			p.next()
			if p.accept(kColon) {
				param.Type = p.kotlinTypeText()
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

// kotlinProperty parses val name: T = value, by value, get() and set(x).
func (p *parser) kotlinProperty(start int, parent *Decl) *Decl {
	d := p.decl(Variable, start, parent)
	if p.word() == wVal {
		d.Modifiers = Final
	}
	p.next()
	p.passTypeArgs()
	for p.kind() == kIdent || p.kind() == kParen {
		i := p.kotlinReceiver(p.at)
		if i < 0 {
			break
		}
		p.at = i
	}
	if p.kind() == kIdent {
		p.named(d)
	}
	p.owner = d
	if p.accept(kColon) {
		d.Type = p.kotlinTypeText()
		if d.Type != "" && d.Type[len(d.Type)-1] == '?' {
			d.Modifiers |= Optional
		}
	}
	switch {
	case p.accept(kAssign):
		d.init = p.now(d, p.expr())
	case p.word() == wBy && p.kind() == kIdent:
		p.next()
		n := p.expr()
		if CalleeName(n) == "lazy" {
			d.Modifiers |= Lazy
		}
		d.init = p.now(d, n)
	}
	p.finish(d)
	for p.kotlinAccessor(d) {
		p.finish(d)
	}
	return d
}

// kotlinReceiver is the index after the receiver of an extension property, dot
// included; -1 where there is none.
func (p *parser) kotlinReceiver(i int) int {
	if p.toks[i].kind == kParen {
		i = p.after(i)
	} else {
		i++
	}
	if p.toks[i].kind == kLess {
		if i = p.typeArgs(i); i < 0 {
			return -1
		}
	}
	if p.toks[i].kind == kQuestion {
		i++
	}
	if k := p.toks[i].kind; (k == kDot || k == kQuestionDot) && p.toks[i+1].kind == kIdent {
		return i + 1
	}
	return -1
}

// kotlinAccessor parses get() = x, set(x) { }, private set.
func (p *parser) kotlinAccessor(d *Decl) bool {
	i := p.at
	if p.toks[i].kind == kSemi {
		i++
	}
	for p.toks[i].kind == kAt {
		i = p.afterAnnotation(i)
	}
	for isKotlinModifier.has(p.toks[i].word) {
		i++
	}
	w := p.toks[i].word
	if w != wGet && w != wSet {
		return false
	}
	next := &p.toks[i+1]
	if next.kind != kParen {
		if i > p.at && next.flags&afterLine != 0 || next.kind == kBraceEnd { // private set
			p.at = i + 1
			return true
		}
		return false
	}
	switch p.toks[p.after(i+1)].kind {
	case kAssign, kBrace, kColon:
	default:
		return false
	}
	start := int(p.toks[i].start)
	p.at = i + 1
	if w == wGet {
		d.Modifiers |= Getter
		p.at = p.after(p.at)
		if p.accept(kColon) {
			p.kotlinTypeText()
		}
		p.kotlinBody(d)
		return true
	}
	setter := p.decl(Function, start, d)
	setter.Name, setter.Modifiers = d.Name, Setter
	setter.Params = p.kotlinParams()
	owner := p.owner
	p.owner = setter
	p.kotlinBody(setter)
	p.owner = owner
	d.Members = append(d.Members, p.finish(setter))
	return true
}

// kotlinDestructured parses val (a, b) = c: several variables, the first of which has
// the value.
func (p *parser) kotlinDestructured(parent *Decl, list []*Decl, start int) []*Decl {
	p.next()
	params := p.kotlinParams()
	from := len(list)
	for _, param := range params {
		d := p.decl(Variable, max(start, param.Start), parent)
		d.Name, d.NameAt, d.Type, d.Modifiers = param.Name, param.Start, param.Type, Final
		d.End = param.End
		list = append(list, d)
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
