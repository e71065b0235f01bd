package walls

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"testing"
)

// Longest files, in lines. A longer one has more than one concern in it.
const (
	maxMain     = 40
	maxPublic   = 400
	maxInternal = 600
)

// public are the packages that users read.
var public = []string{".", "work", "isolate", "sqlite", "lulltest"}

func maxLines(file string) int {
	switch {
	case file == "cmd/lull/main.go":
		return maxMain
	case slices.Contains(public, path.Dir(file)) && !strings.HasSuffix(file, "_test.go"):
		return maxPublic
	}
	return maxInternal
}

func TestFileSizes(t *testing.T) {
	for _, file := range goFiles(t, ".") {
		if n, most := bytes.Count(read(t, file), []byte("\n")), maxLines(file); n > most {
			t.Errorf("%s has %d lines, the most is %d: split it by concern", file, n, most)
		}
	}
}

func TestMaxLines(t *testing.T) {
	for file, want := range map[string]int{
		"cmd/lull/main.go": maxMain, "cmd/lull/run.go": maxInternal, "lull.go": maxPublic, "work/state.go": maxPublic,
		"isolate/spec.go": maxPublic, "isolate/spec_test.go": maxInternal, "isolate/internal/tree/tree.go": maxInternal,
		"internal/core/run.go": maxInternal, "bench/main.go": maxInternal,
	} {
		if got := maxLines(file); got != want {
			t.Errorf("maxLines(%q) = %d, want %d", file, got, want)
		}
	}
}
