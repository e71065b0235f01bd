package coretest

import (
	"encoding/json"

	"github.com/lullwork/lull/internal/record"
)

// Decided returns, a line each, what a journal tells of works and of the app: all but where
// engines begin and end, and what holds works, which each engine tells anew.
func (r *Rig) Decided() []string {
	r.TB.Helper()
	var lines []string
	for _, e := range r.Journal() {
		if e.Kind == record.EntryEngine || e.Kind == record.EntryHeld || e.Cond == "engine" {
			continue
		}
		e.Seq = 0
		b, err := json.Marshal(&e)
		if err != nil {
			r.TB.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return lines
}

// Parting is where two lists of lines part, with the line of each; "": the list has no
// more. It is -1 if they are equal.
func Parting(a, b []string) (i int, x, y string) {
	for i := range max(len(a), len(b)) {
		x, y = "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return i, x, y
		}
	}
	return -1, "", ""
}
