package journal

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/record"
)

func TestParse(t *testing.T) {
	e, err := Parse([]byte(`{"seq":3,"time":"2026-01-05T00:00:00.000001Z","at":7,"kind":"ended","work":"a","due":9,"code":"backoff","new":{}}`))
	if err != nil || e.Seq != 3 || e.At != 7 || e.Work != "a" || *e.Due != 9 || e.Code != "backoff" {
		t.Errorf("%+v, %v", e, err)
	}
	for _, s := range []string{
		"", "{}", "null", "5", `{"seq":0,"kind":"x"}`, `{"seq":-1,"kind":"x"}`, `{"seq":1}`, `{"seq":"1","kind":"x"}`,
		`{"seq":1,"kind":"x"}{}`, strings.Repeat(" ", maxLine) + `{"seq":1,"kind":"x"}`,
	} {
		if _, err := Parse([]byte(s)); !errors.Is(err, ErrLine) {
			t.Errorf("%.40q: %v", s, err)
		}
	}
}

func TestRead(t *testing.T) {
	text := "{\"seq\":1,\"kind\":\"x\"}\n\n{\"seq\":2,\"kind\":\"x\"}\nbroken\n"
	n := 0
	err := Read(strings.NewReader(text), func(record.Entry) bool { n++; return true })
	if n != 2 || !errors.Is(err, ErrLine) || !strings.HasPrefix(err.Error(), "line 4: ") {
		t.Errorf("%d entries, %v", n, err)
	}
	n = 0
	if err := Read(strings.NewReader(text), func(record.Entry) bool { n++; return false }); err != nil || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
	err = Read(strings.NewReader("\n"+strings.Repeat("x", maxLine+1)), func(record.Entry) bool { return true })
	if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("a line that is too long: %v", err)
	}
}

// FuzzRead reads anything, and joins what it read: it never crashes, and answers for
// every work.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"seq":1,"at":0,"kind":"spec","spec":1,"conds":["charging"]}
{"seq":2,"at":0,"kind":"enqueued","work":"a","spec":1,"name":"n","state":"ENQUEUED","due":5,"lane":2}
{"seq":3,"at":0,"kind":"started","work":"a","run":1}
{"seq":4,"at":0,"kind":"deleted","work":"a","run":1,"name":"n"}
{"seq":5,"at":0,"kind":"reaped","work":"a","run":1,"name":"n"}
{"seq":6,"at":0,"kind":"condition","cond":"charging","value":"unmet","code":"charging"}
`))
	f.Add([]byte(`{"seq":1,"kind":"ended","work":"b","state":"BLOCKED","time":"2026-01-05T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		j := NewJoin()
		_ = Read(bytes.NewReader(b), func(e record.Entry) bool {
			j.Add(&e)
			return true
		})
		for _, id := range j.Waiting() {
			for _, h := range j.Reasons(id, 0) {
				if h.Code == "" {
					t.Fatalf("%s: a reason without a code", id)
				}
			}
		}
	})
}
