package diff

import (
	"bytes"
	"fmt"
)

// Unified writes what makes the old text the new one, as patch reads it; "" where they are equal. A nil old
// text is a file that is not there yet. Unlike Of it sees white space.
func Unified(name string, old, text []byte) []byte {
	if bytes.Equal(old, text) {
		return nil
	}
	a, b := Lines(old), Lines(text)
	aEnds, bEnds := bytes.HasSuffix(old, newline), bytes.HasSuffix(text, newline)
	d := differ{exact(a, aEnds), exact(b, bEnds), nil}
	d.compare(0, len(a), 0, len(b), 0)
	var out bytes.Buffer
	was := "a/" + name
	if old == nil {
		was = "/dev/null"
	}
	fmt.Fprintf(&out, "--- %s\n+++ b/%s\n", was, name)
	for i := 0; i < len(d.changes); {
		j := i + 1
		for j < len(d.changes) && d.changes[j].A-d.changes[j-1].AEnd <= 2*context {
			j++
		}
		hunk(&out, a, b, d.changes[i:j], aEnds, bEnds)
		i = j
	}
	return out.Bytes()
}

var newline = []byte{'\n'}

// exact tells lines apart by every byte; a last line without an end is another than one with it.
func exact(lines [][]byte, ends bool) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = string(bytes.TrimSuffix(l, newline))
	}
	if n := len(out); n > 0 && !ends {
		out[n-1] += "\n"
	}
	return out
}

// context is how many equal lines stand around a change.
const context = 3

func hunk(out *bytes.Buffer, a, b [][]byte, changes []Change, aEnds, bEnds bool) {
	first, last := changes[0], changes[len(changes)-1]
	before := min(context, first.A)
	after := min(context, len(a)-last.AEnd)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", extent(first.A-before, last.AEnd+after), extent(first.B-before, last.BEnd+after))
	put := func(sign byte, lines [][]byte, from, to int, ends bool) {
		for i := from; i < to; i++ {
			out.WriteByte(sign)
			out.Write(bytes.TrimSuffix(lines[i], newline))
			out.WriteByte('\n')
			if i == len(lines)-1 && !ends {
				out.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	at := first.A - before
	for _, c := range changes {
		put(' ', a, at, c.A, aEnds)
		put('-', a, c.A, c.AEnd, aEnds)
		put('+', b, c.B, c.BEnd, bEnds)
		at = c.AEnd
	}
	put(' ', a, at, last.AEnd+after, aEnds)
}

func extent(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}
