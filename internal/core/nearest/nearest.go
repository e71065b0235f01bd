// Package nearest finds the word that was meant by one that is not known.
package nearest

import "strings"

// Word returns the allowed word that a slip of the finger or two makes word from,
// or "".
func Word(word string, allowed []string) string {
	const longWord, manyWords = 50, 1000 // beyond, looking costs too much
	if len(word) > longWord || len(allowed) > manyWords {
		return ""
	}
	best, bestAt := "", max(1, (len(word)+1)/3)
	for _, a := range allowed {
		if strings.EqualFold(strings.ReplaceAll(word, "_", "-"), a) {
			return a
		}
		if max(len(a)-len(word), len(word)-len(a)) > bestAt {
			continue
		}
		if d := distance(word, a); d <= bestAt && d < len(a) && (best == "" || d < bestAt) {
			best, bestAt = a, d
		}
	}
	return best
}

// distance counts the edits (insert, delete, replace, swap of neighbours) from
// a to b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
