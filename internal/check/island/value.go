package island

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quote tells how the string that opens at a token is quoted.
func (p *parser) quote(i int) quote {
	text := p.text[p.toks[i].start:min(len(p.text), int(p.toks[i].start)+64)]
	var q quote
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case 'r':
			q.raw = true
		case '#':
			q.hashes++
		case '@':
		case '$':
			q.dollar, q.raw = true, true
		default:
			q.mark = text[at]
			q.triple = p.g.triple && q.mark != '/' && strings.HasPrefix(text[at:], strings.Repeat(text[at:at+1], 3))
			q.raw = q.raw || q.triple && p.g.tripleRaw || q.mark == '/'
			return q
		}
	}
	return q
}

// value is what a string without interpolation stands for.
func (p *parser) value(i int) string {
	t := &p.toks[i]
	text := p.text[t.start:t.aux]
	q := p.quote(i)
	lead := strings.IndexByte(text, q.mark)
	if lead < 0 {
		return text
	}
	if q.dollar {
		lead = 0
	}
	text = text[min(len(text), lead+q.size()):]
	if t.flags&unclosed == 0 {
		text = text[:max(0, len(text)-q.size()-int(q.hashes))]
	}
	if q.triple {
		text = p.unindent(text)
	}
	return p.unescape(text, q)
}

// unindent takes off what the layout of a string of several lines adds to it.
func (p *parser) unindent(text string) string {
	switch p.f.Lang {
	case Dart:
		if blank, rest, ok := strings.Cut(text, "\n"); ok && strings.Trim(blank, " \t\r\\") == "" {
			return rest
		}
	case Swift, Java:
		blank, rest, ok := strings.Cut(text, "\n")
		if !ok || strings.TrimSpace(blank) != "" {
			return text
		}
		last := strings.LastIndexByte(rest, '\n')
		indent := rest[last+1:]
		if strings.TrimSpace(indent) == "" {
			rest = rest[:max(last, 0)]
		} else {
			indent = indent[:len(indent)-len(strings.TrimLeft(indent, " \t"))]
		}
		lines := strings.Split(rest, "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], indent)
		}
		return strings.Join(lines, "\n")
	}
	return text
}

// unescape resolves the backslashes of a string.
func (p *parser) unescape(text string, q quote) string {
	if q.raw || strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || !hasHashes(text[i+1:], q.hashes) {
			b.WriteByte(text[i])
			continue
		}
		i += 1 + int(q.hashes)
		if i >= len(text) {
			b.WriteByte('\\')
			break
		}
		switch c := text[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case '0':
			b.WriteByte(0)
		case '\n': // the line goes on
		case 'u', 'x':
			r, n := codePoint(text[i+1:], c)
			b.WriteRune(r)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// codePoint reads {1F600}, 00e9 or, after x, e9.
func codePoint(text string, kind byte) (r rune, n int) {
	digits := 4
	if kind == 'x' {
		digits = 2
	}
	from := 0
	if strings.HasPrefix(text, "{") {
		from, digits = 1, strings.IndexByte(text[:min(len(text), 10)], '}')-1
		n = 1
	}
	if digits < 1 || from+digits > len(text) {
		return utf8.RuneError, 0
	}
	v, err := strconv.ParseUint(text[from:from+digits], 16, 32)
	if err != nil {
		return utf8.RuneError, 0
	}
	return rune(v), from + digits + n
}
