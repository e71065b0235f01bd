package island

import (
	"slices"
	"strings"
	"unsafe"
)

// Parse reads a file. It never fails: what it does not understand is in Skipped. It
// keeps src, which must not change any more: all names are parts of it.
func Parse(l Lang, src []byte) *File { return new(Reader).Parse(l, src) }

// Reader reads many files with the memory of one: a file's tokens, which take more of it
// than all else, are made anew when somebody looks into its bodies. The zero value is
// ready; it is not safe for concurrent use.
type Reader struct{ tokens []token }

// Parse is like the function.
func (r *Reader) Parse(l Lang, src []byte) *File {
	f := &File{Lang: l, Src: src, text: unsafe.String(unsafe.SliceData(src), len(src))}
	x := lex(l, f.text, r.tokens[:0])
	describe(x.comments, f.text)
	f.tokens, f.Comments, f.Imports, f.Skipped = x.out, x.comments, x.imports, x.skipped
	f.parser = parser{f: f, g: x.g, toks: x.out.list, text: f.text}
	f.parser.file()
	f.size = len(x.out.list)
	if r.tokens = x.out.list; cap(r.tokens) > 1<<20 {
		r.tokens = nil // not for as long as the small ones take
	}
	f.tokens.list, f.parser.toks = nil, nil
	return f
}

// lexed makes the tokens anew if they are not there. They are the same ones.
func (f *File) lexed() {
	if f.tokens.list == nil {
		x := lex(f.Lang, f.text, make([]token, 0, f.size))
		f.tokens.list, f.parser.toks = x.out.list, x.out.list
	}
}

// Text returns a part of the file.
func (f *File) Text(s Span) string { return f.text[s.Start:s.End] }

// Position tells the line and the column, in bytes and from 1, of an offset.
func (f *File) Position(off int) (line, column int) {
	if f.lines == nil {
		f.lines = append(make([]int, 0, len(f.text)/32+1), 0)
		for at := 0; ; {
			n := strings.IndexByte(f.text[at:], '\n')
			if n < 0 {
				break
			}
			at += n + 1
			f.lines = append(f.lines, at)
		}
	}
	off = max(0, min(off, len(f.text)))
	i, exact := slices.BinarySearch(f.lines, off)
	if !exact {
		i--
	}
	return i + 1, off - f.lines[i] + 1
}

// At returns the innermost declaration around an offset, nil where there is none. What
// is declared inside of a body is not among them: its function is.
func (f *File) At(off int) *Decl {
	var in *Decl
	for decls := f.Decls; ; decls = in.Members {
		i, _ := slices.BinarySearchFunc(decls, off, func(d *Decl, off int) int { return d.End - 1 - off })
		if i == len(decls) || off < decls[i].Start {
			return in
		}
		in = decls[i]
	}
}

// Uses returns the offsets of the identifiers with this name, in order. Those in
// comments and strings are none, those of an interpolation are.
func (f *File) Uses(name string) []int {
	if !f.tokens.mayUse(f.text, name) {
		return nil
	}
	f.lexed()
	return f.tokens.uses(f.text, name)
}

// Body returns the statements that stand outside of declarations, as in build.gradle
// and main.swift; nil where there are none.
func (f *File) Body() *Node { return f.top }

// Body returns what the declaration does: a Block, or an expression where the source
// has no braces; nil where it has no body.
func (d *Decl) Body() *Node { return d.body.get() }

// Init returns the first value of a variable, nil without: of a Swift enum's case too,
// and what is after Kotlin's by, such as the call of lazy.
func (d *Decl) Init() *Node { return d.init.get() }

// Default returns the value of a parameter that is not given; nil without.
func (p *Param) Default() *Node { return p.init.get() }
