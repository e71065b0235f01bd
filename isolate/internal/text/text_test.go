package text

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"  two\nlines\t ":              "two lines",
		"\x1b[31mred\x1b[0m":           "?[31mred?[0m",
		"bad \xff byte":                "bad ? byte",
		"fine ü 漢":                     "fine ü 漢",
		strings.Repeat("漢", 200):       strings.Repeat("漢", 166) + "...",
		"c1 \u009b control \u007f del": "c1 ? control ? del",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
