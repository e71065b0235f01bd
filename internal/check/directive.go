package check

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

// keyword begins a comment to lull.
const keyword = "lull:ignore"

// directive is a comment that hides findings: "lull:ignore RULE[, RULE] reason", or
// "lull:ignore-file ..." for the whole file.
type directive struct {
	place    finding.Place // from the keyword to the end of the comment
	names    []name
	reason   string
	file     bool // it is about the whole file
	from, to int  // lines it is about
}

// name is of a rule, or a catalogue id.
type name struct {
	text string
	used bool
}

// directives finds the comments to lull in a file.
func directives(file string, text []byte) []directive {
	if !bytes.Contains(text, []byte(keyword)) {
		return nil
	}
	comments, ok := commentsOf(file, text)
	if !ok {
		return nil
	}
	var list []directive
	lines := source.NewText(file, text)
	for i, c := range comments {
		for at := c.Start; at < c.End; {
			j := bytes.Index(text[at:c.End], []byte(keyword))
			if j < 0 {
				break
			}
			begin := at + j
			at = begin + len(keyword)
			line := bytes.LastIndexByte(text[:begin], '\n') + 1
			if !onlyMarks(text[max(line, c.Start):begin]) {
				continue // the comment is about such comments
			}
			end := c.End
			if k := bytes.IndexByte(text[begin:c.End], '\n'); k >= 0 {
				end = begin + k
			}
			words, isOne := cutKeyword(string(text[begin:end]))
			if !isOne {
				continue
			}
			d := directive{file: words.file, place: lines.Place(begin, begin+len(bytes.TrimRight(text[begin:end], " \t\r*/->")))}
			d.names, d.reason = parseNames(words.rest)
			d.from, d.to = d.place.Line, d.place.Line
			if len(bytes.TrimSpace(text[line:max(line, c.Start)])) == 0 || c.Start < line { // nothing is before it on its line
				d.to = below(text, comments[i:], d.place.Line, at)
			}
			list = append(list, d)
		}
	}
	return list
}

// onlyMarks tells whether there is nothing but the marks of a comment.
func onlyMarks(b []byte) bool { return len(bytes.Trim(b, " \t/*#!<->")) == 0 }

type directiveWords struct {
	file bool
	rest string
}

// cutKeyword takes the keyword off a comment's text; isOne is false where the text goes on
// as another word.
func cutKeyword(text string) (w directiveWords, isOne bool) {
	rest, ok := strings.CutPrefix(text, keyword)
	if !ok {
		return w, false
	}
	if after, ok := strings.CutPrefix(rest, "-file"); ok {
		w.file, rest = true, after
	}
	if rest != "" && !strings.ContainsRune(" \t\r*->", rune(rest[0])) {
		return w, false
	}
	rest = strings.TrimSpace(rest)
	for _, mark := range []string{"*/", "-->"} {
		rest = strings.TrimSpace(strings.TrimSuffix(rest, mark))
	}
	w.rest = rest
	return w, true
}

// parseNames reads "RULE, RULE reason".
func parseNames(s string) (names []name, reason string) {
	for {
		s = strings.TrimLeft(s, " \t")
		i := strings.IndexAny(s, ", \t")
		word, rest := s, ""
		if i >= 0 {
			word, rest = s[:i], s[i:]
		}
		if text := strings.TrimRight(word, ":"); text != "" {
			names = append(names, name{text: text})
		}
		s = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(s, ",") || strings.HasSuffix(word, ":") {
			break
		}
		s = s[1:]
	}
	reason = strings.TrimSpace(strings.TrimLeft(s, " \t:-–—,"))
	if strings.IndexFunc(reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) < 0 {
		reason = ""
	}
	return names, reason
}

// below is the last line that a comment on a line of its own is about: that of the next
// code, with annotations before it, the whole of an XML tag, or the value of a plist's key.
func below(text []byte, comments []span, line, at int) int {
	const most = 100 // comments of that many lines are followed by no code that is meant
	last := line
	next := bytes.IndexByte(text[at:], '\n')
	for next >= 0 && last-line < most {
		at += next + 1
		last++
		next = bytes.IndexByte(text[at:], '\n')
		end := len(text)
		if next >= 0 {
			end = at + next
		}
		code := bytes.TrimSpace(text[at:end])
		start := at + bytes.Index(text[at:end], code)
		for len(comments) > 0 && comments[0].End <= start {
			comments = comments[1:]
		}
		switch {
		case len(code) == 0, len(comments) > 0 && comments[0].Start <= start:
		case code[0] == '@' || bytes.HasPrefix(code, []byte("<key>")) && bytes.HasSuffix(code, []byte("</key>")):
		case code[0] == '<':
			return last + bytes.Count(text[start:tagEnd(text, start)], []byte{'\n'})
		default:
			return last
		}
	}
	return line
}

// tagEnd is where the XML tag ends that starts at an offset.
func tagEnd(text []byte, start int) int {
	quote := byte(0)
	for i := start; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return start
}
