package sqlitestore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/store"
)

// image makes the files of a state whose engine was killed with n works in it,
// some of them in the write-ahead log only.
func image(t testing.TB, n int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lull.db")
	ctx := context.Background()
	st, err := At(path).Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := st.(*Store)
	meta := record.Meta{}
	for i := int64(1); i <= n; i++ {
		meta.NextSeq = i
		tx := &record.Tx{Meta: &meta, Works: []record.WorkWrite{{Work: numbered(i), Insert: true}}, Journal: chunkOf(i)}
		if err := s.Commit(ctx, tx); err != nil {
			t.Fatal(err)
		}
		if i == n/2 {
			if err := checkpoint(s.writer.conn); err != nil {
				t.Fatal(err)
			}
		}
	}
	killed := filepath.Join(t.TempDir(), "lull.db")
	for _, suffix := range []string{"", "-wal", ".mark"} {
		if err := copyFile(path+suffix, killed+suffix); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return killed
}

// TestDamage hurts the files of a state at random. Each time either everything
// can be read or there is an error: no panic, no silent loss.
func TestDamage(t *testing.T) {
	t.Parallel()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	rounds := 50
	if *long {
		rounds = 500
	}
	const works = 300
	sound := image(t, works)
	other := image(t, works/3) // another state
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	outcomes := map[string]int{}
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "lull.db")
		for _, suffix := range []string{"", "-wal", ".mark"} {
			if err := copyFile(sound+suffix, path+suffix); err != nil {
				t.Fatal(err)
			}
		}
		what := damage(t, r, path, other)
		n, err := complete(path, works)
		switch {
		case err == nil && n == works:
			outcomes["whole"]++
		case err == nil || strings.Contains(err.Error(), "acknowledged, ") || strings.Contains(err.Error(), "is missing"):
			t.Errorf("seed %d round %d: %s: opened, with %d of %d works: %v", seed, round, what, n, works, err)
		default:
			outcomes["refused"]++
		}
	}
	t.Logf("%d damages: %v", rounds, outcomes)
	if outcomes["refused"] == 0 {
		t.Error("no damage was ever noticed")
	}
}

func damage(t *testing.T, r *rand.Rand, path, other string) string {
	t.Helper()
	target := path
	if r.IntN(2) == 0 {
		target += "-wal"
	}
	b, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	what := ""
	switch r.IntN(6) {
	case 0, 1:
		at := r.IntN(len(b))
		b[at] ^= 1 << r.IntN(8)
		what = fmt.Sprintf("bit flip at %d", at)
	case 2:
		at := r.IntN(len(b) - 64)
		for i := range 64 {
			b[at+i] = byte(r.Uint32())
		}
		what = fmt.Sprintf("64 random bytes at %d", at)
	case 3:
		b = b[:r.IntN(len(b))]
		what = fmt.Sprintf("cut to %d", len(b))
	case 4:
		page := r.IntN(len(b)/4096 + 1)
		clear(b[min(len(b), page*4096):min(len(b), (page+1)*4096)])
		what = fmt.Sprintf("page %d zero", page)
	case 5:
		from := other
		if target != path {
			from += "-wal"
		}
		if b, err = os.ReadFile(from); err != nil {
			t.Fatal(err)
		}
		what = "that of another state"
	}
	if err := os.WriteFile(target, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(target) + ": " + what
}

// TestCutLog: without the log, what it held is missed, and the user may go on.
func TestCutLog(t *testing.T) {
	path := image(t, 50)
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	_, err := At(path).Open(context.Background())
	wantError(t, err, store.ErrDamaged, "acknowledged", path+".mark")
	if err := os.Remove(path + ".mark"); err != nil {
		t.Fatal(err)
	}
	if n, err := complete(path, 1); err != nil || n >= 50 {
		t.Fatal(n, err)
	}
}
