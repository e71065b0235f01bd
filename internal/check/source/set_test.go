package source

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/finding"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, dir string) *Set {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestFilesLeavesOutWhatToolsMake(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"pubspec.yaml": "", "lib/main.dart": "", "lib/build/card.dart": "",
		"android/app/src/main/java/build/A.java": "",
		"build/app/x.dart":                       "", "android/build/y.xml": "", ".git/config": "",
		".dart_tool/package_config.json": "", "ios/Pods/P.swift": "", ".fvm/fvm_config.json": "",
		".fvm/versions/3.0.0/bin/flutter": "", "ios/Flutter/ephemeral/z.sh": "", "node_modules/a/b.js": "",
		"vendor/flutter/bin/flutter": "", "vendor/flutter/packages/flutter/pubspec.yaml": "",
		"lib-more/a.dart": "",
	})
	want := []string{
		".fvm/fvm_config.json", "android/app/src/main/java/build/A.java", "lib-more/a.dart",
		"lib/build/card.dart", "lib/main.dart", "pubspec.yaml",
	}
	s := open(t, dir)
	if got := s.Files(); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := s.Under("lib"); !slices.Equal(got, want[3:5]) {
		t.Errorf("under lib %q, want %q", got, want[3:5])
	}
	if s.HasFolder("li") || !s.HasFolder("lib/build") || !s.HasFolder(".") {
		t.Error("folders are not what they are")
	}
}

func TestLinksDoNotLeaveTheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a right on windows")
	}
	out := t.TempDir()
	write(t, out, map[string]string{"secret.dart": "secret", "more/a.dart": ""})
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/real.dart": "x"})
	for name, to := range map[string]string{
		"in.dart": "a/real.dart", "out.dart": filepath.Join(out, "secret.dart"), "circle": ".", "more": filepath.Join(out, "more"),
		"up.dart": "../" + filepath.Base(out) + "/secret.dart", "self.dart": "self.dart", "dangling.dart": "nothing",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	if got, want := s.Files(), []string{"a/real.dart", "in.dart"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, path := range []string{"out.dart", "up.dart", "../x", out + "/secret.dart", "more/a.dart"} {
		if _, err := s.Read(path); !errors.Is(err, ErrMissing) {
			t.Errorf("read %s: %v, want missing", path, err)
		}
	}
	// A link that is turned after the folder was listed.
	if err := os.Remove(filepath.Join(dir, "in.dart")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(out, "secret.dart"), filepath.Join(dir, "in.dart")); err != nil {
		t.Fatal(err)
	}
	if src, err := s.Read("in.dart"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("read %q, %v through a link that leaves the folder", src, err)
	}
	var links []string
	for _, u := range s.Unchecked() {
		if u.What == "link" {
			links = append(links, u.File)
		}
	}
	if want := []string{"dangling.dart", "more", "out.dart", "self.dart", "up.dart"}; !slices.Equal(links, want) {
		t.Errorf("links that are told %q, want %q", links, want)
	}
}

func TestReadTellsWhyNot(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"ok.dart": "main() {}", "image.dart": "PNG\x00\x01", "Info.plist": "bplist00\x00",
		"big.dart": string(bytes.Repeat([]byte("x"), maxFile+1)), "most.dart": string(bytes.Repeat([]byte("x"), maxFile)),
	})
	s := open(t, dir)
	for path, want := range map[string]error{
		"ok.dart": nil, "Info.plist": nil, "image.dart": ErrBinary, "big.dart": ErrTooBig, "most.dart": nil, "no.dart": ErrMissing,
	} {
		for range 2 {
			src, err := s.Read(path)
			if !errors.Is(err, want) || (err == nil) != (src != nil) {
				t.Errorf("%s: %v, want %v", path, err, want)
			}
			var fault *Fault
			if want != nil && (!errors.As(err, &fault) || fault.File != path || !strings.Contains(err.Error(), want.Error())) {
				t.Errorf("%s: %v does not name the file and the reason", path, err)
			}
		}
	}
	want := []finding.Unchecked{
		{What: "file", File: "big.dart", Line: 1, Why: "is larger than 16 MiB"},
		{What: "file", File: "image.dart", Line: 1, Why: "is no text"},
	}
	if got := s.Unchecked(); !slices.Equal(got, want) {
		t.Errorf("unchecked %v, want %v", got, want)
	}
}

func TestOpenWantsAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"file": ""})
	for _, path := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "file")} {
		if s, err := Open(path); err == nil {
			s.Close()
			t.Errorf("opened %s", path)
		}
	}
}

func TestPlaces(t *testing.T) {
	text := NewText("a", []byte("one\r\ntwo\n\nfour"))
	for _, c := range []struct{ start, line, column int }{
		{0, 1, 1}, {2, 1, 3}, {4, 1, 5}, {5, 2, 1}, {8, 2, 4}, {9, 3, 1}, {10, 4, 1}, {14, 4, 5},
	} {
		p := text.Place(c.start, c.start)
		if p.Line != c.line || p.Column != c.column {
			t.Errorf("offset %d is %d:%d, want %d:%d", c.start, p.Line, p.Column, c.line, c.column)
		}
		if got := text.Offset(p.Line, p.Column); got != c.start && c.start != 4 {
			t.Errorf("%d:%d is offset %d, want %d", p.Line, p.Column, got, c.start)
		}
	}
	for n, want := range map[int]string{0: "", 1: "one", 2: "two", 3: "", 4: "four", 5: ""} {
		start, end := text.Line(n)
		if got := string(text.Src[start:end]); got != want {
			t.Errorf("line %d is %q, want %q", n, got, want)
		}
	}
}
