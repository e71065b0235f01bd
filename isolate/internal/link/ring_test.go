//go:build linux && (amd64 || arm64 || riscv64)

package link_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link"
	"github.com/lullwork/lull/isolate/internal/link/linktest"
)

func newRing(t testing.TB, cfg link.RingConfig) (l *link.Ring, memory, sock *os.File) {
	t.Helper()
	l, memory, sock, err := link.NewRing(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l, memory, sock
}

func ringKind(size int) linktest.Kind {
	cfg := link.RingConfig{MaxMessage: testMax, ToPeer: size, FromPeer: size}
	return linktest.Kind{
		Pair: func(t testing.TB) (a, b linktest.Link) {
			ours, memory, sock := newRing(t, cfg)
			theirs, err := link.OpenRing(memory, sock, cfg)
			if err != nil {
				t.Fatal(err)
			}
			return ours, theirs
		},
		Start: func(t testing.TB, cmd *exec.Cmd) linktest.Link {
			ours, memory, sock := newRing(t, cfg)
			startWith(t, cmd, "ring", memory, sock)
			return ours
		},
		Held:       size + 64<<10,
		MaxMessage: testMax,
	}
}

func openRing() (linktest.Link, error) {
	r, err := link.InheritRing(3, 4, link.RingConfig{MaxMessage: testMax})
	if err == nil {
		r.Attend()
	}
	return r, err
}

func TestRing(t *testing.T) {
	t.Run("1 MiB", func(t *testing.T) { linktest.Run(t, ringKind(1<<20)) })
	t.Run("4 KiB", func(t *testing.T) { linktest.Run(t, ringKind(4<<10)) })
}
