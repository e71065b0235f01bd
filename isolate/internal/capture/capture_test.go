package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// TestAgainstModel compares with a sink that keeps everything.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(Config{Limit: -1})
		var all []byte
		for range rapid.IntRange(0, 12).Draw(t, "writes") {
			chunk := make([]byte, rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(0, 2*Part+10)).Draw(t, "size"))
			for i := range chunk {
				chunk[i] = byte(len(all)+i) ^ byte((len(all)+i)>>8)
			}
			all = append(all, chunk...)
			s.take(chunk)
		}
		want := all
		if left := len(all) - 2*Part; left > 0 {
			want = bytes.Join([][]byte{all[:Part], fmt.Appendf(nil, "\n... %d bytes left out ...\n", left), all[len(all)-Part:]}, nil)
		}
		if got := s.Tail(); !bytes.Equal(got, want) {
			t.Fatalf("after %d bytes the tail has %d bytes, want %d", len(all), len(got), len(want))
		}
		if s.Total() != int64(len(all)) || s.Truncated() != (len(all) > 2*Part) {
			t.Fatal(s.Total(), s.Truncated())
		}
	})
}

func TestLimit(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	calls := 0
	s := New(Config{Limit: 1000, OnLimit: func() { calls++ }, Log: log})
	src := io.LimitReader(iotest.HalfReader(neverEnding('a')), 5000)
	if n, err := s.ReadFrom(src); n != 5000 || err != nil {
		t.Error(n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if calls != 1 || s.Total() != 5000 {
		t.Error(calls, s.Total())
	}
	if data, _ := os.ReadFile(log); len(data) != 1000 {
		t.Error(len(data))
	}
	exact := New(Config{Limit: 1000, OnLimit: func() { t.Error("called at the limit") }})
	exact.take(make([]byte, 1000))
}

func TestReadError(t *testing.T) {
	s := New(Config{Limit: -1})
	broken := errors.New("broken")
	if n, err := s.ReadFrom(io.MultiReader(bytes.NewReader([]byte("abc")), iotest.ErrReader(broken))); n != 3 || !errors.Is(err, broken) {
		t.Error(n, err)
	}
}

type neverEnding byte

func (b neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}
