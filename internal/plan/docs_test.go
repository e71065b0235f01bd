package plan

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/sim/world"
)

// TestDocs holds docs/plan.md against the keys that are read, both ways.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	phone := []string{"via", "submit", "ios", "android", "at", "model", "expect"} // of a task
	ofTask := slices.DeleteFunc(keyNames(taskKeys), func(k string) bool {
		return slices.Contains(phone, k) || k == "func" || k == "promise" // the last two are not built
	})
	sections := map[string]string{}
	for _, part := range strings.Split("\n"+string(b), "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		sections[title] = text
	}
	for title, want := range map[string][]string{
		"The file": keyNames(planKeys), "A task": ofTask, "needs": keyNames(needKeys), "limits": keyNames(limitKeys),
		"sandbox": keyNames(sandboxKeys),
	} {
		var got []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(sections[title], -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the page has %q, plans have %q", title, got, want)
		}
	}
	for key, names := range map[string][]string{"backoff": keyNames(backoffKeys), "unique": keyNames(uniqueKeys), "wasm": keyNames(wasmKeys)} {
		_, row, _ := strings.Cut(sections["A task"], "\n| `"+key+"` |")
		row, _, _ = strings.Cut(row, "\n")
		for _, k := range names {
			if !strings.Contains(row, k+": ") {
				t.Errorf("%s has the key %s, of which the page says nothing", key, k)
			}
		}
	}
}

// TestPhoneDocs holds the part of docs/plan.md on phones against the keys and words that
// are read, and reads its example.
func TestPhoneDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(b), "\n## Tasks of a phone app\n")
	names := slices.Concat(
		keyNames(appKeys), keyNames(androidAppKeys), keyNames(iosAppKeys), keyNames(submitKeys), keyNames(iosKeys), keyNames(androidKeys),
		keyNames(atKeys), keyNames(modelKeys), keyNames(expectKeys), Permissions(),
	)
	for _, a := range world.Archetypes() {
		names = append(names, a.Name)
	}
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
	if _, err := Parse("docs/plan.md", []byte(example)); err != nil {
		t.Error(err)
	}
}

func keyNames[T any](keys []keyOf[T]) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}
