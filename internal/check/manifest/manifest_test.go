package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/source"
)

const app = `<?xml version="1.0" encoding="utf-8"?>
<!-- <uses-permission android:name="android.permission.CAMERA"/> -->
<manifest xmlns:android="http://schemas.android.com/apk/res/android" xmlns:t="http://schemas.android.com/tools"
    package="com.example.app">
    <uses-permission android:name="android.permission.RECEIVE_BOOT_COMPLETED" />
    <uses-permission android:name='android.permission.BLUETOOTH'
        android:maxSdkVersion = "30"/>
    <uses-permission-sdk-23 android:name="android.permission.CAMERA"/>
    <uses-permission android:name="android.permission.VIBRATE" t:node="remove"/>
    <application android:name=".App" android:label="a &gt; b">
        <service android:name=".Sync" android:exported="false" android:foregroundServiceType="dataSync| location"
            android:permission="android.permission.BIND_JOB_SERVICE"/>
        <receiver android:name="com.other.Boot" android:exported="@bool/yes" android:enabled="true">
            <intent-filter>
                <action android:name="android.intent.action.BOOT_COMPLETED"/>
                <action android:name="android.intent.action.MY_PACKAGE_REPLACED"/>
            </intent-filter>
        </receiver>
        <activity android:name="Main"/>
        <meta-data android:name="flutterEmbedding" android:value="2"/>
    </application>
</manifest>
`

func read(t *testing.T, path, src string) *File {
	t.Helper()
	f, err := Read(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPartsHavePlaces(t *testing.T) {
	f := read(t, "AndroidManifest.xml", app)
	var names []string
	for _, p := range f.Permissions() {
		names = append(names, p.Name)
	}
	if want := []string{"android.permission.RECEIVE_BOOT_COMPLETED", "android.permission.BLUETOOTH", "android.permission.CAMERA"}; !slices.Equal(names, want) {
		t.Errorf("permissions %q, want %q", names, want)
	}
	bt, _ := f.Permission("android.permission.BLUETOOTH")
	max, _ := bt.Attr("android", "maxSdkVersion")
	if bt.MaxSDK != 30 || max.At.Line != 7 || app[max.At.Start:max.At.End] != `android:maxSdkVersion = "30"` || app[max.ValueAt.Start:max.ValueAt.End] != "30" {
		t.Errorf("%+v", max)
	}
	if camera, ok := f.Permission("CAMERA"); !ok || camera.MinSDK != 23 {
		t.Error("no permission from level 23 on")
	}
	if _, ok := f.Permission("VIBRATE"); ok {
		t.Error("has a permission that it removes")
	}
	if got := f.Removes(); len(got) != 1 || got[0].At.Line != 9 {
		t.Errorf("removes %v", got)
	}
	if f.ApplicationClass() != "com.example.app.App" {
		t.Errorf("application %q", f.ApplicationClass())
	}
	sync, ok := f.Component("service", "Sync")
	if !ok || sync.Class != "com.example.app.Sync" || sync.Exported != False || sync.Enabled != Unset || !slices.Equal(sync.Types, []string{"dataSync", "location"}) ||
		sync.Permission != "android.permission.BIND_JOB_SERVICE" || sync.At.Line != 11 || sync.Close.File != "" {
		t.Errorf("%+v", sync)
	}
	boot, ok := f.Component("", "com.other.Boot")
	if !ok || boot.Exported != Resource || boot.Enabled != True || !boot.Receives("android.intent.action.MY_PACKAGE_REPLACED") || boot.Receives("x") {
		t.Errorf("%+v", boot)
	}
	if got := app[boot.Close.Start:boot.Close.End]; got != "</receiver>" || boot.At.End != boot.Close.End {
		t.Errorf("end tag %q", got)
	}
	if c, ok := f.Component("activity", "com.example.app.Main"); !ok || c.Kind != "activity" {
		t.Error("a class without a dot is not in the package")
	}
	if m := f.Meta(); len(m) != 1 || m[0].Name != "flutterEmbedding" || m[0].Value != "2" {
		t.Errorf("meta-data %+v", m)
	}
	if len(f.Components("")) != 3 || f.Application().Value("label") != "a > b" {
		t.Error("components are not what they are")
	}
	var none *File
	if none.Permissions() != nil || none.Components("") != nil || none.Removes() != nil || none.ApplicationClass() != "" || none.Meta() != nil {
		t.Error("a manifest that is not there has parts")
	}
}

// Each file has manifests, the strongest first, and what they merge to.
func TestMerge(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var files []*File
			want := ""
			for _, part := range a.Files {
				if part.Name == "merged" {
					want = string(part.Data)
					continue
				}
				src := `<manifest xmlns:android="http://schemas.android.com/apk/res/android" xmlns:tools="http://schemas.android.com/tools"` + string(part.Data) + "</manifest>"
				f := read(t, part.Name, src)
				if lib, is := strings.CutPrefix(part.Name, "lib/"); is {
					f.From = lib
				}
				files = append(files, f)
			}
			before := dump(files)
			if diff := cmp.Diff(want, dump([]*File{Merge(files...)})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, dump(files)); diff != "" {
				t.Errorf("merging changed what was merged (-before +after):\n%s", diff)
			}
		})
	}
}

func dump(files []*File) string {
	var b strings.Builder
	for _, f := range files {
		print(&b, f.Root, "")
		for _, e := range f.removed {
			b.WriteString("removed by " + e.At.File + ": " + e.Name + " " + e.Value("name") + "\n")
		}
	}
	return b.String()
}

func print(b *strings.Builder, e *Element, indent string) {
	b.WriteString(indent + e.Name)
	for _, a := range e.Attrs {
		if a.Space != "xmlns" {
			b.WriteString(" " + strings.TrimPrefix(a.Space+":"+a.Name, ":") + "=" + a.Value)
		}
	}
	b.WriteString(" @" + e.At.File)
	if e.From != "" {
		b.WriteString(" from " + e.From)
	}
	b.WriteByte('\n')
	for _, kid := range e.Kids {
		print(b, kid, indent+"  ")
	}
}

func TestSubstitute(t *testing.T) {
	f := read(t, "a", `<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application><provider android:authorities="${applicationId}.x${none}"/></application></manifest>`)
	s := f.Substitute(map[string]string{"applicationId": "com.a", "other": "b"})
	if got := s.Components("provider")[0].Value("authorities"); got != "com.a.x${none}" {
		t.Error(got)
	}
	if got := f.Components("provider")[0].Value("authorities"); got != "${applicationId}.x${none}" {
		t.Error("the file itself was changed:", got)
	}
}

func TestFaultsNameALine(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		line int
		why  string
	}{
		"empty":   {"", 1, "no <manifest>"},
		"other":   {"\n<resources/>", 2, "<resources> where <manifest>"},
		"two":     {"<manifest/>\n<manifest/>", 2, "<manifest> where <manifest>"},
		"cut":     {"<manifest>\n<application>", 2, "no XML"},
		"entity":  {"<!DOCTYPE a [<!ENTITY b 'c'>]><manifest>\n<a b='&b;'/></manifest>", 2, "entity &b;"},
		"deep":    {"<manifest>" + strings.Repeat("<a>", 1e5), 1, "nested deeper than 128"},
		"no text": {"\x00\x01", 1, "no XML"},
	} {
		_, err := Read("m", []byte(c.src))
		var fault *source.Fault
		if !errors.As(err, &fault) || fault.Line != c.line || !strings.Contains(fault.Why, c.why) {
			t.Errorf("%s: %v, want line %d with %q", name, err, c.line, c.why)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(app))
	if src, err := os.ReadFile("testdata/nodes.txtar"); err == nil {
		f.Add(src)
	}
	f.Add([]byte("<manifest  a = 'b'\nc=\"d>\" ><application x:y='z'><a/></application></manifest>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Read("m", src)
		if err != nil {
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		var visit func(e *Element, start, end int)
		visit = func(e *Element, start, end int) {
			if e.At.Start < start || e.At.End > end || e.Open.End > e.At.End {
				t.Fatalf("<%s> at %+v is not within %d to %d", e.Name, e.At, start, end)
			}
			for _, a := range e.Attrs {
				if a.At.Start < e.Open.Start || a.At.End > e.Open.End || a.ValueAt.Start > a.ValueAt.End || a.ValueAt.End > a.At.End {
					t.Fatalf("attribute %+v is not within %+v", a, e.Open)
				}
				if raw := string(src[a.ValueAt.Start:a.ValueAt.End]); !strings.ContainsAny(raw, "&\r") && raw != a.Value {
					t.Fatalf("attribute %s is %q, at its place stands %q", a.Name, a.Value, raw)
				}
			}
			for _, kid := range e.Kids {
				visit(kid, e.Open.End, e.At.End)
			}
		}
		visit(m.Root, 0, len(src))
		again := Merge(m, m)
		again.Components("")
		again.Permissions()
		m.Removes()
	})
}
