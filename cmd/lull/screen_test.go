package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// glass is a terminal that wraps again when it is resized, as tmux, VTE and iTerm do.
type glass struct {
	t             rapid.TB
	width, height int
	lines         []string // the cursor is below them
	writes        int
}

var wipes = regexp.MustCompile(`^\r\x1b\[(\d+)A\x1b\[J`)

func (g *glass) Write(p []byte) (int, error) {
	g.writes++
	s := string(p)
	if m := wipes.FindStringSubmatch(s); m != nil {
		s = s[len(m[0]):]
		up, err := strconv.Atoi(m[1])
		if err != nil {
			g.t.Fatal(err)
		}
		g.wipe(up)
	}
	if s == "" {
		return len(p), nil
	}
	if !strings.HasSuffix(s, "\n") || strings.Contains(s, "\x1b[J") {
		g.t.Fatalf("not whole lines: %q", s)
	}
	g.lines = append(g.lines, strings.Split(strings.TrimSuffix(s, "\n"), "\n")...)
	return len(p), nil
}

// wipe clears from so many rows above the cursor on.
func (g *glass) wipe(up int) {
	if up > g.height-1 {
		g.t.Fatalf("%d rows up on a terminal of %d", up, g.height)
	}
	for up > 0 {
		last := g.lines[len(g.lines)-1]
		g.lines = g.lines[:len(g.lines)-1]
		if up -= g.rows(last); up < 0 {
			g.t.Fatalf("the middle of %q was wiped", last)
		}
	}
}

func (g *glass) rows(line string) int {
	n := 0
	for _, r := range line {
		n++
		if r >= 0x1100 && r != '…' {
			n++
		}
	}
	return 1 + max(n-1, 0)/g.width
}

func TestScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &glass{t: t, width: 80, height: 24}
		s := &screen{w: g, size: func() (int, int) { return g.width, g.height }}
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abc déü日本")), 0, 30, -1)
		var said []string
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "resize") {
				// Narrower only as far as what was drawn still fits: above the top of the
				// screen a terminal lets nobody wipe.
				g.width = rapid.IntRange(30, 120).Draw(t, "width")
			}
			var lines []string
			for range rapid.IntRange(0, 3).Draw(t, "lines") {
				lines = append(lines, fmt.Sprint(i, " ", word.Draw(t, "line")))
			}
			below := rapid.SliceOfN(word, 0, 5).Draw(t, "below")
			before := g.writes
			s.show(lines, below)
			if g.writes > before+1 {
				t.Fatal("more than one write")
			}
			said = append(said, lines...)
			want := slices.Concat(said, fit(below, g.width, g.height))
			if !slices.Equal(g.lines, want) {
				t.Fatalf("the terminal shows\n%q\nwant\n%q", g.lines, want)
			}
		}
		s.show(nil, nil)
		if !slices.Equal(g.lines, said) {
			t.Fatalf("left over: %q", g.lines[len(said):])
		}
	})
}

func TestScreenIsQuiet(t *testing.T) {
	g := &glass{t: t, width: 80, height: 24}
	s := &screen{w: g, size: func() (int, int) { return g.width, g.height }}
	s.show(nil, []string{"same"})
	s.show(nil, []string{"same"})
	if g.writes != 1 {
		t.Errorf("%d writes for what does not change", g.writes)
	}
}

func TestFit(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, c := range []struct {
		name          string
		width, height int
		lines, want   []string
	}{
		{"cut", 10, 24, []string{long, "short"}, []string{"xxxxxxxx…", "short"}},
		{"exact", 6, 24, []string{"12345"}, []string{"12345"}},
		{"wide letters", 6, 24, []string{"日本語"}, []string{"日本…"}},
		{"low", 80, 5, []string{"a", "b", "c"}, []string{"a", "b"}},
		{"very low", 80, 1, []string{"a", "b"}, []string{"a"}},
		{"unknown size", 0, 0, []string{"a"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fit(c.lines, c.width, c.height); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
