package format

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/page"
)

// pretty prints for people: the line with a caret, what is wrong, what will be seen, and
// what to do.
func pretty(w io.Writer, r *check.Report, o Options) error {
	p := &page.Page{W: w}
	for i, f := range r.Findings {
		if i > 0 {
			p.Line("")
		}
		prettyOne(p, r, f, o)
	}
	if len(r.Unchecked) == 0 {
		return p.Err
	}
	if len(r.Findings) > 0 {
		p.Line("")
	}
	p.Line("%s", o.paint("not checked", bold))
	for _, u := range r.Unchecked {
		p.Line("  %s: %s: %s", clean(u.At(o.path)), clean(u.What), clean(u.Why))
	}
	return p.Err
}

// hanging is what stands before the text of a finding.
const hanging = "       "

func prettyOne(p *page.Page, r *check.Report, f *finding.Finding, o Options) {
	name := f.Rule
	if f.ID != "" {
		name += " " + f.ID
	}
	p.Line("%s: %s: %s %s", clean(at(f.Place, o)), o.paint(f.Certainty.String(), colourOf(f.Certainty)),
		o.paint(clean(f.Message), bold), o.paint("["+name+"]", dim))
	reg := regionOf(r.Texts[f.Place.File], f.Place)
	if len(reg.first) > 0 {
		line, caret := excerpt(reg)
		number := strconv.Itoa(reg.line)
		p.Line("%6s | %s", number, line)
		if caret != "" {
			p.Line("%6s | %s", "", o.paint(caret, colourOf(f.Certainty)))
		}
	}
	for _, rel := range f.Related {
		p.Hang(hanging+"and  ", clean(at(rel.Place, o))+": "+clean(rel.Text))
	}
	p.Hang(hanging+"seen ", clean(f.Seen))
	p.Hang(hanging+"fix  ", clean(f.Fix))
}

// at writes where a place is, in a form that terminals and editors can jump to.
func at(p finding.Place, o Options) string {
	return fmt.Sprintf("%s:%d:%d", o.path(p.File), p.Line, max(p.Column, 1))
}

// The widest excerpt, and how much of it stands before the place at most.
const (
	excerptWidth  = 110
	excerptBefore = 60
)

// excerpt returns the line of a region, cut to what fits, and the carets below it. Tabs
// become four columns.
func excerpt(reg region) (line, caret string) {
	before := reg.first[:min(reg.before, len(reg.first))]
	inside := reg.first[len(before) : len(before)+reg.inside]
	after := reg.first[len(before)+len(inside):]
	trimmed := bytes.TrimLeft(before, " \t") // indentation is of no use
	if len(before) == len(reg.first) || reg.endColumn == 0 {
		return tail(letters(bytes.TrimLeft(reg.first, " \t")), excerptWidth), ""
	}
	head := letters(trimmed)
	if n := utf8.RuneCountInString(head); n > excerptBefore {
		head = "…" + string([]rune(head)[n-excerptBefore:])
	}
	room := excerptWidth - utf8.RuneCountInString(head)
	mid := tail(letters(inside), room)
	width := utf8.RuneCountInString(strings.TrimRight(mid, " "))
	caret = strings.Repeat(" ", utf8.RuneCountInString(head)) + strings.Repeat("^", max(width, 1))
	if room -= utf8.RuneCountInString(mid); room > 0 {
		mid += tail(letters(after), room)
	}
	return strings.TrimRight(head+mid, " "), caret
}

// tail cuts a text to so many letters.
func tail(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:max(most-1, 0)]) + "…"
}

func letters(b []byte) string {
	const enough = 4 * excerptWidth // of a line of megabytes
	if len(b) > 2*enough {
		b = append(bytes.Clone(b[:enough]), b[len(b)-enough:]...)
	}
	return strings.ReplaceAll(clean(string(b)), "\t", "    ")
}

// Ways to paint on a terminal (ECMA-48, SGR).
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "1;33"
	cyan   = "1;36"
)

func colourOf(c finding.Certainty) string {
	switch c {
	case finding.Error:
		return red
	case finding.Warning:
		return yellow
	}
	return cyan
}

func (o Options) paint(s, how string) string {
	if !o.Colour {
		return s
	}
	return "\x1b[" + how + "m" + s + "\x1b[0m"
}

// compact prints a line a finding, as compilers do.
func compact(w io.Writer, r *check.Report, o Options) error {
	p := &page.Page{W: w}
	for _, f := range r.Findings {
		p.Line("%s: %s: %s [%s]", clean(at(f.Place, o)), f.Certainty, clean(f.Message), f.Rule)
	}
	for _, u := range r.Unchecked {
		p.Line("%s: not checked: %s: %s", clean(u.At(o.path)), clean(u.What), clean(u.Why))
	}
	return p.Err
}
