// Package diff compares two texts by their lines.
package diff

import (
	"bytes"
	"slices"
)

// Change is a run of lines that differ: lines A to AEnd of the old text are lines B to
// BEnd of the new one. They count from 0, ends are not in it.
type Change struct{ A, AEnd, B, BEnd int }

// Lines cuts a text into its lines, with their ends.
func Lines(text []byte) [][]byte {
	if len(text) == 0 {
		return nil
	}
	return bytes.SplitAfter(bytes.TrimSuffix(text, []byte{'\n'}), []byte{'\n'})
}

// Of compares lines by their text without white space at the end, and so ignores which line ends
// a checkout uses. It is quick rather than shortest: what is equal and unique on both
// sides in the same order is kept, then what touches it.
func Of(a, b [][]byte) []Change {
	d := differ{keys(a), keys(b), nil}
	d.compare(0, len(a), 0, len(b), 0)
	return d.changes
}

func keys(lines [][]byte) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = string(bytes.TrimRight(l, " \t\r\n"))
	}
	return out
}

type differ struct {
	a, b    []string
	changes []Change
}

// deepest bounds how often what lies between two anchors is looked into: a text that is
// made for it would take a time that grows with its square.
const deepest = 40

func (d *differ) compare(a, aEnd, b, bEnd, depth int) {
	for a < aEnd && b < bEnd && d.a[a] == d.b[b] {
		a, b = a+1, b+1
	}
	for a < aEnd && b < bEnd && d.a[aEnd-1] == d.b[bEnd-1] {
		aEnd, bEnd = aEnd-1, bEnd-1
	}
	if a == aEnd && b == bEnd {
		return
	}
	var anchors [][2]int
	if depth < deepest && a < aEnd && b < bEnd {
		anchors = d.anchors(a, aEnd, b, bEnd)
	}
	if len(anchors) == 0 {
		d.add(Change{a, aEnd, b, bEnd})
		return
	}
	for _, at := range anchors {
		if at[0] < a || at[1] < b { // the lines after the anchor before have taken it
			continue
		}
		d.compare(a, at[0], b, at[1], depth+1)
		a, b = at[0], at[1]
		for a < aEnd && b < bEnd && d.a[a] == d.b[b] {
			a, b = a+1, b+1
		}
	}
	d.compare(a, aEnd, b, bEnd, depth+1)
}

func (d *differ) add(c Change) {
	if n := len(d.changes); n > 0 && d.changes[n-1].AEnd == c.A && d.changes[n-1].BEnd == c.B {
		d.changes[n-1].AEnd, d.changes[n-1].BEnd = c.AEnd, c.BEnd
		return
	}
	d.changes = append(d.changes, c)
}

// anchors returns lines that are there once on each side, in an order that both sides have.
func (d *differ) anchors(a, aEnd, b, bEnd int) [][2]int {
	type seen struct{ a, b, at, bt int }
	lines := map[string]*seen{}
	for i := a; i < aEnd; i++ {
		s := lines[d.a[i]]
		if s == nil {
			s = &seen{}
			lines[d.a[i]] = s
		}
		s.a, s.at = s.a+1, i
	}
	for i := b; i < bEnd; i++ {
		if s := lines[d.b[i]]; s != nil {
			s.b, s.bt = s.b+1, i
		}
	}
	var pairs [][2]int
	for i := a; i < aEnd; i++ {
		if s := lines[d.a[i]]; s.a == 1 && s.b == 1 {
			pairs = append(pairs, [2]int{i, s.bt})
		}
	}
	return rising(pairs)
}

// rising keeps the longest part of the pairs whose second numbers rise.
func rising(pairs [][2]int) [][2]int {
	var ends []int // of the chains of each length, the one with the smallest last number
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(ends, p[1], func(e, b int) int { return pairs[e][1] - b })
		before[i] = -1
		if n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	var out [][2]int
	for i := ends[len(ends)-1]; i >= 0; i = before[i] {
		out = append(out, pairs[i])
	}
	slices.Reverse(out)
	return out
}
