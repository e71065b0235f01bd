package island

import (
	"math/bits"
	"strings"
)

// class is what a byte starts.
type class uint8

const (
	cOther class = iota // an operator, or nothing
	cSpace
	cLine
	cName
	cDigit
	cQuote
	cSlash
	cOpen
	cClose
	cComma
	cTick
	cHash
	cDot
)

var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c == '\n':
			table[c] = cLine
		case c <= ' ':
			table[c] = cSpace
		case c >= '0' && c <= '9':
			table[c] = cDigit
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '$', c >= 0x80:
			table[c] = cName
		}
	}
	for c, class := range map[byte]class{
		'"': cQuote, '\'': cQuote, '/': cSlash, '(': cOpen, '[': cOpen, '{': cOpen, ')': cClose, ']': cClose,
		'}': cClose, ',': cComma, ';': cComma, '`': cTick, '#': cHash, '.': cDot,
	} {
		table[c] = class
	}
	return table
}()

// open is a bracket that waits for its partner.
type open struct {
	index  int32 // of its token
	kind   kind
	quote  quote    // of a string
	waited [3]int32 // brackets that waited outside of an interpolation
}

// lexer makes tokens. Brackets find their partners here, so that whatever follows may
// step over what is between them.
type lexer struct {
	lang     Lang
	g        *grammar
	src      string
	at       int
	flags    uint8
	out      tokens
	stack    []open
	waiting  [3]int32 // open parentheses, brackets and braces since the last interpolation
	inserts  int      // open interpolations
	branches []int    // for each #if around, how many brackets were open
	comments []Comment
	skipped  []Span
	imports  []Import // of directives of the preprocessor
	alone    bool     // nothing but a comment stands on this line so far
	joins    bool     // the last comment was alone on its line
}

// ahead is how many kEOF end the tokens, so that a parser may look that far ahead.
const ahead = 8

// lex makes tokens, in the room there is in list.
func lex(l Lang, src string, list []token) *lexer {
	x := &lexer{lang: l, g: grammarOf(l), src: src, alone: true, flags: afterLine | afterSpace}
	if x.out.list = list; cap(list) == 0 {
		x.out.list = make([]token, 0, len(src)/5+16)
	}
	x.out.names = make([]uint64, max(4, 1<<bits.Len(uint(len(src)/192))))
	if strings.HasPrefix(src, "\uFEFF") {
		x.at = len("\uFEFF")
	}
	if strings.HasPrefix(src[x.at:], "#!") {
		x.toLineEnd()
	}
	x.run()
	end := uint32(len(x.out.list))
	for _, o := range x.stack {
		x.out.list[o.index].aux = end
		x.unclosed(o)
	}
	for range ahead {
		x.out.list = append(x.out.list, token{start: uint32(len(src)), aux: uint32(len(src)), flags: x.flags})
	}
	return x
}

func (x *lexer) run() {
	src := x.src
	for x.at < len(src) {
		c := src[x.at]
		switch classes[c] {
		case cSpace:
			x.flags |= afterSpace
			x.at++
		case cLine:
			x.flags |= afterLine | afterSpace
			x.alone = true
			x.at++
		case cName:
			x.name()
		case cComma:
			kind := kComma
			if c == ';' {
				kind = kSemi
			}
			x.emit(kind, x.at, x.at+1)
		case cOpen:
			x.opener(kParen+shape(c), x.at, x.at+1)
		case cClose:
			x.closer(shape(c))
		case cQuote:
			x.quoted()
		case cSlash:
			x.slash()
		case cDigit:
			x.number()
		case cTick:
			x.tick()
		case cHash:
			x.hash()
		case cDot:
			x.dot()
		default:
			x.operator()
		}
	}
}

// shape tells which of the brackets it is.
func shape(c byte) kind {
	switch c {
	case '(', ')':
		return 0
	case '[', ']':
		return 1
	default:
		return 2
	}
}

func (x *lexer) emit(k kind, start, end int) {
	x.out.list = append(x.out.list, token{start: uint32(start), aux: uint32(end), kind: k, flags: x.flags})
	x.flags, x.alone = 0, false
	x.at = end
}

func (x *lexer) name() {
	src, start := x.src, x.at
	h := uint32(hashSeed)
	at := start
	for ; at < len(src); at++ {
		c := src[at]
		if k := classes[c]; k != cName && k != cDigit {
			break
		}
		h = (h ^ uint32(c)) * hashStep
	}
	if at < len(src) && at == start+1 && x.prefixed(at) {
		return
	}
	x.identifier(start, at, h)
}

// prefixed reads what starts like a name and is a string: r"..." and Groovy's $/.../$.
func (x *lexer) prefixed(at int) bool {
	switch c := x.src[at]; {
	case x.g.raw && x.src[x.at] == 'r' && (c == '"' || c == '\''):
		q := quoteAt(x.src, at)
		q.raw, q.plain = true, true
		x.str(q, at)
	case x.lang == Groovy && x.src[x.at] == '$' && c == '/' && x.prefixPosition():
		x.str(quote{mark: '/', dollar: true, raw: true}, x.at)
	default:
		return false
	}
	return true
}

func (x *lexer) identifier(start, end int, h uint32) {
	w := wordOf(x.src[start:end], h)
	x.out.add(h)
	x.out.list = append(x.out.list, token{
		start: uint32(start), aux: uint32(end), kind: kIdent, flags: x.flags, word: w,
	})
	x.flags, x.alone = 0, false
	x.at = end
}

func (x *lexer) tick() {
	if end := strings.IndexAny(x.rest(256), "`\n"); x.g.ticks && end > 0 && x.src[x.at+1+end] == '`' {
		start := x.at + 1
		name := x.src[start : start+end]
		x.out.add(hash(name))
		x.emit(kIdent, start, start+end) // a name, even if it is spelt like a word
		x.at++
		return
	}
	x.emit(kStray, x.at, x.at+1)
}

// rest is what follows the byte that is read, up to n bytes of it.
func (x *lexer) rest(n int) string {
	from := min(len(x.src), x.at+1)
	return x.src[from:min(len(x.src), from+n)]
}

func (x *lexer) opener(k kind, start, end int) {
	if k <= kBrace {
		x.waiting[k-kParen]++
	}
	x.stack = append(x.stack, open{index: int32(len(x.out.list)), kind: k})
	x.emit(k, start, end)
}

// closer finds the partner of a closing bracket. What was opened inside of it and not
// closed ends here too.
func (x *lexer) closer(which kind) {
	k := kParen + which
	switch {
	case x.waiting[which] > 0:
	case x.inserts > 0 && (x.g.backslash && which == 0 || x.g.dollar && which == 2):
		k = kInterp
	default:
		x.emit(kStray, x.at, x.at+1)
		return
	}
	here := uint32(len(x.out.list))
	for {
		top := x.stack[len(x.stack)-1]
		x.stack = x.stack[:len(x.stack)-1]
		x.out.list[top.index].aux = here
		if top.kind <= kBrace {
			x.waiting[top.kind-kParen]--
		}
		if top.kind != k {
			x.unclosed(top)
			continue
		}
		x.emit(k+(kParenEnd-kParen), x.at, x.at+1)
		x.out.list[here].aux = uint32(top.index)
		if k == kInterp {
			x.inserts--
			x.waiting = top.waited
			x.inside() // the string goes on
		}
		return
	}
}

// unclosed counts a bracket without a partner among what is not understood.
func (x *lexer) unclosed(o open) {
	at := int(x.out.list[o.index].start)
	x.skipped = append(x.skipped, Span{at, at + 1})
}

func (x *lexer) number() {
	src, at := x.src, x.at
	hex := at+1 < len(src) && src[at] == '0' && src[at+1]|0x20 == 'x'
	member := len(x.out.list) > 0 && x.out.list[len(x.out.list)-1].kind == kDot // tuple.0.1
	for at++; at < len(src); at++ {
		c := src[at]
		switch {
		case classes[c] == cDigit || classes[c] == cName && c != '$':
			continue
		case c == '.' && !hex && !member && at+1 < len(src) && classes[src[at+1]] == cDigit:
			continue
		case (c == '+' || c == '-') && !hex && src[at-1]|0x20 == 'e' && at+1 < len(src) && classes[src[at+1]] == cDigit:
			continue
		}
		break
	}
	x.emit(kNumber, x.at, at)
}

func (x *lexer) dot() {
	if x.at+1 < len(x.src) && classes[x.src[x.at+1]] == cDigit && x.prefixPosition() {
		x.number()
		return
	}
	x.operator()
}

func (x *lexer) operator() {
	c := x.src[x.at]
	if c == '@' && x.lang == ObjC && strings.HasPrefix(x.src[x.at:], `@"`) {
		x.str(quoteAt(x.src, x.at+1), x.at+1)
		return
	}
	for _, o := range x.g.operators[c] {
		if len(o.text) == 1 || strings.HasPrefix(x.src[x.at:], o.text) {
			x.emit(o.kind, x.at, x.at+len(o.text))
			return
		}
	}
	x.emit(kStray, x.at, x.at+1)
}

// prefixPosition tells whether an operand is due: what stands before is no operand.
func (x *lexer) prefixPosition() bool {
	if len(x.out.list) == 0 {
		return true
	}
	switch t := x.out.list[len(x.out.list)-1]; {
	case t.kind == kIdent:
		return t.word == wReturn || t.word == wIn || t.word == wCase || t.word == wElse || t.word == wThrow ||
			t.word == wAwait || t.word == wTry || t.word == wIs
	case t.kind.closes(), t.kind == kNumber, t.kind == kString, t.kind == kStray, t.kind == kQuestion, t.kind == kBackslash,
		t.kind == kBangBang, t.kind == kBang, t.kind == kStep:
		return false
	case t.kind == kGreater:
		return x.flags&afterSpace != 0
	}
	return true
}
