package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

func TestMain(m *testing.M) {
	isolate.Main(Resize.Do(resize))
	os.Exit(m.Run())
}

func picture(t *testing.T, path string, w, h int) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i)
	}
	m.SetGray(0, 0, color.Gray{Y: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRun resizes pictures beside one that is broken, one that crashes and one that hangs.
func TestRun(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	picture(t, filepath.Join(dir, "wide.png"), 400, 100)
	picture(t, filepath.Join(dir, "tiny.PNG"), 10, 20)
	if err := os.WriteFile(filepath.Join(dir, "broken.jpg"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	o := options{side: 64, jobs: 3, out: out, budget: 6 * time.Second, spoil: true}
	if err := run(context.Background(), dir, o, &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"400x100 to 64x16", "10x20 to 10x20", "2 of 5 pictures",
		"broken.jpg", "failure: ", "unknown format", "crashed: panic: a decoder that nobody could recover", "killed: it took longer than 6s",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	made, err := os.ReadDir(out)
	if err != nil || len(made) != 2 {
		t.Errorf("%v %v, want two pictures and no leftovers", made, err)
	}
	for _, e := range made {
		f, err := os.Open(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, format, err := image.Decode(f); err != nil || format != "jpeg" {
			t.Errorf("%s: %s %v", e.Name(), format, err)
		}
		_ = f.Close()
	}
}

func TestNothingToDo(t *testing.T) {
	if err := run(context.Background(), t.TempDir(), options{}, os.Stdout); err == nil || !strings.Contains(err.Error(), "no .jpg") {
		t.Error(err)
	}
	if err := run(context.Background(), filepath.Join(t.TempDir(), "nowhere"), options{}, os.Stdout); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
