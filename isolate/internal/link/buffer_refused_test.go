//go:build linux && (amd64 || arm64 || riscv64)

package link

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestBufferThatCannotBeMapped gives a buffer that this side cannot map. The link is of no use
// any more, and must not look as if the peer had gone: that one still waits.
func TestBufferThatCannotBeMapped(t *testing.T) {
	r, peer := newHostilePeer(t, RingConfig{})
	defer peer.end()
	defer func() { _ = r.Close() }()
	fd, err := unix.MemfdCreate("buffer", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "buffer")
	defer func() { _ = file.Close() }()
	if err := unix.Ftruncate(fd, hugeSize); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals|unix.F_SEAL_FUTURE_WRITE); err != nil {
		t.Fatal(err)
	}
	if err := newSocket(peer.sock).send(note{kind: noteGive, id: 1<<1 | 1, size: hugeSize, file: file}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Recv(); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "mapping a buffer") {
		t.Error("receive:", err)
	}
	if err := r.Send(nil); !errors.Is(err, ErrCorrupt) {
		t.Error("send:", err)
	}
}
