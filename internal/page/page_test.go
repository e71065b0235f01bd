package page

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzWrap(f *testing.F) {
	f.Add("two words and developer.apple.com/documentation/usernotifications/pushing", 20)
	f.Add("über/ä/ö", 3)
	f.Add("", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 1 || most > 1000 || !utf8.ValidString(text) {
			t.Skip()
		}
		lines := wrap(text, most)
		for _, l := range lines {
			if utf8.RuneCountInString(l) > most {
				t.Errorf("%q is longer than %d", l, most)
			}
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := bare(strings.Join(lines, " ")); got != bare(text) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func TestPage(t *testing.T) {
	var b strings.Builder
	p := &Page{W: &b}
	p.Hang("head: ", strings.Repeat("word ", 30))
	p.Cells("a|b", "c\nd")
	want := "head: " + strings.TrimSpace(strings.Repeat("word ", 19)) + "\n      " + strings.TrimSpace(strings.Repeat("word ", 11)) + "\n| a\\|b | c d |\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"apps/one": "apps/one", "with space": "'with space'", "it's": `'it'\''s'`, "": "''"} {
		if got := ShellWord(word); got != want {
			t.Errorf("%q is written %s, want %s", word, got, want)
		}
	}
}
