package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/lullwork/lull/bench/internal/sheet"
)

const perTable = 7 // columns that fit a wide terminal

// print writes the report: figures, ratios, goals, notes, and how each system was set up.
func (s *suite) print(w io.Writer) {
	fmt.Fprintf(w, "isolates side by side: %s/%s, %d CPUs, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if s.config.runs > 1 {
		fmt.Fprintf(w, "median [min-max] of %d interleaved runs\n", s.config.runs)
	}
	for part := range slices.Chunk(s.Systems, perTable) {
		fmt.Fprintln(w)
		sheet.Write(w, s.Figures(part))
	}
	first, others := s.Systems[0], s.Systems[1:]
	for part := range slices.Chunk(others, perTable) {
		grid, _ := s.Ratios(first, part)
		fmt.Fprintln(w)
		sheet.Write(w, grid)
	}
	fmt.Fprintln(w)
	sheet.Write(w, s.Goals("goals", "got", gates(s.config), aims(s.config)))
	if len(s.Notes) > 0 {
		fmt.Fprintln(w, "\nNotes")
		for _, n := range s.Notes {
			fmt.Fprintln(w, "  "+n)
		}
	}
	fmt.Fprintln(w, "\nSetup (more: README.md)")
	for _, sys := range s.systems {
		fmt.Fprintf(w, "  %s: %s\n", sys.name, sys.setup)
	}
}
