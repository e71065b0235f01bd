package plist

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/check/source"
)

// textReader reads the old form: { key = value; list = (a, "b"); }.
type textReader struct {
	*source.Text
	at int
}

func readText(path string, src []byte) (f *File, err error) {
	defer catch(path, &err)
	r := &textReader{Text: source.NewText(path, src)}
	if bytes.HasPrefix(src, bom) {
		r.at = len(bom)
	}
	r.space()
	if r.at == len(src) {
		fail(1, "is empty")
	}
	f = &File{Path: path, Root: r.value(0), Lines: true}
	if r.space(); r.at < len(src) {
		fail(r.line(r.at), "goes on after its end")
	}
	return f, nil
}

func (r *textReader) line(at int) int { return r.Place(min(at, len(r.Src)), at).Line }

// space skips white space and comments.
func (r *textReader) space() {
	for r.at < len(r.Src) {
		switch c := r.Src[r.at]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			r.at++
		case r.starts("//"):
			for r.at < len(r.Src) && r.Src[r.at] != '\n' {
				r.at++
			}
		case r.starts("/*"):
			end := bytes.Index(r.Src[r.at+2:], []byte("*/"))
			if end < 0 {
				fail(r.line(r.at), "has a comment without an end")
			}
			r.at += 2 + end + 2
		default:
			return
		}
	}
}

func (r *textReader) starts(s string) bool {
	return len(r.Src)-r.at >= len(s) && string(r.Src[r.at:r.at+len(s)]) == s
}

// peek returns the next byte that matters, 0 at the end.
func (r *textReader) peek() byte {
	if r.space(); r.at == len(r.Src) {
		return 0
	}
	return r.Src[r.at]
}

func (r *textReader) value(depth int) *Value {
	c := r.peek()
	from := r.at
	v := new(Value)
	switch c {
	case '{':
		v.Kind = Dict
	case '(':
		v.Kind = Array
	case '<':
		v.Kind = Data
		r.at++
		for r.at < len(r.Src) && r.Src[r.at] != '>' {
			r.at++
		}
		if r.at == len(r.Src) {
			fail(r.line(from), "has data without an end")
		}
		v.Text = string(r.Src[from+1 : r.at])
		r.at++
	default:
		v.Kind = String
		v.Text = r.text()
	}
	if v.Kind == Dict || v.Kind == Array {
		if depth == maxDepth {
			fail(r.line(from), "is nested deeper than %d levels", maxDepth)
		}
		r.at++
		if v.Kind == Dict {
			r.dict(v, from, depth)
		} else {
			r.array(v, from, depth)
		}
	}
	v.At = r.Place(from, r.at)
	if v.Kind != String || c == '"' || c == '\'' {
		v.Inner = r.Place(from+1, r.at-1)
	} else {
		v.Inner = v.At
	}
	return v
}

func (r *textReader) dict(v *Value, from, depth int) {
	for {
		switch r.peek() {
		case 0:
			fail(r.line(from), "has a { without an end")
		case '}':
			r.at++
			return
		}
		at := r.at
		e := Entry{Key: r.text(), KeyAt: r.Place(at, r.at)}
		switch r.peek() {
		case '=':
			r.at++
			e.Value = r.value(depth + 1)
			if r.peek() != ';' {
				fail(r.line(r.at), "has no ; after the value of %q", e.Key)
			}
		case ';': // the key is its value
			e.Value = &Value{Kind: String, Text: e.Key, At: e.KeyAt}
		default:
			fail(r.line(r.at), "has no = after the key %q", e.Key)
		}
		r.at++
		v.Keys = append(v.Keys, e)
	}
}

func (r *textReader) array(v *Value, from, depth int) {
	for {
		switch r.peek() {
		case 0:
			fail(r.line(from), "has a ( without an end")
		case ')':
			r.at++
			return
		}
		v.Items = append(v.Items, r.value(depth+1))
		switch r.peek() {
		case ',':
			r.at++
		case ')':
		default:
			fail(r.line(r.at), "has no , or ) after a value")
		}
	}
}

// text reads a string, in quotes or not.
func (r *textReader) text() string {
	from := r.at
	if from == len(r.Src) {
		fail(r.line(from), "ends where a value should be")
	}
	if q := r.Src[r.at]; q != '"' && q != '\'' {
		for r.at < len(r.Src) && isBare(r.Src[r.at]) {
			r.at++
		}
		if r.at == from {
			c, _ := utf8.DecodeRune(r.Src[r.at:])
			fail(r.line(r.at), "has a %q where a value should be", c)
		}
		return string(r.Src[from:r.at])
	}
	quote := r.Src[r.at]
	r.at++
	var b strings.Builder
	for r.at < len(r.Src) {
		switch c := r.Src[r.at]; c {
		case quote:
			r.at++
			return b.String()
		case '\\':
			r.at++
			r.escape(&b)
		default:
			b.WriteByte(c)
			r.at++
		}
	}
	fail(r.line(from), "has a string without an end")
	return ""
}

// isBare tells whether a byte may stand in a string without quotes.
func isBare(c byte) bool {
	return c > ' ' && c != 0x7f && !strings.ContainsRune(`;,=(){}<>"'`, rune(c)) || c >= 0x80
}

// escape reads what follows a backslash.
func (r *textReader) escape(b *strings.Builder) {
	if r.at == len(r.Src) {
		return
	}
	c := r.Src[r.at]
	digits, base := 0, 8
	switch {
	case c >= '0' && c <= '7':
		digits = 3
	case c == 'U' || c == 'u':
		digits, base = 4, 16
		r.at++
	case strings.IndexByte("abfnrtv", c) >= 0:
		b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		r.at++
		return
	default: // a quote, a backslash, a line break
		b.WriteByte(c)
		r.at++
		return
	}
	n := r.at
	for n < len(r.Src) && n < r.at+digits {
		if _, err := strconv.ParseUint(string(r.Src[n:n+1]), base, 8); err != nil {
			break
		}
		n++
	}
	if code, err := strconv.ParseUint(string(r.Src[r.at:n]), base, 32); err == nil {
		b.WriteRune(rune(code))
	}
	r.at = n
}
