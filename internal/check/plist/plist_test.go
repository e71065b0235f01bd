package plist

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	other "howett.net/plist"
	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/check/source"
)

const info = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>CFBundleIdentifier</key>
	<string>$(PRODUCT_BUNDLE_IDENTIFIER)</string>
	<!-- <key>UIBackgroundModes</key><array/> -->
	<key>BGTaskSchedulerPermittedIdentifiers</key>
	<array>
		<string>$(PRODUCT_BUNDLE_IDENTIFIER).refresh</string>
		<string>a &amp; b<!-- c --> &#x63;</string>
	</array>
	<key>UIBackgroundModes</key>
	<array/>
	<key>On</key><true/><key>Off</key><false></false>
	<key>Count</key><integer> 12 </integer>
	<key>On</key><string>YES</string>
</dict>
</plist>
`

func read(t *testing.T, path, src string) *File {
	t.Helper()
	f, err := Read(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestXMLKeepsPlaces(t *testing.T) {
	f := read(t, "Info.plist", info)
	ids := f.Find("BGTaskSchedulerPermittedIdentifiers")
	items, all := ids.Strings()
	if !all || len(items) != 2 || items[1].Text != "a & b c" {
		t.Fatalf("identifiers %v", items)
	}
	for _, c := range []struct {
		v        *Value
		line     int
		at, text string
	}{
		{items[0], 10, "<string>$(PRODUCT_BUNDLE_IDENTIFIER).refresh</string>", "$(PRODUCT_BUNDLE_IDENTIFIER).refresh"},
		{ids, 9, "<array>\n", "\n\t\t<string>$(PRODUCT"},
		{f.Find("Off"), 15, "<false></false>", ""},
	} {
		if got := info[c.v.At.Start:c.v.At.End]; c.v.At.Line != c.line || !strings.HasPrefix(got, c.at) {
			t.Errorf("line %d has %q, want line %d with %q", c.v.At.Line, got, c.line, c.at)
		}
		if got := info[c.v.Inner.Start:c.v.Inner.End]; !strings.HasPrefix(got, c.text) {
			t.Errorf("inside is %q, want %q", got, c.text)
		}
	}
	modes, ok := f.Root.Entry("UIBackgroundModes")
	if !ok || modes.KeyAt.Line != 13 || modes.KeyAt.Column != 2 || modes.Value.Inner.File != "" {
		t.Errorf("a key without items: %+v", modes)
	}
	if !f.Lines || !f.Find("On").True() || f.Find("On").Kind != String || f.Find("Off").True() || f.Find("Count").Text != "12" {
		t.Error("values are not what they are")
	}
	if f.Find("On", "more", "keys") != nil || (*File)(nil).Find("x") != nil {
		t.Error("found a value under no value")
	}
}

func TestTextKeepsPlaces(t *testing.T) {
	const src = `// !$*UTF8*$!
{
	archiveVersion = 1;
	objects = {
/* Begin PBXBuildFile section */
		13B07FBC1A68108700A75B9A /* App.swift */ = {isa = PBXBuildFile; path = ../a/b+c.swift; };
	};
	"quoted \"key\"" = "tab\tand\U00e9 \101";
	list = (a, "b c", 'd',);
	data = <0fbd 77>;
}
`
	f := read(t, "project.pbxproj", src)
	v := f.Find("objects", "13B07FBC1A68108700A75B9A", "path")
	if v == nil || v.Text != "../a/b+c.swift" || v.At.Line != 6 || src[v.At.Start:v.At.End] != v.Text {
		t.Errorf("a path: %+v", v)
	}
	if v := f.Find(`quoted "key"`); v == nil || v.Text != "tab\tandé A" || src[v.Inner.Start:v.Inner.End] != `tab\tand\U00e9 \101` {
		t.Errorf("a quoted string: %+v", v)
	}
	if items, all := f.Find("list").Strings(); !all || len(items) != 3 || items[2].Text != "d" {
		t.Errorf("a list: %+v", items)
	}
	if v := f.Find("data"); v.Kind != Data || v.Text != "0fbd 77" {
		t.Errorf("data: %+v", v)
	}
}

func TestFaultsNameALine(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>` + "\n<plist><dict><key>x</key><string>&b;</string></dict></plist>"
	for name, c := range map[string]struct {
		src  string
		line int
		why  string
	}{
		"bomb":          {bomb, 2, "invalid character entity &b;"},
		"file":          {`<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]><plist><string>&a;</string></plist>`, 1, "entity"},
		"deep":          {"<plist>" + strings.Repeat("<array>", 1e5), 1, "nested deeper than 128 levels"},
		"deep text":     {strings.Repeat("(", 1e6), 1, "nested deeper than 128 levels"},
		"cut":           {"<plist>\n<dict>\n<key>a</key>", 3, "no XML"},
		"no value":      {"<plist><dict>\n<key>a</key>\n</dict></plist>", 2, `no value for the key "a"`},
		"two keys":      {"<plist><dict>\n<key>a</key>\n<key>b</key></dict></plist>", 3, `no value for the key "a"`},
		"no key":        {"<plist><dict>\n<string/></dict></plist>", 2, "without a key"},
		"element":       {"<plist>\n<html/></plist>", 2, "<html>"},
		"inside":        {"<plist><string>\n<b/></string></plist>", 2, "inside of <string>"},
		"stray":         {"<plist><dict>\nstray</dict></plist>", 1, "stray"},
		"second":        {"<plist><dict/>\n<dict/></plist>", 2, "second value"},
		"empty":         {"", 1, "is empty"},
		"empty XML":     {`<?xml version="1.0"?>`, 1, "is empty"},
		"charset":       {`<?xml version="1.0" encoding="EBCDIC"?><plist/>`, 1, "save it as UTF-8"},
		"text":          {"{\na = b\n}", 3, `no ; after the value of "a"`},
		"comment":       {"{\n/* a }", 2, "comment without an end"},
		"string":        {"{ a =\n\"b; }", 2, "string without an end"},
		"conflict":      {"{\n<<<<<<< HEAD\na = b;\n}", 2, "'<'"},
		"cut text":      {"{ a = (b, c", 1, "no , or ) after a value"},
		"after":         {"{}\n}", 2, "goes on after its end"},
		"cut binary":    {"bplist00", 1, "cut off"},
		"broken binary": {"bplist00" + strings.Repeat("\xff", 64), 1, "broken"},
	} {
		f, err := Read("a.plist", []byte(c.src))
		var fault *source.Fault
		if !errors.As(err, &fault) {
			t.Errorf("%s: read %v, error %v", name, f, err)
			continue
		}
		if fault.Line != c.line || !strings.Contains(fault.Why, c.why) || len(fault.Why) > 200 {
			t.Errorf("%s: line %d %s, want line %d with %q", name, fault.Line, fault.Why, c.line, c.why)
		}
	}
}

// A value inside of itself, and one that doubles with each level.
func TestBinaryDoesNotGrow(t *testing.T) {
	list := func(objects ...string) []byte {
		src, table := "bplist00", ""
		for _, o := range objects {
			table += string(rune(len(src)))
			src += o
		}
		tail := make([]byte, 32)
		tail[6], tail[7], tail[15], tail[31] = 1, 1, byte(len(objects)), byte(len(src))
		return []byte(src + table + string(tail))
	}
	double := []string{}
	for i := range 30 {
		double = append(double, "\xa2"+string(rune(i+1))+string(rune(i+1)))
	}
	for name, src := range map[string][]byte{
		"inside of itself": list("\xa1\x00"), "more than 1048576 values": list(append(double, "\x51a")...),
	} {
		if _, err := Read("a", src); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
	if f, err := Read("a", list("\xd1\x01\x02", "\x51k", "\xa2\x03\x03", "\x61\x00\xe9")); err != nil {
		t.Error(err)
	} else if items, all := f.Find("k").Strings(); !all || len(items) != 2 || items[1].Text != "é" || f.Lines || items[0].At.Line != 1 {
		t.Errorf("%+v", items)
	}
}

// plain is a value as the other library has it.
func plain(v *Value) any {
	switch v.Kind {
	case Dict:
		m := map[string]any{}
		for _, e := range v.Keys {
			m[e.Key] = plain(e.Value)
		}
		return m
	case Array:
		l := []any{}
		for _, item := range v.Items {
			l = append(l, plain(item))
		}
		return l
	case Bool:
		return v.Text == "true"
	case Integer:
		n, _ := strconv.ParseInt(v.Text, 10, 64)
		return n
	case Real:
		f, _ := strconv.ParseFloat(v.Text, 64)
		return f
	case Date:
		d, _ := time.Parse(time.RFC3339, v.Text)
		return d
	}
	return v.Text
}

func TestReadsWhatAnotherLibraryWrites(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab \t\n\"'\\<>&;,=(){}$/*é日\U0001f600")))
	quotable := rapid.StringOfN(rapid.RuneFrom([]rune("ab \t\"'\\<>{}é日")), 1, 9, -1)
	var tree func(depth int, leaf *rapid.Generator[any]) *rapid.Generator[any]
	tree = func(depth int, leaf *rapid.Generator[any]) *rapid.Generator[any] {
		if depth == 0 {
			return leaf
		}
		below := tree(depth-1, leaf)
		return rapid.OneOf(leaf,
			rapid.Map(rapid.SliceOfN(below, 0, 4), func(l []any) any { return append([]any{}, l...) }),
			rapid.Map(rapid.MapOfN(quotable, below, 0, 20), func(m map[string]any) any { return m }))
	}
	typed := rapid.OneOf(text.AsAny(), rapid.Bool().AsAny(), rapid.Int64Range(math.MinInt64, math.MaxInt64).AsAny(),
		rapid.Map(rapid.Int64Range(0, 1<<32), func(s int64) any { return time.Unix(s, 0).UTC() }))
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom([]int{other.XMLFormat, other.BinaryFormat, other.OpenStepFormat}).Draw(t, "format")
		leaf := typed
		if format == other.OpenStepFormat {
			leaf = quotable.AsAny() // it has strings only, and that library does not quote all that it should
		}
		want := rapid.Map(rapid.MapOfN(quotable, tree(3, leaf), 0, 20), func(m map[string]any) any { return m }).Draw(t, "value")
		src, err := other.MarshalIndent(want, format, "\t")
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read("a", src)
		if err != nil {
			t.Fatalf("%v in %q", err, src)
		}
		if diff := cmp.Diff(want, plain(f.Root)); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", src, diff)
		}
	})
}

func TestExpand(t *testing.T) {
	vars := map[string]string{"ID": "com.a", "NAME": "My App_1.x", "WHICH": "NAME", "EMPTY": "", "FILE": "/a/b.swift"}
	lookup := func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	for s, want := range map[string]string{
		"":                               "",
		"plain $ text $":                 "plain $ text $",
		"$(ID).refresh":                  "com.a.refresh",
		"${ID}.$(ID)":                    "com.a.com.a",
		"$($(WHICH))":                    "My App_1.x",
		"$(${WHICH}:lower)":              "my app_1.x",
		"$(NAME:rfc1034identifier)":      "My-App-1.x",
		"$(NAME:c99extidentifier:upper)": "MY_APP_1_X",
		"$(EMPTY:default=x)":             "x",
		"$(NONE:default=x)":              "x",
		"$(FILE:file) $(FILE:base)":      "b.swift b",
		"$(FILE:dir) $(FILE:suffix)":     "/a .swift",
		"$(NONE).$(ID)":                  "? $(NONE).com.a",
		"$(ID:nonsense)":                 "? $(ID:nonsense)",
		"$(NONE:lower)":                  "? $(NONE:lower)",
		"$(ID":                           "? $(ID",
		"$(A$(NONE))":                    "? $(A$(NONE))",
		"https:/$()/a":                   "https://a",
		"$ID":                            "$ID",
	} {
		got, known := Expand(s, lookup)
		if !known {
			got = "? " + got
		}
		if got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
	if _, known := Expand(strings.Repeat("$(", 1e5)+strings.Repeat(")", 1e5), lookup); known {
		t.Error("a tower of brackets is known")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(info))
	f.Add([]byte("{a=(b,\"c\\n\");/*x*/d=<00>;}"))
	for _, format := range []int{other.BinaryFormat, other.GNUStepFormat} {
		b, err := other.Marshal(map[string]any{"a": []any{"b", 1, true, "日", 1.5}, "c": time.Unix(1, 0)}, format)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Read("a", src)
		if err != nil {
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		if err := inside(file.Root, 0, len(src), file.Lines); err != nil {
			t.Fatal(err)
		}
		Expand(string(src), func(name string) (string, bool) { return name, len(name)%2 == 0 })
	})
}

// inside tells whether all places are nested as their values are.
func inside(v *Value, start, end int, lines bool) error {
	if !lines {
		if v.At.End != 0 {
			return fmt.Errorf("a place without lines: %+v", v.At)
		}
		return nil
	}
	if v.At.Start < start || v.At.End > end || v.At.Start > v.At.End {
		return fmt.Errorf("%s at %+v is not within %d to %d", v.Kind, v.At, start, end)
	}
	if v.Inner.File != "" && (v.Inner.Start < v.At.Start || v.Inner.End > v.At.End || v.Inner.Start > v.Inner.End) {
		return fmt.Errorf("inner %+v of %+v", v.Inner, v.At)
	}
	for _, item := range v.Items {
		if err := inside(item, v.At.Start, v.At.End, true); err != nil {
			return err
		}
	}
	for _, e := range v.Keys {
		if err := inside(e.Value, e.KeyAt.Start, v.At.End, true); err != nil {
			return err
		}
	}
	return nil
}
