package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	kebab     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	catalogue = regexp.MustCompile(`^[A-Z][0-9]{2}$`)
)

// What each row of the table owes its reader.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if !kebab.MatchString(r.Name) {
			t.Errorf("%q is no name in kebab-case", r.Name)
		}
		if seen[r.Name] {
			t.Errorf("%s is there twice", r.Name)
		}
		seen[r.Name] = true
		for _, id := range r.IDs {
			if !catalogue.MatchString(id) {
				t.Errorf("%s: %q is no catalogue id", r.Name, id)
			}
		}
		if !slices.Contains(Groups(), r.Group) {
			t.Errorf("%s: there is no group %q", r.Name, r.Group)
		}
		for _, p := range r.Platforms {
			if !slices.Contains(Platforms(), p) {
				t.Errorf("%s: there is no platform %q", r.Name, p)
			}
		}
		for what, text := range map[string]string{"Title": r.Title, "Seen": r.Seen, "Fix": r.Fix} {
			if text == "" || strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
				t.Errorf("%s: %s is to be one line without a full stop: %q", r.Name, what, text)
			}
		}
		if len(r.Detail) < 40 || !strings.HasSuffix(strings.TrimSpace(r.Detail), ".") {
			t.Errorf("%s: Detail is to be sentences with full stops: %q", r.Name, r.Detail)
		}
		if r.Certainty.String() == "none" {
			t.Errorf("%s has no certainty", r.Name)
		}
		if r.Example.Bad == "" || r.Example.Good == "" || r.Example.Lang == "" {
			t.Errorf("%s lacks an example of both kinds, or its language", r.Name)
		}
		if len(r.Source) == 0 && r.Group != Comments {
			t.Errorf("%s has no source", r.Name)
		}
		if r.Check == nil && r.Group != Comments {
			t.Errorf("%s checks nothing", r.Name)
		}
	}
}

func TestFind(t *testing.T) {
	table := Table{{Name: "one", IDs: []string{"E02", "E03"}}, {Name: "two", IDs: []string{"E03"}}}
	for word, want := range map[string]string{"one": "one", "E02": "one", "E03": "one two", "e02": "", "three": "", "": ""} {
		var got []string
		for _, r := range table.Find(word) {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %q", word, got, want)
		}
	}
}

func TestOn(t *testing.T) {
	everywhere, ios := &Rule{}, &Rule{Platforms: []string{OnIOS}}
	if !everywhere.On(OnWeb) || !ios.On(OnIOS) || ios.On(OnAndroid) {
		t.Error("a rule is on the wrong platforms")
	}
}
