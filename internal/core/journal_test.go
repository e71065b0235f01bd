package core

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// entryOf draws any entry. Strings may hold anything, also what is no UTF-8.
func entryOf(t *rapid.T) record.Entry {
	text := func(name string) string {
		if rapid.Bool().Draw(t, name+" bytes") {
			return string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, name))
		}
		return rapid.StringN(0, 8, -1).Draw(t, name)
	}
	num := func(name string) int64 { return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64()).Draw(t, name) }
	e := record.Entry{
		Seq: num("seq"), At: num("at"), Kind: record.Kind("k" + text("kind")), Work: work.ID(text("work")), Task: text("task"), Spec: num("spec"),
		Name: text("name"), Run: num("run"), Attempt: int32(num("attempt")), State: text("state"), Outcome: work.Outcome(text("outcome")),
		Stop: int32(num("stop")), Text: text("text"), Lane: record.Lane(num("lane")), Wait: int32(num("wait")), Cond: text("cond"),
		Value: text("value"), Code: work.Code(text("code")), Shift: num("shift"),
	}
	if rapid.Bool().Draw(t, "has due") {
		due := num("due")
		e.Due = &due
	}
	for range rapid.IntRange(0, 3).Draw(t, "conds") {
		e.Conds = append(e.Conds, text("a cond"))
		e.After = append(e.After, work.ID(text("an ID")))
	}
	return e
}

func TestAppendEntryAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := entryOf(t)
		wall := rapid.Int64Range(-60_000_000_000_000_000, 250_000_000_000_000_000).Draw(t, "wall")
		line := appendEntry([]byte("before"), &e, wall)
		line = bytes.TrimPrefix(line, []byte("before"))
		if line[len(line)-1] != '\n' || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("not one line: %q", line)
		}
		e.Time = time.UnixMicro(wall).UTC().Format("2006-01-02T15:04:05.000000Z")
		b, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		// The same values, in the same order of keys. Escapes may differ.
		if keys(t, line) != keys(t, b) {
			t.Fatalf("keys of %s\nwant those of %s", line, b)
		}
		var got, want record.Entry
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nwant %s", line, b)
		}
	})
}

// keys lists the keys of a JSON object in their order.
func keys(t *rapid.T, b []byte) string {
	d := json.NewDecoder(bytes.NewReader(b))
	var out []byte
	for depth := 0; ; {
		tok, err := d.Token()
		if err != nil {
			return string(out)
		}
		switch tok := tok.(type) {
		case json.Delim:
			if tok == '{' || tok == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 {
				out = append(append(out, tok...), ' ')
				if _, err := d.Token(); err != nil { // a value; lists are walked over
					t.Fatal(err)
				}
				if b[d.InputOffset()-1] == '[' {
					depth++
				}
			}
		}
	}
}

func TestEntriesThatAreUsualAreBytesOfEncodingJSON(t *testing.T) {
	due := int64(7)
	e := record.Entry{
		Seq: 1, At: 2, Kind: record.EntryEnded, Work: "w", Task: "t", Spec: 3, Name: "n", Run: 4, Attempt: 5, State: "ENQUEUED",
		Outcome: work.Retry, Stop: -512, Text: "a \"b\" \\ ü", Due: &due, Lane: record.LaneCalendar, Wait: 6, Cond: "c", Value: "met", Code: "c",
		Conds: []string{"x", "y"}, After: []work.ID{"p"}, Shift: -9,
	}
	line := appendEntry(nil, &e, 1_700_000_000_123_456)
	e.Time = "2023-11-14T22:13:20.123456Z"
	b, err := json.Marshal(&e)
	if err != nil {
		t.Fatal(err)
	}
	if string(line) != string(b)+"\n" {
		t.Errorf("%s\nwant %s", line, b)
	}
}
