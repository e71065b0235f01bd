package source

import (
	"bytes"
	"sort"

	"github.com/lullwork/lull/internal/check/finding"
)

// Text is a file's bytes with their lines, to turn offsets into places.
type Text struct {
	Path string
	Src  []byte

	starts []int // of the lines
}

// NewText counts the lines of src.
func NewText(path string, src []byte) *Text {
	starts := make([]int, 1, 1+bytes.Count(src, []byte{'\n'}))
	for at := 0; ; {
		i := bytes.IndexByte(src[at:], '\n')
		if i < 0 {
			return &Text{Path: path, Src: src, starts: starts}
		}
		at += i + 1
		starts = append(starts, at)
	}
}

// Place returns the place of the bytes start to end.
func (t *Text) Place(start, end int) finding.Place {
	line := sort.SearchInts(t.starts, start+1)
	return finding.Place{File: t.Path, Line: line, Column: start - t.starts[line-1] + 1, Start: start, End: end}
}

// Whole returns the place of the file itself: its first line.
func (t *Text) Whole() finding.Place { return finding.Place{File: t.Path, Line: 1, Column: 1} }

// Line returns where the line begins and ends, without its line break. Lines count from 1.
func (t *Text) Line(n int) (start, end int) {
	if n < 1 || n > len(t.starts) {
		return 0, 0
	}
	start, end = t.starts[n-1], len(t.Src)
	if n < len(t.starts) {
		end = t.starts[n] - 1
	}
	if end > start && t.Src[end-1] == '\r' {
		end--
	}
	return start, end
}

// Offset returns the offset of a line and column, as other readers count them.
func (t *Text) Offset(line, column int) int {
	start, end := t.Line(line)
	return min(start+max(column-1, 0), end)
}

// Value is a piece of text from a file.
type Value struct {
	Text string
	At   finding.Place
}

// Fault tells why a file, or something in it, could not be read.
type Fault struct {
	File string
	Line int // 0: the file
	Why  string
	Err  error // what it is, such as ErrTooBig; may be nil
}

func (f *Fault) Error() string { return f.File + ": " + f.Why }

func (f *Fault) Unwrap() error { return f.Err }

// Unchecked turns a fault into what a report lists: what is, say, "manifest".
func (f *Fault) Unchecked(what string) finding.Unchecked {
	return finding.Unchecked{What: what, File: f.File, Line: max(f.Line, 1), Why: f.Why}
}
