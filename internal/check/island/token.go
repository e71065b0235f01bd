package island

import (
	"sort"
	"strings"
)

// token is one word of a file. Whether it is a bracket decides what aux is.
type token struct {
	start uint32
	aux   uint32 // end, or the index of the partner of a bracket
	kind  kind
	flags uint8
	word  word
}

// What stands before a token.
const (
	afterLine  uint8 = 1 << iota // a new line
	afterSpace                   // space, a comment or a new line
	unclosed                     // a string without an end
)

// kind is a kind of token.
type kind uint8

const (
	kEOF   kind = iota
	kIdent      // also keywords: see word
	kNumber
	kString // one without interpolation, with its quotes
	kText   // a part of a string with interpolation
	kStray  // a byte that means nothing, a bracket that closes nothing

	// Openers. Their partner is the closer, or, where there is none, the token at which
	// something around them ends.
	kParen
	kBracket
	kBrace
	kInterp
	kStringOpen

	kParenEnd
	kBracketEnd
	kBraceEnd
	kInterpEnd
	kStringEnd // aux is its end

	kComma
	kSemi
	kColon
	kDot
	kAt
	kHash
	kBackslash
	kQuestion
	kAssign
	kOpAssign
	kArrow
	kFatArrow
	kEqual // == != === !==
	kLess
	kGreater
	kLessEqual
	kGreaterEqual
	kShift // << only: >> may close types
	kPlus
	kMinus
	kStar
	kSlash // also ~/ and %
	kTilde
	kBang
	kBangBang
	kStep // ++ --
	kAndAnd
	kOrOr
	kAmp
	kPipe
	kCaret
	kOrElse // ?? ?:
	kQuestionDot
	kDotDot
	kQuestionDotDot
	kEllipsis
	kRange // ..<
	kColonColon
	kCustom // an operator that only some program knows

	kinds
)

func (k kind) opens() bool  { return k-kParen <= kStringOpen-kParen }
func (k kind) closes() bool { return k-kParenEnd <= kStringEnd-kParenEnd }

// tokens is what a lexer made of a file; the last ones are kEOF.
type tokens struct {
	list  []token
	names []uint64 // bits of the names that occur
}

func (t *tokens) end(i int) int {
	switch tok := &t.list[i]; {
	case tok.kind == kStringEnd || tok.kind < kParen || tok.kind > kStringEnd:
		return int(tok.aux)
	default:
		return int(tok.start) + 1
	}
}

// hashSeed and hashStep make the hash of a name while it is read.
const (
	hashSeed = 2166136261
	hashStep = 16777619
)

func hash(name string) uint32 {
	h := uint32(hashSeed)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * hashStep
	}
	return h
}

// add remembers that a name with this hash occurs.
func (t *tokens) add(h uint32) {
	mask := uint32(len(t.names)*64 - 1)
	a, b := h&mask, (h>>15^h*5)&mask
	t.names[a/64] |= 1 << (a % 64)
	t.names[b/64] |= 1 << (b % 64)
}

func (t *tokens) has(h uint32) bool {
	mask := uint32(len(t.names)*64 - 1)
	a, b := h&mask, (h>>15^h*5)&mask
	return t.names[a/64]>>(a%64)&1 == 1 && t.names[b/64]>>(b%64)&1 == 1
}

// mayUse tells whether there may be an identifier with a name: whether one with its bits
// occurs, and whether its bytes stand somewhere and are no part of a longer name.
func (t *tokens) mayUse(text, name string) bool {
	if name == "" || len(t.names) == 0 || !t.has(hash(name)) {
		return false
	}
	for at := 0; ; {
		n := strings.Index(text[at:], name)
		if n < 0 {
			return false
		}
		at += n
		end := at + len(name)
		if !(at > 0 && goesOn(text[at-1])) && !(end < len(text) && (goesOn(text[end]) || classes[text[end]] == cDigit)) {
			return true
		}
		at = end
	}
}

// goesOn tells whether a name goes on with this byte everywhere: not even in a string does
// an identifier begin behind it, or end before it.
func goesOn(c byte) bool { return classes[c] == cName && c < 0x80 && c != '$' }

// uses finds the identifiers with a name: first where its bytes are, then which of those
// are names.
func (t *tokens) uses(text, name string) []int {
	var found []int
	list := t.list
	for at := 0; ; {
		n := strings.Index(text[at:], name)
		if n < 0 {
			return found
		}
		at += n
		off := uint32(at)
		i := sort.Search(len(list), func(i int) bool { return list[i].start >= off })
		if i < len(list) && list[i].start == off && list[i].kind == kIdent && int(list[i].aux) == at+len(name) {
			found = append(found, at)
		}
		list = list[i:]
		at += len(name)
	}
}
