package island

func (p *parser) kotlinFile() {
	p.lines = true
	for p.kind() == kAt && p.tok(1).kind == kIdent && p.tok(2).kind == kColon { // @file:
		p.annotations()
	}
	for p.kind() != kEOF {
		from := p.at
		switch w := p.word(); {
		case p.kind() == kSemi:
			p.next()
		case p.kind() == kIdent && (w == wPackage || w == wImport) && p.tok(1).kind == kIdent:
			p.pathImport()
		case p.kotlinDeclares():
			p.f.Decls = p.kotlinDecl(nil, p.f.Decls)
		default:
			p.topStatement()
		}
		if p.at == from {
			p.skip()
		}
	}
}

// topStatement parses a statement outside of declarations.
func (p *parser) topStatement() {
	mark := len(p.stack)
	p.statement()
	if len(p.stack) == mark {
		return
	}
	if p.f.top == nil {
		p.f.top = p.node(Block, p.stack[mark].Start)
	}
	p.f.top.Kids = append(p.f.top.Kids, p.stack[mark:]...)
	p.f.top.Start = min(p.f.top.Start, p.stack[mark].Start)
	p.f.top.End = p.prevEnd()
	p.stack = p.stack[:mark]
}

// pathImport parses package a.b and import a.b.* as c, in Java import static too.
func (p *parser) pathImport() {
	i := Import{Span: Span{Start: p.start()}}
	if p.word() == wPackage {
		i.Kind = PackageOf
	}
	p.next()
	if p.word() == wStatic && p.tok(1).kind == kIdent {
		p.next()
	}
	i.URI = p.dotted()
	if p.kind() == kDot && p.tok(1).kind == kStar {
		p.at += 2
		i.URI += ".*"
	}
	if p.word() == wAs && !p.newline() && p.tok(1).kind == kIdent {
		p.next()
		i.Prefix = p.name(p.at)
		p.next()
	}
	i.End = p.prevEnd()
	p.accept(kSemi)
	p.f.Imports = append(p.f.Imports, i)
}

var kotlinModifiers = [words]Modifier{
	wPrivate: Private, wConst: Const, wLateinit: Late, wSuspend: Async, wOverride: Override, wAbstract: Abstract,
	wSealed: Abstract, wExternal: External,
}

var isKotlinModifier = setOf(wPublic, wPrivate, wProtected, wInternal, wExpect, wActual, wOpen, wAbstract, wFinal,
	wSealed, wOverride, wLateinit, wConst, wSuspend, wInline, wNoinline, wCrossinline, wTailrec, wOperator, wInfix,
	wExternal, wData, wInner, wEnum, wCompanion, wValue, wVararg, wReified)

// kotlinDeclares tells whether a declaration comes next.
func (p *parser) kotlinDeclares() bool {
	i := p.at
	for n := 0; n < 64; n++ {
		t := &p.toks[i]
		switch {
		case t.kind == kAt:
			i = p.afterAnnotation(i)
			continue
		case t.kind != kIdent:
			return false
		}
		next := &p.toks[i+1]
		switch t.word {
		case wClass, wInterface, wTypealias:
			return next.kind == kIdent
		case wObject:
			return next.kind == kIdent && next.flags&afterLine == 0 || i > p.at && p.toks[i-1].word == wCompanion
		case wVal, wVar:
			return true
		case wFun:
			return next.kind != kParen
		case wConstructor:
			return next.kind == kParen && p.inClass()
		case wInit:
			return next.kind == kBrace && p.inClass()
		case wNone:
			if p.name(i) != "annotation" {
				return false
			}
		default:
			if !isKotlinModifier.has(t.word) {
				return false
			}
		}
		if next.kind != kIdent && next.kind != kAt {
			return false
		}
		i++
	}
	return false
}

// inClass tells whether members are what is parsed.
func (p *parser) inClass() bool {
	if p.owner == nil {
		return false
	}
	switch p.owner.Kind {
	case Class, Enum, EnumValue, Interface, Extension, Object:
		return true
	}
	return false
}

// afterAnnotation is the index after @a, @a.b(...), @get:a, @[a b].
func (p *parser) afterAnnotation(i int) int {
	i++
	if p.toks[i].kind == kIdent && p.toks[i+1].kind == kColon {
		i += 2
	}
	if p.toks[i].kind == kBracket {
		return p.after(i)
	}
	for p.toks[i].kind == kIdent {
		i++
		if p.toks[i].kind != kDot || p.toks[i+1].kind != kIdent {
			break
		}
		i++
	}
	if p.toks[i].kind == kLess {
		if j := p.typeArgs(i); j > 0 {
			i = j
		}
	}
	if t := &p.toks[i]; t.kind == kParen && t.flags&afterSpace == 0 {
		i = p.after(i)
	}
	return i
}

// kotlinNotes parses annotations and modifiers, which mix.
func (p *parser) kotlinNotes() (notes []Annotation, m Modifier, companion, enum bool) {
	for {
		switch {
		case p.kind() == kAt && p.tok(1).kind == kBracket:
			p.at = p.after(p.at + 1)
		case p.kind() == kAt && p.tok(1).kind == kIdent:
			notes = append(notes, p.annotations()...)
		case p.kind() == kIdent && (isKotlinModifier.has(p.word()) || p.name(p.at) == "annotation") &&
			(p.tok(1).kind == kIdent || p.tok(1).kind == kAt):
			m |= kotlinModifiers[p.word()]
			companion = companion || p.word() == wCompanion
			enum = enum || p.word() == wEnum
			p.next()
		default:
			return notes, m, companion, enum
		}
	}
}

func (p *parser) kotlinDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	notes, m, companion, enum := p.kotlinNotes()
	var d *Decl
	owner := p.owner
	switch p.word() {
	case wClass, wInterface:
		d = p.decl(Class, start, parent)
		if p.word() == wInterface {
			d.Kind = Interface
		} else if enum {
			d.Kind = Enum
		}
		p.next()
		p.named(d)
		p.kotlinClass(d)
	case wObject:
		d = p.decl(Object, start, parent)
		p.next()
		d.Name = "Companion"
		if p.kind() == kIdent && (!companion || !p.newline()) {
			p.named(d)
		}
		if companion {
			m |= Static
		}
		p.kotlinClass(d)
	case wFun:
		if p.tok(1).word == wInterface && p.tok(2).kind == kIdent {
			p.next()
			return p.kotlinDecl(parent, list)
		}
		d = p.kotlinFun(start, parent)
	case wVal, wVar:
		if p.tok(1).kind == kParen {
			return p.kotlinDestructured(parent, list, start)
		}
		d = p.kotlinProperty(start, parent)
	case wTypealias:
		d = p.decl(TypeAlias, start, parent)
		p.next()
		p.named(d)
		p.passTypeArgs()
		if p.accept(kAssign) {
			d.Type = p.kotlinTypeText()
		}
		p.finish(d)
	case wConstructor:
		d = p.kotlinConstructor(start, parent)
	case wInit:
		d = p.decl(Constructor, start, parent)
		p.named(d)
		p.laterBlock(d)
		p.finish(d)
	default:
		return list
	}
	p.owner = owner
	d.Annotations, d.Modifiers = notes, d.Modifiers|m
	if parent != nil && parent.Kind == Object && parent.Has(Static) {
		d.Modifiers |= Static
	}
	return append(list, d)
}

// kotlinClass parses what follows the name of a class.
func (p *parser) kotlinClass(d *Decl) {
	owner := p.owner
	p.owner = d
	defer func() { p.owner = owner }()
	p.passTypeArgs()
	at := p.at
	p.kotlinNotes()
	if p.word() == wConstructor {
		p.next()
	} else if p.at > at && p.kind() != kParen {
		p.at = at
	}
	if p.kind() == kParen && !p.newline() {
		d.Params = p.kotlinParams()
	}
	if p.accept(kColon) {
		for {
			p.kotlinSuper(d)
			if !p.accept(kComma) {
				break
			}
		}
	}
	if p.word() == wWhere {
		p.kotlinWhere()
	}
	if p.kind() == kBrace && (!p.newline() || d.Kind != Object || d.Name != "" || len(d.Supers) > 0) {
		if d.Kind == Enum {
			p.kotlinEntries(d)
		} else {
			p.members(d, (*parser).kotlinMember)
		}
	}
	p.finish(d)
}

// kotlinSuper parses A<B>(c), A by d.
func (p *parser) kotlinSuper(d *Decl) {
	for p.kind() == kAt {
		p.at = p.afterAnnotation(p.at)
	}
	if p.kind() != kIdent {
		if i := p.kotlinType(p.at); i > 0 { // a type of functions
			d.Supers = append(d.Supers, p.between(p.at, i))
			p.at = i
		}
		return
	}
	d.Supers = append(d.Supers, p.dotted())
	p.passTypeArgs()
	if p.kind() == kParen {
		p.arguments()
	}
	if p.word() == wBy {
		p.next()
		saved := p.mode
		p.noTail = true
		p.expr()
		p.mode = saved
	}
}

func (p *parser) kotlinWhere() {
	p.next()
	for p.kind() == kIdent && p.tok(1).kind == kColon {
		p.at += 2
		if i := p.kotlinType(p.at); i > 0 {
			p.at = i
		}
		if !p.accept(kComma) {
			break
		}
	}
}

// members parses declarations in braces.
func (p *parser) members(d *Decl, member func(*parser, *Decl)) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	p.membersUntil(d, closer, member)
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
}

func (p *parser) membersUntil(d *Decl, closer int, member func(*parser, *Decl)) {
	if !p.enter() {
		return
	}
	defer p.leave()
	owner, saved := p.owner, p.mode
	p.owner, p.mode = d, mode{lines: p.g.lines}
	for p.at < closer {
		from := p.at
		member(p, d)
		if p.at == from {
			p.skip()
		}
	}
	p.owner, p.mode = owner, saved
}

func (p *parser) kotlinMember(d *Decl) {
	if p.accept(kSemi) || p.accept(kComma) {
		return
	}
	if p.kotlinDeclares() {
		d.Members = p.kotlinDecl(d, d.Members)
	}
}

func (p *parser) kotlinEntries(d *Decl) {
	open := p.at
	closer := int(p.toks[open].aux)
	p.next()
	for p.at < closer && !p.accept(kSemi) {
		from := p.at
		start := p.start()
		notes := p.annotations()
		if p.kind() == kIdent && !p.kotlinDeclares() {
			v := p.decl(EnumValue, start, d)
			v.Annotations = notes
			v.Modifiers = Static | Const | Final
			p.named(v)
			if p.kind() == kParen {
				v.Args = p.arguments()
			}
			if p.kind() == kBrace {
				p.members(v, (*parser).kotlinMember)
			}
			d.Members = append(d.Members, p.finish(v))
		}
		if !p.accept(kComma) && p.at == from {
			p.skip()
		}
	}
	p.membersUntil(d, closer, (*parser).kotlinMember)
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
}

func (p *parser) kotlinConstructor(start int, parent *Decl) *Decl {
	d := p.decl(Constructor, start, parent)
	p.named(d)
	p.owner = d
	d.Params = p.kotlinParams()
	if p.accept(kColon) && p.kind() == kIdent { // this(...), super(...)
		p.next()
		if p.kind() == kParen {
			p.arguments()
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
	p.at = max(p.at, closer)
	if p.closed(open) {
		p.next()
	}
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
