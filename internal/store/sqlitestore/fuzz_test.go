package sqlitestore

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/store"
)

// FuzzFile opens any bytes as a state, on their own and as its write-ahead log.
func FuzzFile(f *testing.F) {
	sound := image(f, 20)
	db, err := os.ReadFile(sound)
	if err != nil {
		f.Fatal(err)
	}
	wal, err := os.ReadFile(sound + "-wal")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{}, []byte{})
	f.Add([]byte("SQLite format 3\x00"), []byte("x"))
	f.Add(db, wal)
	f.Add(db[:4096], wal[:40])
	f.Fuzz(func(t *testing.T, db, wal []byte) {
		ctx := context.Background()
		hang := time.AfterFunc(30*time.Second, func() { panic("it hangs") })
		defer hang.Stop()
		path := filepath.Join(t.TempDir(), "lull.db")
		for name, b := range map[string][]byte{path: db, path + "-wal": wal} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := At(path).Browse(ctx); err == nil {
			_, _ = b.Load(ctx)
			_, _ = b.List(ctx, store.Query{})
			_ = b.Close()
		}
		s, err := At(path).Open(ctx)
		if err != nil {
			return
		}
		_, _ = s.Load(ctx)
		_, _ = s.Tagged(ctx, "", 0, 10)
		_ = s.Close()
	})
}
