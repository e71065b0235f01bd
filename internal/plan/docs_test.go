package plan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestDocs holds docs/plan.md against the keys and words that are read, and reads its
// example.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	names := plan.KeyNames()
	for _, a := range world.Archetypes() {
		names = append(names, a.Name)
	}
	names = append(names, plan.Permissions()...)
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "{"+name+"}`") {
			t.Errorf("docs/plan.md says nothing of %s", name)
		}
	}
	_, rest, _ := strings.Cut(page, "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/plan.md has no example")
	}
	if _, err := plan.Parse("docs/plan.md", []byte(example)); err != nil {
		t.Error(err)
	}
}
