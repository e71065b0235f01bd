package lull

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// late is a state that goes on between being loaded and being read, once.
type late struct {
	store.Browser
	on func()
}

func (l *late) Load(ctx context.Context) (*record.Snapshot, error) {
	s, err := l.Browser.Load(ctx)
	if l.on != nil {
		l.on()
		l.on = nil
	}
	return s, err
}

// TestReadWhileItGoesOn reads works whose kind was not known yet when the state was
// loaded.
func TestReadWhileItGoesOn(t *testing.T) {
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "work.db")
	eng, err := Open(ctx, Config{Store: sqlite.File(file)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = eng.Close() })
	n := 0
	enqueue := func() {
		n++
		q := work.Request{ID: work.ID([]byte{'a' + byte(n)}), Task: "resize", Budget: time.Duration(n) * time.Second}
		if _, err := eng.Enqueue(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	for name, look := range map[string]func(*Reader) (int, error){
		"List":    func(r *Reader) (int, error) { all, err := r.List(ctx, Filter{}); return len(all), err },
		"Waiting": func(r *Reader) (int, error) { all, err := r.Waiting(ctx, true, Filter{}); return len(all), err },
		"Whys": func(r *Reader) (int, error) {
			_, err := r.Why(ctx, work.ID([]byte{'a' + byte(n+1)}), true)
			return n, err
		},
	} {
		r, err := eng.Reader(ctx)
		if err != nil {
			t.Fatal(err)
		}
		r.b = &late{Browser: r.b, on: enqueue}
		if got, err := look(r); err != nil || got != n {
			t.Errorf("%s: %d of %d works, %v", name, got, n, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
