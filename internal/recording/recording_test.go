package recording

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/work"
)

func all(t *testing.T, path string) (out []Record, err error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := NewReader(f, "rec")
	for {
		x, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, x)
	}
}

func TestSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rec.jsonl")
	if begun, err := Begun(path); begun || err != nil {
		t.Fatal(begun, err)
	}
	setup := platform.Setup{Name: platform.IOS, Seed: 3}
	tick, sense := core.Tick{}, core.Sensed{Sense: core.Sense{Kind: core.SenseAppOpened}}
	ask := core.Enqueue{Nodes: []work.Node{{Request: work.Request{ID: "a", Task: "t", Input: []byte(` {"a" : 1}`)}}}}
	write := func(journal int64, events ...core.Event) {
		t.Helper()
		w, err := Append(path, setup, journal, 1000*journal)
		if err != nil {
			t.Fatal(err)
		}
		for i, ev := range events {
			if err := w.Event(1000*journal+int64(i), ev); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(0, tick, sense, ask)
	// A crash cut off the last line.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"at":3,"eve`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got, err := all(t, path); err != nil || len(got) != 5 {
		t.Errorf("with a cut end: %d records, %v", len(got), err)
	}
	write(9, tick)
	if begun, err := Begun(path); !begun || err != nil {
		t.Error(begun, err)
	}
	got, err := all(t, path)
	if err != nil {
		t.Fatal(err)
	}
	first, second := Session{"recording", 1, setup, 0}, Session{"recording", 1, setup, 9}
	want := []Record{
		{Line: 1, Session: &first},
		{Line: 2, Event: tick},
		{Line: 3, At: 1, Event: sense},
		{Line: 4, At: 2, Event: ask},
		{Line: 5, At: 2, End: true},
		{Line: 6, Session: &second},
		{Line: 7, At: 9000, Event: tick},
		{Line: 8, At: 9000, End: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestKilled removes what an engine has stepped and never written down.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rec.jsonl")
	for _, x := range []struct {
		knows  int64
		events []int64
		want   []int64
	}{
		{0, []int64{10, 20, 20, 30}, []int64{10, 20, 20, 30}},
		{20, []int64{25, 40}, []int64{10, 20, 20, 25, 40}},
		{40, nil, []int64{10, 20, 20, 25, 40}},
		{5, []int64{6}, []int64{6}},
	} {
		w, err := Append(path, platform.Setup{}, x.knows, x.knows)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range x.events {
			if err := w.Event(at, core.Tick{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		records, err := all(t, path)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, r := range records {
			if r.Event != nil {
				got = append(got, r.At)
			}
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("the state knows of %d: -want +got\n%s", x.knows, diff)
		}
	}
}

const head = `{"lull":"recording","version":1,"setup":{"name":"","seed":0,"app":{}},"journal":0}` + "\n"

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"hello\n":                                "rec:1: is no line of a recording",
		"{}\n":                                   "rec:1: is no line of a recording",
		`{"at":1,"event":{"tick":{}}}` + "\n":    "rec:1: comes before the first session",
		strings.Replace(head, `n":1`, `n":7`, 1): "rec:1: has version 7",
		head + `{"at":2,"event":{"tick":{}}}` + "\n" + `{"at":1,"event":{"tick":{}}}` + "\n": "rec:3: is before the line above",
		`{"end":true}` + "\n":                                                "rec:1: comes before the first session",
		head + `{"end":true}` + "\n" + `{"end":true}` + "\n":                 "rec:3: comes after the end of the session",
		head + `{"end":true}` + "\n" + `{"at":2,"event":{"tick":{}}}` + "\n": "rec:3: comes after the end of the session",
		head + `{"at":2,"event":{"tock":{}}}` + "\n":                         "rec:2: not an event",
		head + "nonsense\n" + `{"at":2,"event":{"tick":{}}}` + "\n":          "rec:2: is no line of a recording",
	} {
		r := NewReader(strings.NewReader(text), "rec")
		var err error
		for err == nil {
			_, err = r.Next()
		}
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) || e.Hint == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzReader shows that whatever a file holds is an error or a record.
func FuzzReader(f *testing.F) {
	f.Add([]byte(head + `{"at":1,"event":{"tick":{}}}` + "\n"))
	f.Add([]byte(head + `{"at":1,"event":{"sensed":{"sense":{"kind":4}}}}`))
	f.Add([]byte(head + head + "{"))
	f.Add([]byte(head + `{"end":true}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(bytes.NewReader(b), "rec")
		at := int64(-1 << 63)
		for {
			x, err := r.Next()
			if err != nil {
				var e *Error
				if !errors.Is(err, io.EOF) && !errors.As(err, &e) {
					t.Fatalf("%v", err)
				}
				return
			}
			if (x.Session == nil) == (x.Event == nil && !x.End) {
				t.Fatalf("%+v", x)
			}
			if x.Session == nil && x.At < at {
				t.Fatalf("%d after %d", x.At, at)
			} else if x.Session == nil {
				at = x.At
			}
		}
	})
}
