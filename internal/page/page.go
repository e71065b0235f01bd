// Package page writes text for people: lines, paragraphs that hang from a head, and rows
// of Markdown. The first error stays, and ends the writing.
package page

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Width is how many columns a paragraph takes at most.
const Width = 100

// Page is what is written.
type Page struct {
	W   io.Writer
	Err error
}

// Line writes a line.
func (p *Page) Line(format string, args ...any) {
	if p.Err == nil {
		_, p.Err = fmt.Fprintf(p.W, format+"\n", args...)
	}
}

// inCell makes a text one that a cell can hold.
var inCell = strings.NewReplacer("|", `\|`, "\n", " ")

// Cells writes a row of a Markdown table.
func (p *Page) Cells(cells ...string) {
	row := "|"
	for _, c := range cells {
		row += " " + inCell.Replace(c) + " |"
	}
	p.Line("%s", row)
}

// Hang writes a paragraph after a head, in lines that are indented as far as the head is
// long.
func (p *Page) Hang(head, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	for i, l := range wrap(text, Width-len(indent)) {
		if i > 0 {
			head = indent
		}
		p.Line("%s%s", head, strings.TrimRight(l, " "))
	}
}

// wrap cuts a text into lines of at most so many columns. A word that is longer, as an
// address, is cut after a slash.
func wrap(text string, most int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		for i, part := range cut(word, most) {
			last := &lines[len(lines)-1]
			switch n := utf8.RuneCountInString(*last); {
			case n == 0:
				*last = part
			case i == 0 && n+1+utf8.RuneCountInString(part) <= most:
				*last += " " + part
			default:
				lines = append(lines, part)
			}
		}
	}
	return lines
}

// cut divides a word into parts of at most so many columns, after slashes if it has any.
func cut(word string, most int) []string {
	var out []string
	for {
		head := first(word, most)
		if len(head) == len(word) {
			return append(out, word)
		}
		if i := strings.LastIndexByte(head, '/'); i > 0 {
			head = head[:i+1]
		}
		out, word = append(out, head), word[len(head):]
	}
}

// first is so many letters of a text.
func first(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i]
		}
	}
	return s
}

// ShellWord writes a word as a shell takes it.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
