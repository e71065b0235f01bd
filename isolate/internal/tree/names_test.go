package tree

import (
	"strings"
	"testing"
)

func TestCleanKeepsNamesApart(t *testing.T) {
	seen := map[string]string{}
	for _, in := range []string{"a", "a#1", "a_1", "a/1", "../x", "ü", "", strings.Repeat("l", 80), strings.Repeat("l", 81), strings.Repeat("l", 82)} {
		got := cleanRun(in)
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", in, other, got)
		}
		seen[got] = in
		if strings.ContainsAny(got, "/ \n#") || len(got) > 100 {
			t.Errorf("%q became %q", in, got)
		}
	}
	if got := cleanRun("work-1.b"); got != "work-1.b" {
		t.Error(got)
	}
}

func TestInstancePrefixesAreApart(t *testing.T) {
	// "lull-a-" must not be the beginning of "lull-a-b-": a sweep goes by prefix.
	if got := cleanInstance("a-b"); strings.Contains(got, "-") {
		t.Error(got)
	}
}
