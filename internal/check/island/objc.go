package island

import "strings"

func (p *parser) objcFile() {
	for p.kind() != kEOF {
		from := p.at
		p.f.Decls = p.objcDecl(nil, p.f.Decls)
		if p.at == from {
			p.skip()
		}
	}
}

// keyword is the word after an @, "" where none comes next.
func (p *parser) keyword() string {
	if p.kind() != kAt || p.tok(1).kind != kIdent {
		return ""
	}
	return p.name(p.at + 1)
}

func (p *parser) objcDecl(parent *Decl, list []*Decl) []*Decl {
	start := p.start()
	owner := p.owner
	defer func() { p.owner = owner }()
	switch word := p.keyword(); word {
	case "interface", "implementation", "protocol":
		if d := p.objcClass(word, start); d != nil {
			return append(list, d)
		}
		return list
	case "import":
		p.at += 2
		i := Import{Span: Span{Start: start}, URI: p.dotted()}
		i.End = p.prevEnd()
		p.f.Imports = append(p.f.Imports, i)
		p.accept(kSemi)
		return list
	case "property":
		return p.objcProperty(parent, list, start)
	case "":
	default: // class, synthesize, optional, end
		p.at += 2
		if word == "class" || word == "synthesize" || word == "dynamic" || word == "compatibility_alias" {
			p.at = p.toSemi(p.at)
		}
		return list
	}
	switch {
	case p.accept(kSemi):
		return list
	case p.kind() == kIdent && p.word() == wTypedef:
		return append(list, p.objcTypedef(start, parent))
	case p.kind() == kIdent && p.name(p.at) == "extern" && p.tok(1).kind == kString: // "C" {
		p.at += 2
		if p.kind() == kBrace {
			p.next()
		}
		return list
	case p.kind() == kBraceEnd || p.kind() == kStray:
		p.next()
		return list
	}
	return p.objcVariables(parent, list, start)
}

// objcClass parses @interface, @implementation and @protocol, up to @end.
func (p *parser) objcClass(word string, start int) *Decl {
	d := p.decl(Class, start, nil)
	p.at += 2
	if word == "protocol" {
		d.Kind = Interface
	}
	if p.kind() == kIdent {
		p.named(d)
	}
	if k := p.kind(); word == "protocol" && (k == kSemi || k == kComma) { // only a name
		p.at = p.toSemi(p.at)
		return nil
	}
	if p.kind() == kLess && word == "interface" {
		if i := p.typeArgs(p.at); i > 0 && p.toks[i].kind == kColon { // of a generic class
			p.at = i
		}
	}
	if p.kind() == kParen {
		d.Kind = Extension
		p.at = p.after(p.at)
	}
	if p.accept(kColon) && p.kind() == kIdent {
		d.Supers = append(d.Supers, p.name(p.at))
		p.next()
	}
	if p.kind() == kLess {
		if i := p.typeArgs(p.at); i > 0 {
			d.Supers = append(d.Supers, p.typeList(p.at, i)...)
			p.at = i
		}
	}
	if p.kind() == kBrace {
		p.at = p.after(p.at)
	}
	p.owner = d
	for p.kind() != kEOF {
		from := p.at
		switch p.keyword() {
		case "end":
			p.at += 2
			return p.finish(d)
		case "interface", "implementation":
			return p.finish(d)
		}
		if k := p.kind(); k == kMinus || k == kPlus {
			p.objcMethod(d)
		} else {
			d.Members = p.objcDecl(d, d.Members)
		}
		if p.at == from {
			p.skip()
		}
	}
	return p.finish(d)
}

// objcMethod parses - (T)name:(T)a with:(T)b { }.
func (p *parser) objcMethod(parent *Decl) {
	d := p.decl(Function, p.start(), parent)
	if p.kind() == kPlus {
		d.Modifiers = Static
	}
	p.next()
	if p.kind() == kParen {
		d.Type = p.inner()
	}
	d.NameAt = p.start()
	var name strings.Builder
	for p.kind() == kIdent || p.kind() == kColon {
		param := Param{Span: Span{Start: p.start()}}
		if p.kind() == kIdent {
			param.Label = p.name(p.at)
			name.WriteString(param.Label)
			p.next()
		}
		if !p.accept(kColon) {
			break
		}
		name.WriteByte(':')
		if p.kind() == kParen {
			param.Type = p.inner()
		}
		for p.kind() == kIdent && p.tok(1).kind == kIdent && p.tok(2).kind != kColon { // __unused
			p.next()
		}
		if p.kind() == kIdent {
			param.Name = p.name(p.at)
			p.next()
		}
		param.End = p.prevEnd()
		d.Params = append(d.Params, param)
	}
	d.Name = name.String()
	for k := p.kind(); k != kBrace && k != kSemi && k != kEOF && k != kAt && !k.closes(); k = p.kind() {
		p.at = p.after(p.at) // ..., attributes
	}
	p.accept(kSemi)
	if p.kind() == kBrace {
		p.laterBlock(d)
	}
	parent.Members = append(parent.Members, p.finish(d))
}

// inner is the text in the parentheses that come next.
func (p *parser) inner() string {
	from, to := p.at+1, int(p.toks[p.at].aux)
	p.at = p.after(p.at)
	return p.between(from, to)
}

// objcProperty parses @property (a, b) T *name;.
func (p *parser) objcProperty(parent *Decl, list []*Decl, start int) []*Decl {
	p.at += 2
	if p.kind() == kParen {
		p.at = p.after(p.at)
	}
	from := p.at
	end := p.toSemi(p.at)
	name := -1
	for i := p.at; i < end; i = p.after(i) {
		t := &p.toks[i]
		switch {
		case t.kind == kParen && p.toks[i+1].kind == kCaret && p.toks[i+2].kind == kIdent:
			name = i + 2
			i = end - 1
		case t.kind == kIdent && !strings.HasPrefix(p.name(i), "NS_") && !strings.HasPrefix(p.name(i), "__"):
			name = i
		}
	}
	p.at = end
	if name < 0 {
		return list
	}
	d := p.decl(Variable, start, parent)
	d.Name, d.NameAt = p.name(name), int(p.toks[name].start)
	d.Type = p.between(from, name)
	return append(list, p.finish(d))
}

func (p *parser) objcTypedef(start int, parent *Decl) *Decl {
	d := p.decl(TypeAlias, start, parent)
	from := p.at + 1
	end := p.toSemi(from)
	for i := from; i < end; i = p.after(i) {
		name := -1
		switch t := &p.toks[i]; {
		case t.kind == kIdent:
			name = i
		case t.kind == kParen && i > from && (p.toks[i+1].kind == kCaret || p.toks[i+1].kind == kStar) && p.toks[i+2].kind == kIdent:
			name = i + 2
		case t.kind == kParen && strings.HasPrefix(p.name(i-1), "NS_") && int(t.aux) > i+1:
			if name = int(t.aux) - 1; p.toks[name].kind != kIdent {
				name = -1
			}
		}
		if name > 0 {
			d.Name, d.NameAt = p.name(name), int(p.toks[name].start)
		}
	}
	p.at = end
	return p.finish(d)
}

// objcName is the index of the name that a declaration at i declares; -1 where none is.
func (p *parser) objcName(i int) int {
	name, names := -1, 0
	for n := 0; n < 64; n++ {
		p.steps++
		t := &p.toks[i]
		switch t.kind {
		case kIdent:
			if p.g.reserved.has(t.word) && t.word != wConst {
				return -1
			}
			names++
			name = i
			i++
			if p.toks[i].kind == kParen {
				switch p.name(i - 1) {
				case "typeof", "__typeof__", "__typeof", "__attribute__", "_Nullable", "decltype":
					i = p.after(i)
					continue
				}
			}
			if p.toks[i].kind == kLess {
				if j := p.typeArgs(i); j > 0 && (p.toks[j].kind == kStar || p.toks[j].kind == kIdent) {
					i = j
				}
			}
		case kStar, kAmp, kAndAnd:
			if names == 0 {
				return -1
			}
			i++
		case kColonColon:
			names--
			i++
		case kParen:
			if k := p.toks[i+1].kind; names > 0 && (k == kCaret || k == kStar) && p.toks[i+2].kind == kIdent &&
				int(p.toks[i].aux) == i+3 && p.toks[i+4].kind == kParen {
				return i + 2
			}
			if names < 2 {
				return -1
			}
			return name
		default:
			if names < 2 || p.toks[i-1].kind != kIdent {
				return -1
			}
			return name
		}
	}
	return -1
}

// objcPointer tells whether the name at i is that of (^name)(...) or (*name)(...).
func (p *parser) objcPointer(i int) bool {
	k := p.toks[i-1].kind
	return (k == kCaret || k == kStar) && p.toks[i-2].kind == kParen && int(p.toks[i-2].aux) == i+1 &&
		p.toks[i+1].kind == kParenEnd && p.toks[i+2].kind == kParen
}

// objcVariables parses C's functions and variables.
func (p *parser) objcVariables(parent *Decl, list []*Decl, start int) []*Decl {
	var m Modifier
	for i := p.at; p.toks[i].kind == kIdent; i++ {
		switch p.name(i) {
		case "static":
			m |= Private // to the file
		case "const":
			m |= Const
		case "extern":
			m |= External
		}
	}
	name := p.objcName(p.at)
	if name < 0 {
		p.objcLost()
		return list
	}
	typ := p.between(p.at, name)
	switch t := &p.toks[name+1]; {
	case p.objcPointer(name): // void (^name)(int)
		d := p.decl(Variable, start, parent)
		d.Type, d.Modifiers = p.between(p.at, name-2), m
		p.at = name
		p.named(d)
		p.at = p.after(p.at + 1)
		if p.accept(kAssign) {
			d.init = p.laterExpr(d, (*parser).expr)
		}
		p.accept(kSemi)
		return append(list, p.finish(d))
	case t.kind == kParen:
		d := p.decl(Function, start, parent)
		d.Type, d.Modifiers = typ, m
		p.at = name
		p.named(d)
		p.owner = d
		d.Params = p.cParams(p.objcParamType)
		for k := p.kind(); k == kIdent || k == kParen; k = p.kind() {
			p.at = p.after(p.at)
		}
		if p.kind() == kBrace {
			p.laterBlock(d)
		} else {
			p.accept(kSemi)
		}
		return append(list, p.finish(d))
	case p.declarator(name + 1):
		p.at = name
		from := len(list)
		list = p.cVariables(parent, list, start, typ)
		for _, d := range list[from:] {
			d.Modifiers |= m
		}
		return list
	}
	p.objcLost()
	return list
}

// objcParamType is the index of the name of a parameter.
func (p *parser) objcParamType(i int) int { return p.objcName(i) }

// objcLost skips what is no declaration: structs, macros.
func (p *parser) objcLost() {
	if w := p.word(); p.kind() == kIdent && (w == wStruct || w == wEnum || w == wUnion) {
		p.at = p.toSemi(p.at) // understood as far as it matters
		return
	}
	if p.kind() == kIdent && p.tok(1).kind != kParen && p.toks[p.at+1].flags&afterLine != 0 { // NS_ASSUME_NONNULL_BEGIN
		p.next()
		return
	}
	if p.kind() == kIdent && p.tok(1).kind == kParen { // a macro with arguments
		p.at = p.after(p.at + 1)
		p.accept(kSemi)
		return
	}
	p.lost()
}

// objcStatement pushes a statement that begins with an @, if it is one.
func (p *parser) objcStatement() bool {
	start := p.start()
	switch p.keyword() {
	case "try":
		n := p.node(Try, start)
		p.at += 2
		mark := len(p.stack)
		p.push(p.block())
		p.catches()
		n.Kids = p.pop(mark)
		p.push(p.done(n))
	case "synchronized":
		p.at += 2
		p.push(p.condition())
		p.push(p.block())
	case "autoreleasepool":
		p.at += 2
		p.push(p.block())
	case "throw":
		n := p.node(Throw, start)
		p.at += 2
		if !p.ends() {
			n.Kids = p.link(p.expr())
		}
		p.endStatement(start, p.done(n))
	default:
		return false
	}
	return true
}
