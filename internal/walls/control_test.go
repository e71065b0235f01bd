package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Each wall must stop what it is there for, or the tests above say nothing.
func TestImpuritiesAreFound(t *testing.T) {
	fset := token.NewFileSet()
	imp := compiled(t, fset)
	for name, c := range map[string]struct{ body, want string }{
		"goroutine":      {"go func() {}()", "a goroutine"},
		"channel type":   {"var c chan int; _ = c", "a channel"},
		"select":         {"select {}", "a channel"},
		"float variable": {"var x float64; _ = x", "a floating-point float64"},
		"float result":   {"_ = math.Sqrt(2)", "a floating-point float64"},
		"float division": {"n = int(float32(n) / 2)", "a floating-point float32"},
		"map range":      {"for range m { n++ }", "a range over a map"},
		"map keys":       {"for k := range maps.Keys(m) { n += k }", "maps.Keys without a sort"},
		"other comment":  {"// all of them\nfor range m { n++ }", "a range over a map"},

		"sorted keys":     {"for _, k := range slices.Sorted(maps.Keys(m)) { n += k }", ""},
		"reason above":    {"// any order: they are added up\nfor k := range m { n += k }", ""},
		"reason beside":   {"for k := range m { // any order: they are added up\nn += k }", ""},
		"constant":        {"const day = 8.64e10; n += day", ""},
		"range over list": {"for _, k := range []int{1} { n += k }", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := "package p\n\nimport (\"maps\"; \"math\"; \"slices\")\n\nvar _ = math.MaxInt64\nvar _ = slices.Max[[]int]\nvar _ = maps.Clone[map[int]int]\n\n" +
				"func f(m map[int]int) (n int) {\n" + c.body + "\nreturn n }\n"
			f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(impurities(t, fset, imp, "p", []*ast.File{f}), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
