package island

// Limits of what is built: what is nested deeper is skipped, so that neither this
// package nor those that walk its trees run out of stack.
const (
	maxDepth = 400  // of brackets and statements in each other
	maxChain = 2000 // of a + b + c and a.b.c
	maxTypes = 500  // tokens looked at to see whether < opens type arguments
)

// parser turns tokens into declarations and nodes. It looks ahead, over brackets as a
// whole, and never goes back: that keeps it linear. It does not pass a closing bracket
// whose opener it has not seen.
type parser struct {
	f     *File
	g     *grammar
	toks  []token
	text  string
	at    int
	depth int
	owner *Decl // around what is parsed

	mode

	binds bool // a name in a pattern is one of a new variable

	stack    []*Node // kids of what is not finished
	argStack []Arg
	params   []Param
	nodes    slab[Node]
	kids     slab[*Node]
	args     slab[Arg]
	decls    slab[Decl]
	lazies   slab[lazy]
	skipEnd  int // index after the last skipped token
	steps    int
}

// slab hands out parts of larger and larger allocations.
type slab[T any] struct {
	free []T
	size int
}

func (s *slab[T]) take(n, most int) []T {
	if len(s.free) < n {
		s.size = min(max(4, 2*s.size), most)
		s.free = make([]T, max(n, s.size))
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// mode is what changes inside of brackets.
type mode struct {
	lines   bool // a new line ends an expression
	bare    bool // (a) => and (a) {} are no closures
	noTail  bool // a brace opens a block, no trailing closure
	section bool // .. begins the next section of a cascade around
}

// lazy is a part of a file that is parsed when somebody looks.
type lazy struct {
	file *File
	node *Node
	how  func(*parser) *Node // nil: parsed
	at   int
	end  int // of an expression: the token after it
	own  *Decl
}

func (l *lazy) get() *Node {
	if l == nil {
		return nil
	}
	if l.how != nil {
		l.file.lexed()
		p := &l.file.parser
		p.depth, p.owner, p.binds = 0, l.own, false
		p.mode = mode{lines: p.g.lines}
		p.parse(l)
	}
	return l.node
}

// parse parses what was kept for later. It cannot go on behind the end of it.
func (p *parser) parse(l *lazy) {
	how := l.how
	l.how = nil
	p.at = l.at
	if l.end == 0 {
		l.node = how(p)
		return
	}
	last := &p.toks[l.end]
	saved := last.kind
	last.kind = kEOF
	l.node = how(p)
	if p.at < l.end {
		p.anchor(l.node)
		u := p.node(Unknown, l.node.Start)
		mark := len(p.stack)
		p.push(l.node)
		for p.at < l.end {
			p.island()
		}
		u.Kids = p.pop(mark)
		l.node = p.done(u)
	}
	last.kind = saved
}

// later keeps a part for when it is asked for. An end of 0 is that of a bracket.
func (p *parser) later(d *Decl, at, end int, how func(*parser) *Node) *lazy {
	l := p.lazy(d)
	l.at, l.end, l.how = at, end, how
	return l
}

// laterBlock keeps the block that comes next and passes over it.
func (p *parser) laterBlock(d *Decl) {
	d.body = p.later(d, p.at, 0, (*parser).block)
	p.at = p.after(p.at)
}

// laterExpr keeps the expression that comes next and passes over it.
func (p *parser) laterExpr(d *Decl, how func(*parser) *Node) *lazy {
	from := p.at
	p.at = p.seek(p.at)
	return p.later(d, from, p.at, how)
}

// now keeps what is parsed already.
func (p *parser) now(d *Decl, n *Node) *lazy {
	if n == nil {
		return nil
	}
	l := p.lazy(d)
	l.node = n
	return l
}

func (p *parser) lazy(d *Decl) *lazy {
	l := &p.lazies.take(1, 64)[0]
	l.file, l.own = p.f, d
	return l
}

func (p *parser) kind() kind { return p.toks[p.at].kind }
func (p *parser) word() word { return p.toks[p.at].word }

// tok is the token n further on.
func (p *parser) tok(n int) *token {
	return &p.toks[min(p.at+n, len(p.toks)-1)]
}

func (p *parser) start() int { return int(p.toks[p.at].start) }

// prevEnd is the end of what was read last.
func (p *parser) prevEnd() int {
	if p.at == 0 {
		return 0
	}
	return p.f.tokens.end(p.at - 1)
}

// name is the text of a token.
func (p *parser) name(i int) string {
	return p.text[p.toks[i].start:p.f.tokens.end(i)]
}

// between is the text from one token up to, not including, another.
func (p *parser) between(from, to int) string {
	if to <= from {
		return ""
	}
	return p.text[p.toks[from].start:p.f.tokens.end(to-1)]
}

func (p *parser) next() {
	p.steps++
	if p.toks[p.at].kind != kEOF {
		p.at++
	}
}

func (p *parser) accept(k kind) bool {
	if p.kind() != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) acceptWord(w word) bool {
	if p.word() != w {
		return false
	}
	p.next()
	return true
}

// newline tells whether a new line before the next token ends what is parsed.
func (p *parser) newline() bool {
	return p.lines && p.toks[p.at].flags&afterLine != 0
}

// closed tells whether a bracket has a partner of its own.
func (p *parser) closed(i int) bool {
	t := &p.toks[i]
	partner := &p.toks[t.aux]
	return partner.kind == t.kind+(kParenEnd-kParen) && (t.kind == kStringOpen || int(partner.aux) == i)
}

// pass goes behind the bracket that opens at i, whatever is left inside.
func (p *parser) pass(i int) {
	p.at = max(p.at, int(p.toks[i].aux))
	if p.closed(i) {
		p.next()
	}
}

// after is the index after a token, or after all that it opens.
func (p *parser) after(i int) int {
	p.steps++
	if t := &p.toks[i]; t.kind.opens() {
		if p.closed(i) {
			return int(t.aux) + 1
		}
		return int(t.aux)
	}
	if p.toks[i].kind == kEOF {
		return i
	}
	return i + 1
}

// skip passes over a token, or all that it opens, as not understood.
func (p *parser) skip() {
	from, to := p.at, p.after(p.at)
	if from == to {
		return
	}
	span := Span{int(p.toks[from].start), p.f.tokens.end(to - 1)}
	if n := len(p.f.Skipped) - 1; n >= 0 && from > 0 && p.skipEnd == from {
		p.f.Skipped[n].End = span.End
	} else {
		p.f.Skipped = append(p.f.Skipped, span)
	}
	p.at, p.skipEnd = to, to
}

// enter tells whether there is depth left; leave follows if so.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.depth--
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

func (p *parser) node(k Kind, start int) *Node {
	n := &p.nodes.take(1, 128)[0]
	n.Kind = k
	n.Start, n.End = start, start
	return n
}

// done sets the end of a node. One of nothing is where the last token ends.
func (p *parser) done(n *Node) *Node {
	n.End = p.prevEnd()
	n.Start = min(n.Start, n.End)
	return n
}

// empty makes a node of nothing.
func (p *parser) empty() *Node { return p.node(Unknown, p.prevEnd()) }

// link makes kids of nodes.
func (p *parser) link(kids ...*Node) []*Node {
	if len(kids) == 0 {
		return nil
	}
	out := p.kids.take(len(kids), 512)
	copy(out, kids)
	return out
}

func (p *parser) push(n *Node) { p.stack = append(p.stack, n) }

// pop makes kids of what was pushed since a mark.
func (p *parser) pop(mark int) []*Node {
	out := p.link(p.stack[mark:]...)
	p.stack = p.stack[:mark]
	return out
}

func (p *parser) popArgs(mark int) []Arg {
	n := len(p.argStack) - mark
	if n == 0 {
		return nil
	}
	out := p.args.take(n, 128)
	copy(out, p.argStack[mark:])
	p.argStack = p.argStack[:mark]
	return out
}

func (p *parser) popParams(mark int) []Param {
	if len(p.params) == mark {
		return nil
	}
	out := append([]Param(nil), p.params[mark:]...)
	p.params = p.params[:mark]
	return out
}

func (p *parser) decl(k DeclKind, start int, parent *Decl) *Decl {
	d := &p.decls.take(1, 32)[0]
	d.Kind, d.Start, d.NameAt = k, start, start
	d.Parent, d.File = parent, p.f
	return d
}

// named sets the name of a declaration, which is the next token, and passes over it.
func (p *parser) named(d *Decl) {
	if p.kind() != kIdent && p.kind() != kString {
		return
	}
	d.NameAt = p.start()
	d.Name = p.name(p.at)
	p.next()
}

// finish sets the end of a declaration.
func (p *parser) finish(d *Decl) *Decl {
	d.End = max(d.Start, p.prevEnd())
	return d
}

// simple makes a node of the next token.
func (p *parser) simple(k Kind) *Node {
	n := p.node(k, p.start())
	n.Name = p.name(p.at)
	p.next()
	n.End = p.prevEnd()
	return n
}

// typeArgs returns the index after the type arguments that open with the < at i; -1 if
// it opens none.
func (p *parser) typeArgs(i int) int {
	depth := 0
	for n := 0; n < maxTypes; n++ {
		p.steps++
		t := &p.toks[i]
		switch t.kind {
		case kLess:
			depth++
		case kGreater:
			depth--
			if depth == 0 {
				return i + 1
			}
		case kIdent:
			if p.g.reserved.has(t.word) && t.word != wExtends && t.word != wSuper && t.word != wIn {
				return -1
			}
		case kDot, kComma, kQuestion, kAmp, kColon, kAt, kStar, kArrow:
		case kParen, kBracket:
			i = p.after(i)
			continue
		default:
			return -1
		}
		i++
	}
	return -1
}

// typeList is what stands between the < at i and the > before end, one by one.
func (p *parser) typeList(i, end int) []string {
	var list []string
	depth, from := 0, i+1
	for i++; i < end; i = p.after(i) {
		switch p.toks[i].kind {
		case kLess:
			depth++
		case kGreater:
			depth--
		case kComma:
			if depth == 0 {
				list = append(list, p.between(from, i))
				from = i + 1
			}
		}
	}
	return append(list, p.between(from, end-1))
}

// seek returns the index of the comma, semicolon or closing bracket that ends the
// expression at i, without parsing it.
func (p *parser) seek(i int) int {
	for {
		switch t := &p.toks[i]; {
		case t.kind == kComma, t.kind == kSemi, t.kind == kEOF, t.kind.closes():
			return i
		case t.kind == kLess:
			if j := p.typeArgs(i); j > 0 {
				// In a first value of Java, what can be type arguments is: a < b, c > d is none.
				if k := p.toks[j].kind; p.f.Lang == Java || k == kBrace || k == kBracket || p.afterTypeArgs(j) {
					i = j
					continue
				}
			}
		}
		i = p.after(i)
	}
}

// file parses the declarations of the file.
func (p *parser) file() {
	switch p.f.Lang {
	case Kotlin:
		p.kotlinFile()
	case Swift:
		p.swiftFile()
	case Java:
		p.javaFile()
	case ObjC:
		p.objcFile()
	case Groovy:
		p.groovyFile()
	default:
		p.dartFile()
	}
}
