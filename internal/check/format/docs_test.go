package format

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/rules"
)

const docs = "../../../docs/rules"

// TestDocs wants docs/rules to be what the table of rules says, with -update it writes it.
func TestDocs(t *testing.T) {
	want := map[string][]byte{}
	var index bytes.Buffer
	if err := Index(&index, rules.All()); err != nil {
		t.Fatal(err)
	}
	want["README.md"] = index.Bytes()
	for _, r := range rules.All() {
		var page bytes.Buffer
		if err := Page(&page, r); err != nil {
			t.Fatal(err)
		}
		want[r.Name+".md"] = page.Bytes()
	}
	if *update {
		if err := os.MkdirAll(docs, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, f := range files {
		name := filepath.Join(docs, f.Name())
		if want[f.Name()] == nil {
			if !*update {
				t.Errorf("%s is of no rule: go test ./internal/check/format -run TestDocs -update", name)
			} else if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		have[f.Name()] = true
	}
	for name, text := range want {
		file := filepath.Join(docs, name)
		if *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if old, err := os.ReadFile(file); err != nil || !bytes.Equal(old, text) {
			t.Errorf("%s is not what the table says: go test ./internal/check/format -run TestDocs -update", file)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, r := range rules.All() {
		var out bytes.Buffer
		if err := Explain(&out, r); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{r.Name, r.Title, "seen ", "fix "} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("the page of %s lacks %q", r.Name, part)
			}
		}
	}
	var out bytes.Buffer
	if err := Explain(&out, sample().Rules[0]); err != nil {
		t.Fatal(err)
	}
	golden(t, "explain", out.Bytes())
}
