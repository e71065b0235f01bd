package lull_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/sqlite"
)

// deaf is given a file to make. Then it goes on, whoever asks it to stop.
var deaf = lull.Define[string, struct{}]("deaf")

func doDeaf(_ context.Context, began string) (struct{}, error) {
	if err := os.WriteFile(began, nil, 0o600); err != nil {
		return struct{}{}, isolate.Permanent(err)
	}
	time.Sleep(time.Hour)
	return struct{}{}, nil
}

// TestKillCutsShort cuts the end of Run short: what happened is written down as at any other end.
func TestKillCutsShort(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	eng, err := lull.Open(t.Context(), lull.Config{
		Store: sqlite.File(file("work.db")), Jobs: 1, Journal: file("journal.jsonl"), Record: file("rec.jsonl"),
	})
	if err != nil {
		t.Fatal(err)
	}
	q := deaf.Request(file("began"))
	q.Grace = time.Hour
	id, err := eng.Enqueue(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := eng.Enqueue(t.Context(), deaf.Request(file("another"))); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- eng.Run(ctx) }()
	for ; ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(file("began")); err == nil {
			break
		}
	}
	eng.Kill() // which counts from the end of ctx
	eng.Kill()
	if info, err := eng.Get(t.Context(), id); err != nil || info.Last != nil || info.Started.IsZero() {
		t.Errorf("before the end of the context: %+v, %v", info, err)
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if err := eng.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file("another")); err == nil {
		t.Error("another one was started")
	}
	for name, last := range map[string]string{"journal.jsonl": `"kind":"reaped"`, "rec.jsonl": `{"end":true}`} {
		if b, err := os.ReadFile(file(name)); err != nil || bytes.Count(b, []byte(last)) != 1 {
			t.Errorf("%s is to have %s once: %v\n%s", name, last, err, b)
		}
	}
}
