package island

import "strings"

// quote is how a string ends and what may be in it.
type quote struct {
	mark   byte // '"', '\'' or '/'
	triple bool
	dollar bool  // Groovy's $/.../$
	raw    bool  // a backslash is a backslash
	plain  bool  // no interpolation
	hashes uint8 // Swift's #"..."#
}

func quoteAt(src string, at int) quote {
	q := quote{mark: src[at]}
	q.triple = at+2 < len(src) && src[at+1] == q.mark && src[at+2] == q.mark
	return q
}

// size is how many bytes open it, after a prefix.
func (q quote) size() int {
	switch {
	case q.dollar:
		return 2
	case q.triple:
		return 3
	}
	return 1
}

// lines tells whether it may have more than one.
func (q quote) lines() bool { return q.triple || q.dollar }

func (x *lexer) quoted() {
	q := quoteAt(x.src, x.at)
	q.plain = x.lang == Groovy && q.mark == '\''
	switch {
	case q.mark == '\'' && !x.g.single:
		q.triple = false
		if !x.g.char {
			x.emit(kStray, x.at, x.at+1)
			return
		}
	case !x.g.triple:
		q.triple = false
	case q.triple:
		q.raw = x.g.tripleRaw
	}
	x.str(q, x.at)
}

// str reads a string that opens at an offset, after a prefix that begins where the
// lexer stands.
func (x *lexer) str(q quote, at int) {
	start := x.at
	x.at = at + q.size()
	first := x.at
	end, more := x.until(q)
	if !more {
		if x.at == end {
			x.flags |= unclosed
			x.skipped = append(x.skipped, Span{start, end})
		}
		x.emit(kString, start, x.at)
		return
	}
	x.stack = append(x.stack, open{index: int32(len(x.out.list)), kind: kStringOpen, quote: q})
	x.emit(kStringOpen, start, first)
	x.at = first
	x.insert(first, end)
}

// inside goes on in the string whose interpolation has ended.
func (x *lexer) inside() {
	first := x.at
	end, more := x.until(x.stack[len(x.stack)-1].quote)
	if more {
		x.insert(first, end)
		return
	}
	here := len(x.out.list)
	last := x.at
	if end > first {
		x.emit(kText, first, end)
		here++
	}
	x.emit(kStringEnd, end, last)
	top := x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	x.out.list[top.index].aux = uint32(here)
}

// insert reads the text before an interpolation at an offset, and what opens it.
func (x *lexer) insert(first, at int) {
	q := x.stack[len(x.stack)-1].quote
	if at > first {
		x.emit(kText, first, at)
	}
	x.flags = 0
	x.at = at
	switch {
	case x.g.backslash:
		x.interpolate(at + 2 + int(q.hashes))
	case x.src[at+1] == '{':
		x.interpolate(at + 2)
	default:
		x.shortInsert(at + 1)
	}
}

func (x *lexer) interpolate(end int) {
	x.stack = append(x.stack, open{index: int32(len(x.out.list)), kind: kInterp, waited: x.waiting})
	x.waiting = [3]int32{}
	x.inserts++
	x.emit(kInterp, x.at, end)
}

// shortInsert reads "$name", and in Groovy "$name.part" too.
func (x *lexer) shortInsert(at int) {
	for {
		start, h := at, uint32(hashSeed)
		for ; at < len(x.src) && x.src[at] != '$' && (classes[x.src[at]] == cName || classes[x.src[at]] == cDigit); at++ {
			h = (h ^ uint32(x.src[at])) * hashStep
		}
		x.identifier(start, at, h)
		if x.lang != Groovy || at+1 >= len(x.src) || x.src[at] != '.' || !starts(x.src[at+1]) {
			break
		}
		x.emit(kDot, at, at+1)
		at++
	}
	x.inside()
}

func starts(c byte) bool { return classes[c] == cName && c != '$' }

// until finds where a string ends, or an interpolation in it begins. It stops after the
// end; a string that is not closed ends with its line, or with the file.
func (x *lexer) until(q quote) (end int, more bool) {
	src := x.src
	for at := x.at; at < len(src); at++ {
		switch c := src[at]; c {
		case q.mark:
			if n := q.closes(src[at:]); n > 0 {
				x.at = at + n
				return at, false
			}
		case '\\':
			switch {
			case q.raw:
			case q.hashes > 0 && !hasHashes(src[at+1:], q.hashes):
			case x.g.backslash && at+1+int(q.hashes) < len(src) && src[at+1+int(q.hashes)] == '(' && q.mark == '"':
				return at, true
			case at+1 < len(src) && (src[at+1] != '\n' || q.lines()):
				at++
			}
		case '$':
			if x.g.dollar && !q.plain && at+1 < len(src) && (src[at+1] == '{' || starts(src[at+1])) {
				return at, true
			}
		case '\n':
			if !q.lines() {
				x.at = at
				return at, false
			}
		}
	}
	x.at = len(src)
	return len(src), false
}

// closes tells how many bytes at the start of rest end the string: none if they do not.
func (q quote) closes(rest string) int {
	n := q.size()
	switch {
	case q.dollar:
		if strings.HasPrefix(rest, "/$") {
			return 2
		}
		return 0
	case q.triple:
		if len(rest) < 3 || rest[1] != q.mark || rest[2] != q.mark {
			return 0
		}
		for q.raw && n < len(rest) && rest[n] == q.mark && n < 5 {
			n++ // Kotlin: quotes before the last three belong to the text
		}
	}
	if q.hashes > 0 {
		if !hasHashes(rest[n:], q.hashes) {
			return 0
		}
		n += int(q.hashes)
	}
	return n
}

func hasHashes(rest string, n uint8) bool {
	if len(rest) < int(n) {
		return false
	}
	for i := range int(n) {
		if rest[i] != '#' {
			return false
		}
	}
	return true
}

// hash reads Swift's #"..."#, a directive, or a hash sign.
func (x *lexer) hash() {
	if x.g.directives && x.directive() {
		return
	}
	n := 0
	for x.at+n < len(x.src) && x.src[x.at+n] == '#' && n < 255 {
		n++
	}
	if at := x.at + n; x.g.hashes && at < len(x.src) && (x.src[at] == '"' || x.src[at] == '/') {
		q := quoteAt(x.src, at)
		q.hashes = uint8(n)
		q.triple = q.triple && q.mark == '"'
		x.str(q, at)
		return
	}
	x.operator()
}

// pattern reads /.../ where an operand is due.
func (x *lexer) pattern() bool {
	rest := x.rest(4096)
	if !x.prefixPosition() || rest == "" || classes[rest[0]] == cSpace || classes[rest[0]] == cLine || rest[0] == '=' {
		return false
	}
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '\n':
			return false
		case '/':
			x.str(quote{mark: '/'}, x.at)
			return true
		}
	}
	return false
}
