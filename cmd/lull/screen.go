package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// screen is a terminal with a part below the lines that scroll: it shows what is
// so now and is drawn over.
type screen struct {
	w    io.Writer
	size func() (width, height int) // of the terminal, 0: not known

	drawn []string // what is below, as it stands there
}

// show prints lines and draws what is below them, in one write, so that nothing
// flickers. The terminal wraps the lines; what is below is cut to its size.
func (s *screen) show(lines, below []string) {
	width, height := s.size()
	below = fit(below, width, height)
	if len(lines) == 0 && slices.Equal(below, s.drawn) {
		return
	}
	var b strings.Builder
	if n := rows(s.drawn, width); n > 0 {
		// A terminal that was made narrower has wrapped what was there.
		fmt.Fprintf(&b, "\r\x1b[%dA\x1b[J", n)
	}
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	for _, l := range below {
		b.WriteString(l + "\n")
	}
	s.drawn = below
	// Whoever closed the terminal sees nothing.
	_, _ = io.WriteString(s.w, b.String())
}

// fit cuts lines so that each takes one row and all leave room for what scrolls.
func fit(lines []string, width, height int) []string {
	if width <= 0 {
		return nil
	}
	const room = 3
	if most := max(height-room, 1); height > 0 && len(lines) > most {
		lines = lines[:most]
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = cut(l, width-1)
	}
	return out
}

// cut shortens a line to so many columns.
func cut(line string, most int) string {
	if columns(line) <= most {
		return line
	}
	n := 0
	for i, r := range line {
		if n += columnsOf(r); n > most-1 {
			return line[:i] + "…"
		}
	}
	return line
}

// rows counts the rows that lines take on a terminal.
func rows(lines []string, width int) int {
	n := 0
	for _, l := range lines {
		n += 1 + max(columns(l)-1, 0)/max(width, 1)
	}
	return n
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

// wide are the letters that take two columns on a terminal (Unicode TR 11, W and F).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1},
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1},
		{Lo: 0x3041, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

func columnsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(wide, r):
		return 2
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	return 1
}
