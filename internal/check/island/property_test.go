package island

import (
	"flag"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"
)

var seed = flag.Int64("seed", 1, "of mutations")

var long = flag.Bool("long", false, "run slow tests")

var langs = []Lang{Dart, Kotlin, Java, Swift, ObjC, Groovy}

// check parses all of a source and checks what holds for every file.
func check(t *testing.T, name string, l Lang, src []byte) *File {
	t.Helper()
	f := Parse(l, src)
	parseAll(f)
	checkFile(t, name, f)
	for _, d := range f.Decls {
		if d.End > d.Start && f.At(d.Start) == nil {
			t.Fatalf("%s: nothing is at the start of %s", name, d.Name)
		}
		for _, at := range f.Uses(d.Name) {
			if f.Text(Span{at, at + len(d.Name)}) != d.Name {
				t.Fatalf("%s: %q is not used at %d", name, d.Name, at)
			}
		}
	}
	return f
}

func TestTruncated(t *testing.T) {
	step := 3
	if *long {
		step = 1
	}
	for _, c := range goldens(t) {
		l := extensions[filepath.Ext(c.name)]
		for end := 0; end < len(c.source); end += step {
			check(t, c.name, l, []byte(c.source[:end]))
		}
	}
}

// TestMutated cuts, doubles, swaps and replaces parts of the golden sources, and reads
// them as each of the languages.
func TestMutated(t *testing.T) {
	r := rand.New(rand.NewSource(*seed))
	all := goldens(t)
	const odd = "(){}[]<>\"'`$\\/*#@;:,.?!=&|-+^%~ \n\x00\xff\u00e9aif"
	for range 3000 {
		c := all[r.Intn(len(all))]
		src := []byte(c.source)
		for range 1 + r.Intn(6) {
			a := r.Intn(len(src) + 1)
			b := min(len(src), a+r.Intn(30))
			switch r.Intn(4) {
			case 0:
				src = append(src[:a:a], src[b:]...)
			case 1:
				src = append(src[:b:b], src[a:]...)
			case 2:
				if a < len(src) {
					src[a] = odd[r.Intn(len(odd))]
				}
			default:
				other := all[r.Intn(len(all))].source
				from := r.Intn(len(other))
				src = append(src[:a:a], other[from:min(len(other), from+r.Intn(40))]+string(src[b:])...)
			}
		}
		l := extensions[filepath.Ext(c.name)]
		if r.Intn(4) == 0 {
			l = langs[r.Intn(len(langs))]
		}
		check(t, c.name, l, src)
	}
}

func TestPosition(t *testing.T) {
	for _, src := range []string{"", "a", "\n", "a\n\nbc\r\nd\n", "é\nü"} {
		f := Parse(Dart, []byte(src))
		line, column := 1, 1
		for off := range len(src) + 1 {
			if l, c := f.Position(off); l != line || c != column {
				t.Errorf("%q: offset %d is at %d:%d, want %d:%d", src, off, l, c, line, column)
			}
			column++
			if off < len(src) && src[off] == '\n' {
				line, column = line+1, 1
			}
		}
	}
}

func TestUses(t *testing.T) {
	src := "foo() { foo; 'foo $foo ${foo.bar(\"foo\")}'; // foo\n /* foo */ food; afoo; r'$foo'; }"
	f := Parse(Dart, []byte(src))
	var want []int
	for at := 0; ; {
		n := strings.Index(src[at:], "foo")
		if n < 0 {
			break
		}
		want = append(want, at+n)
		at += n + 3
	}
	want = []int{want[0], want[1], want[3], want[4]}
	got := f.Uses("foo")
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if f.Uses("fo") != nil || f.Uses("") != nil || f.Uses("absent") != nil {
		t.Error("what is no name is used")
	}
}

func TestAt(t *testing.T) {
	src := "int a = 1;\nclass B {\n  int c() { return 2; }\n  var d = 3;\n}\n// end\nvoid e() {}\n"
	f := Parse(Dart, []byte(src))
	for text, want := range map[string]string{"= 1": "a", "class": "B", "return": "c", "3": "d", "// end": "", "e()": "e"} {
		got := ""
		if d := f.At(strings.Index(src, text)); d != nil {
			got = d.Name
		}
		if got != want {
			t.Errorf("%q is in %q, want %q", text, got, want)
		}
	}
	if d := f.At(strings.Index(src, "return")); d == nil || d.Parent == nil || d.Parent.Name != "B" {
		t.Error("a method has no class around it")
	}
}

func TestWalk(t *testing.T) {
	src := "f() { a(b, c: d); void g() { h(() => i); } var j = k; return l; }"
	f := Parse(Dart, []byte(src))
	var seen []string
	Walk(f.Decls[0].Body(), func(n *Node) bool {
		if n.Kind == Ident {
			seen = append(seen, n.Name)
		}
		return n.Kind != Return
	})
	if got := strings.Join(seen, " "); got != "a b d h i k" {
		t.Errorf("visited %q", got)
	}
	calls := map[string]*Node{}
	Walk(f.Decls[0].Body(), func(n *Node) bool {
		if n.Kind == Call {
			calls[CalleeName(n)] = n
		}
		return true
	})
	a := calls["a"]
	if a == nil || a.Arg("c").Name != "d" || a.Positional(0).Name != "b" || a.Positional(1) != nil || a.Arg("x") != nil {
		t.Error("arguments are not found")
	}
}

// TestLinear reads patterns of two sizes and compares the steps.
func TestLinear(t *testing.T) {
	patterns := []string{
		"(", "[", "{", ")", "]", "}", "({[", "((a)", "f(", "f() { ", "a(b, [c, {d: ", "\"", "'", "\"\"\"", "'''a", "\"${", "'${a(\"${",
		"\"\\(", "/*", "/* /*", "//\n", "a.b", "a.b()", "a + ", "a<b", "a<b,", "a < ", "<", "if (a) b; else ", "if a { } else ",
		"x ? y : ", "a ? ", "a = ", "!", "-", "await ", "try ", "@a ", "@a(", "@a\n", "{ a -> ", "{ a, b in ", "^{ ", "[a b:", "[a ",
		"class A { ", "class A {}\n", "enum A { a(", "fun f() = { ", "func f() { ", "let a = ", "val a = ", "var a = (", "switch (x) { case ",
		"case ", "#", "#\"", "#if\n", "#if\n{\n#else\n", "`", "$", "$/", "/a", "a /b ", "..a", "?.", "=> ", "() => ", "(a) => ", "a b ", "a\n", ";", ",",
		":", "a: ", "\\", "\\.", "\x00", "é", "new A() { ", "A : ", "(a, ", "for (", "for (a in ", "do { ", "when { ", "a is ", "a as ", "a!", "a++",
		"import 'a';\n", "typedef ", "extension ", "<a>(", "a<b>(", "(a<b>)", "final a = () { ", "(int a) {", "List<", "Map<a, ", "- (a)b:(c)d ", "@interface A ",
		"a { ", "a 'b', ", "x.y = z ", "operator ", "[weak self] in ", "where a", "(a)(", "{} ", "() {} ", "a?[",
	}
	small, large := 250, 1000
	if *long {
		small, large = 500, 2000
	}
	for _, l := range langs {
		for _, pattern := range patterns {
			for _, prefix := range []string{"", "void f() { ", "func f() { ", "- (void)f { "} {
				steps := func(n int) int {
					f := Parse(l, []byte(prefix+strings.Repeat(pattern, n)))
					parseAll(f)
					return f.parser.steps + f.size
				}
				a, b := steps(small), steps(large)
				if b > a*large/small*2+1000 {
					t.Errorf("language %d, %q and many %q: %d steps, then %d", l, prefix, pattern, a, b)
				}
			}
		}
	}
}

func TestDeep(t *testing.T) {
	n := 20_000
	if *long {
		n = 1_000_000
	}
	for _, l := range langs {
		for _, pattern := range []string{"(", "[", "{", "a(", "a{", "\"${", "!", "a = ", "a ? ", "(a) => ", "if (a) ", "/*", "@a("} {
			f := Parse(l, []byte("void f() { "+strings.Repeat(pattern, n)))
			parseAll(f)
			deepest, depth := 0, 0
			var walk func(n *Node)
			walk = func(n *Node) {
				depth++
				deepest = max(deepest, depth)
				for _, kid := range n.Kids {
					walk(kid)
				}
				for _, a := range n.Args {
					walk(a.Value)
				}
				depth--
			}
			for _, d := range f.Decls {
				if n := d.Body(); n != nil {
					walk(n)
				}
			}
			if deepest > 50*maxDepth {
				t.Errorf("language %d, %q: %d deep", l, pattern, deepest)
			}
		}
	}
}

func TestComments(t *testing.T) {
	src := "// one\n//two\n\n// three\nint a; // four\n// five\n/// doc\n/// more\nint b; /* six */ /** seven\n * eight\n */ /* /* nested */ */\n/**/ //// no doc"
	var got []string
	for _, c := range Parse(Dart, []byte(src)).Comments {
		text := c.Text
		if c.Doc {
			text = "doc " + text
		}
		got = append(got, text)
	}
	want := []string{"one\ntwo", "three", "four", "five", "doc doc\nmore", "six", "doc seven\neight", "/* nested */", "", "no doc"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
