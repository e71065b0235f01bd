// Package sheet holds what several systems measured, row by row, holds it against goals and prints it.
package sheet

import (
	"slices"
)

// An ID names a row.
type ID string

// A Row is one line of figures. Of rates more is better, of times less is.
type Row struct {
	ID     ID
	Label  string               // with the unit, where it is not the table's
	Format func(float64) string // in tables
}

// A Sheet holds the figures of all runs.
type Sheet struct {
	Systems []string // in the order of the tables
	Rows    []Row
	Notes   []string // what a reader must know to trust a figure

	values map[ID]map[string][]float64 // by row and system, one a run
	failed map[ID]map[string]bool
}

// Add puts in the figure of one run.
func (s *Sheet) Add(id ID, system string, figure float64) {
	put(&s.values, id, system, append(s.values[id][system], figure))
}

// Fail says that a run of system gave no figure.
func (s *Sheet) Fail(id ID, system string) { put(&s.failed, id, system, true) }

func put[V any](m *map[ID]map[string]V, id ID, system string, v V) {
	if *m == nil {
		*m = map[ID]map[string]V{}
	}
	if (*m)[id] == nil {
		(*m)[id] = map[string]V{}
	}
	(*m)[id][system] = v
}

// AnyFailed says whether a run failed.
func (s *Sheet) AnyFailed() bool { return len(s.failed) > 0 }

// Remark adds a note once, however many runs it holds for.
func (s *Sheet) Remark(note string) {
	if !slices.Contains(s.Notes, note) {
		s.Notes = append(s.Notes, note)
	}
}

// Median of a row's runs for one system; false if it has none, or if any of them failed.
func (s *Sheet) Median(id ID, system string) (float64, bool) {
	v := s.values[id][system]
	if len(v) == 0 || s.failed[id][system] {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(v))
	mid := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[mid-1] + sorted[mid]) / 2, true
	}
	return sorted[mid], true
}

func (s *Sheet) row(id ID) Row {
	for _, r := range s.Rows {
		if r.ID == id {
			return r
		}
	}
	return Row{ID: id, Label: string(id), Format: Whole}
}
