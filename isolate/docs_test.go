package isolate_test

import (
	"os"
	"strings"
	"testing"
)

// TestDocs: what docs/isolates.md shows in Go is what the examples run.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/isolates.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_background_test.go")
	if err != nil {
		t.Fatal(err)
	}
	flat := func(s string) string {
		var lines []string
		for line := range strings.Lines(s) {
			lines = append(lines, strings.TrimSpace(line))
		}
		return strings.Join(lines, "\n")
	}
	examples, shown := flat(string(code)), 0
	for i, block := range strings.Split(string(page), "```go\n") {
		if i == 0 {
			continue
		}
		block, _, closed := strings.Cut(block, "```")
		if shown++; !closed || !strings.Contains(examples, flat(block)) {
			t.Errorf("no example runs this:\n%s", block)
		}
	}
	if shown < 8 {
		t.Errorf("%d blocks of Go", shown)
	}
}
