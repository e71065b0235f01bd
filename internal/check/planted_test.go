package check_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check"
)

var update = flag.Bool("update", false, "write testdata/planted.txt anew, to be read")

const projects = "../../testdata/projects/"

// What is planted in the broken project is found, each on its line, and nothing else.
func TestPlanted(t *testing.T) {
	const file = "testdata/planted.txt"
	r, err := check.Run(context.Background(), projects+"broken", check.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&got, "%s:%d %s\n", f.Place.File, f.Place.Line, f.Rule)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	has := func(text string) map[string]bool {
		lines := map[string]bool{}
		for l := range strings.Lines(text) {
			lines[l] = true
		}
		return lines
	}
	found, planted := has(got.String()), has(string(want))
	for l := range planted {
		if !found[l] {
			t.Errorf("not found: %s", l)
		}
	}
	for l := range found {
		if !planted[l] {
			t.Errorf("not planted: %s", l)
		}
	}
}

func TestClean(t *testing.T) {
	r, err := check.Run(context.Background(), projects+"clean", check.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Projects) != 3 {
		t.Errorf("the projects are %v", r.Projects)
	}
	for _, f := range r.Findings {
		t.Errorf("%s:%d: %s: %s [%s]", f.Place.File, f.Place.Line, f.Certainty, f.Message, f.Rule)
	}
	for _, u := range r.Unchecked {
		t.Errorf("%s:%d: not checked: %s: %s", u.File, u.Line, u.What, u.Why)
	}
}
