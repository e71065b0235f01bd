package format

import (
	"bytes"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/check/finding"
)

// region is a place with its end. Columns count letters.
type region struct {
	line, column, endLine, endColumn int    // endColumn 0: the whole line
	first                            []byte // the line of the text on which it begins; nil where it is not shown
	before, inside                   int    // bytes of first that are before the place and in it
}

// near is how many bytes around a place are looked at.
const near = 4096

// regionOf finds where a place begins and ends in a text.
func regionOf(text []byte, p finding.Place) region {
	r := region{line: p.Line, column: 1, endLine: p.Line}
	if p.End == 0 || p.End > len(text) || p.Start > p.End {
		if p.Line > 1 {
			r.first = lineOf(text, p.Line)
		}
		return r
	}
	// Many places on one line of megabytes: letters count as bytes up to what is near.
	begin, skipped := max(0, p.Start-near), 0
	if i := bytes.LastIndexByte(text[begin:p.Start], '\n'); i >= 0 {
		begin += i + 1
	} else if begin > 0 {
		skipped = max(0, p.Column-1-near)
	}
	r.first, r.before = lineOf(text[begin:min(len(text), p.End+near)], 1), p.Start-begin
	r.inside = max(min(p.End-p.Start, len(r.first)-r.before), 0)
	r.column = 1 + skipped + utf8.RuneCount(text[begin:p.Start])
	place, last := text[p.Start:p.End], begin
	if i := bytes.LastIndexByte(place, '\n'); i >= 0 {
		r.endLine += bytes.Count(place, []byte{'\n'})
		last, skipped = p.Start+i+1, 0
	}
	r.endColumn = 1 + skipped + utf8.RuneCount(text[last:p.End])
	return r
}

// lineOf returns a line of a text, without its end.
func lineOf(text []byte, n int) []byte {
	for ; n > 1; n-- {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return nil
		}
		text = text[i+1:]
	}
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}
