package promised

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/page"
)

func TestFormatsSayTheSame(t *testing.T) {
	r, err := Of("lull.yaml", parse(t, example(t)), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Missed() {
		t.Error("the example's message is not missed on iOS")
	}
	for _, format := range Formats() {
		var b strings.Builder
		if err := r.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		for i := range r.Tasks {
			for k := range r.Tasks[i].Platforms {
				x := &r.Tasks[i].Platforms[k]
				for _, d := range x.Denied {
					if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), d.Asked) {
						t.Errorf("%s does not say that %s is denied", format, d.Asked)
					}
				}
				for _, h := range x.Hidden {
					if !strings.Contains(b.String(), h.Name) {
						t.Errorf("%s does not say that %s is hidden", format, h.Name)
					}
				}
			}
		}
		for _, l := range strings.Split(b.String(), "\n") {
			if format == "text" && utf8.RuneCountInString(l) > page.Width {
				t.Errorf("a line is too long: %q", l)
			}
		}
	}
	if err := r.Write(&strings.Builder{}, "xml"); err == nil {
		t.Error("xml is written")
	}
}
