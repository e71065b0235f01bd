//go:build linux && (amd64 || arm64 || riscv64)

package link

import (
	"errors"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ringPair makes both ends in this process, as the types that they are.
func ringPair(t testing.TB, cfg RingConfig) (a, b *Ring) {
	t.Helper()
	a, memory, sock, err := NewRing(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = OpenRing(memory, sock, cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

// faults tells whether a write to the first byte of p faults.
func faults(p []byte) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	p[0] = 'X'
	return false
}

// TestLateWrites writes to slices that were kept after their buffer had gone.
func TestLateWrites(t *testing.T) {
	a, b := ringPair(t, RingConfig{})
	var kept [][]byte
	for round := range 10 {
		buf, err := a.NewBuffer(3 << 20)
		if err != nil {
			t.Fatal(err)
		}
		mine := buf.Bytes()
		mine[0] = byte(round)
		id, err := a.Export(buf)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Import(id)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, mine)
		for i, old := range kept {
			if !faults(old) {
				t.Fatalf("round %d: a write to slice %d is seen", round, i)
			}
		}
		theirs := got.Bytes()
		if theirs[0] != byte(round) {
			t.Fatalf("round %d: got %d", round, theirs[0])
		}
		if err := got.Release(); err != nil {
			t.Fatal(err)
		}
		if kept = append(kept, theirs); !faults(theirs) {
			t.Fatalf("round %d: a write after release is seen", round)
		}
	}
	if n := len(a.buffers.regions); n != 1 {
		t.Errorf("%d regions: the memory was not used again", n)
	}
}

// TestMappingsEnd counts mappings and descriptors after many links with buffers.
func TestMappingsEnd(t *testing.T) {
	count := func() (maps, fds int) {
		data, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(data), "memfd:lull"), len(list)
	}
	maps, fds := count()
	for range 20 {
		a, b := ringPair(t, RingConfig{})
		for _, size := range []int{100, 1 << 20, 40 << 20, 41 << 20, 42 << 20} { // more than is pooled
			buf, err := a.NewBuffer(size)
			if err != nil {
				t.Fatal(err)
			}
			id, err := a.Export(buf)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Import(id)
			if err != nil {
				t.Fatal(err)
			}
			if err := got.Release(); err != nil {
				t.Fatal(err)
			}
			if a.buffers.pooled > maxPooled {
				t.Errorf("%d bytes are pooled", a.buffers.pooled)
			}
		}
		unused, err := a.NewBuffer(5000)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = a.Close(), b.Close()
		_ = unused.Release()
	}
	if m, f := count(); m != maps || f != fds {
		t.Errorf("%d mappings and %d descriptors, before %d and %d", m, f, maps, fds)
	}
}

// TestHostileNotes sends what no sound peer sends, to a socket that expects notes.
func TestHostileNotes(t *testing.T) {
	memory := func(size int, sealed bool) *os.File {
		f, err := newMemory("lull-test", size)
		if !sealed {
			fd, _ := unix.MemfdCreate("lull-test", unix.MFD_ALLOW_SEALING)
			_ = unix.Ftruncate(fd, int64(size))
			f = os.NewFile(uintptr(fd), "test")
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	plain, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = plain.Truncate(hugeSize)
	t.Cleanup(func() { plain.Close() })
	for _, test := range []struct {
		name  string
		notes []note
	}{
		{"back of nothing", []note{{kind: noteBack, id: 2}}},
		{"drop of nothing", []note{{kind: noteDrop, id: 3}}},
		{"unknown kind", []note{{kind: 9}}},
		{"no descriptor", []note{{kind: noteGive, id: 3, size: hugeSize}}},
		{"a descriptor too many", []note{{kind: noteWake, file: plain}}},
		{"our id", []note{{kind: noteGive, id: 2, size: hugeSize, file: memory(hugeSize, true)}}},
		{"no seals", []note{{kind: noteGive, id: 3, size: hugeSize, file: memory(hugeSize, false)}}},
		{"a file", []note{{kind: noteGive, id: 3, size: hugeSize, file: plain}}},
		{"smaller than said", []note{{kind: noteGive, id: 3, size: 2 * hugeSize, file: memory(hugeSize, true)}}},
		{"huge", []note{{kind: noteGive, id: 3, size: 1 << 62, file: memory(hugeSize, true)}}},
		{"no size", []note{{kind: noteGive, id: 3, file: memory(hugeSize, true)}}},
		{"the same id twice", []note{
			{kind: noteGive, id: 3, size: hugeSize, file: memory(hugeSize, true)},
			{kind: noteGive, id: 3, size: hugeSize, file: memory(hugeSize, true)},
		}},
		{"back of its own", []note{
			{kind: noteGive, id: 3, size: hugeSize, file: memory(hugeSize, true)},
			{kind: noteBack, id: 3},
		}},
	} {
		a, memory, sock, err := NewRing(RingConfig{})
		if err != nil {
			t.Fatal(err)
		}
		peer := newSocket(sock)
		for _, n := range test.notes {
			_ = peer.send(n) // it may be closed already
		}
		if _, err := a.Recv(); err == nil || !strings.Contains(err.Error(), ErrCorrupt.Error()) {
			t.Errorf("%s: %v", test.name, err)
		}
		_, _, _ = a.Close(), memory.Close(), sock.Close()
	}
}

// TestHostileBox puts into a box what no sound peer gives back.
func TestHostileBox(t *testing.T) {
	for name, id := range map[string]uint32{
		"never made": 1 << 20, "the peer's own": 3, "not lent": 1 << 1, "the highest": 1<<32 - 1,
	} {
		a, peer := newHostilePeer(t, RingConfig{})
		buf, err := a.NewBuffer(100)
		if err != nil {
			t.Fatal(err)
		}
		newBox(peer.mem[firstBox:])[boxSize-1] = id
		if _, err := a.NewBuffer(100); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: a buffer: %v", name, err)
		}
		if _, err := a.Recv(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: receive: %v", name, err)
		}
		if err := buf.Release(); err != nil {
			t.Errorf("%s: release: %v", name, err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		peer.end()
	}
}

// TestManyGoBack gives back more buffers than the box has room for, while their owner
// takes others, and counts them at the end.
func TestManyGoBack(t *testing.T) {
	a, b := ringPair(t, RingConfig{})
	lent := make(chan uint64, 4*boxSize)
	var back sync.WaitGroup
	back.Go(func() {
		var held []*Buffer
		for id := range lent {
			got, err := b.Import(id)
			if err != nil {
				t.Error(err)
				return
			}
			if held = append(held, got); len(held) < 2*boxSize {
				continue
			}
			for _, got := range held {
				if err := got.Release(); err != nil {
					t.Error(err)
				}
			}
			held = nil
		}
	})
	for range 8 * boxSize {
		buf, err := a.NewBuffer(100)
		if err != nil {
			t.Fatal(err)
		}
		id, err := a.Export(buf)
		if err != nil {
			t.Fatal(err)
		}
		lent <- id
	}
	close(lent)
	back.Wait()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) { // notes are on their way
		buf, err := a.NewBuffer(100)
		if err != nil {
			t.Fatal(err)
		}
		_ = buf.Release()
		a.buffers.mu.Lock()
		lent, pooled := a.buffers.lent(), a.buffers.pooled
		a.buffers.mu.Unlock()
		if !lent && pooled > 0 && pooled <= maxPooled {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("some are still lent: %t; %d bytes are pooled", lent, pooled)
		}
	}
}

// TestFloodOfNotes closes a link, and uses it, while its peer floods the socket.
func TestFloodOfNotes(t *testing.T) {
	a, memory, sock, err := NewRing(RingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	memory.Close()
	var flood sync.WaitGroup
	peer := newSocket(sock)
	for range 4 {
		flood.Go(func() {
			for peer.send(note{kind: noteWake}) == nil {
			}
		})
	}
	for range 100 {
		buf, err := a.NewBuffer(100)
		if err == nil {
			err = buf.Release()
		}
		if err != nil {
			t.Error(err)
		}
		if _, err := a.Import(3 << idShift); !errors.Is(err, ErrCorrupt) {
			t.Error(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	flood.Wait()
	sock.Close()
}

// TestNoRoom takes more buffers than a link may have.
func TestNoRoom(t *testing.T) {
	a, _ := ringPair(t, RingConfig{})
	var all []*Buffer
	for {
		buf, err := a.NewBuffer(maxBuffers / 4)
		if err != nil {
			if err != ErrNoRoom || len(all) != 4 {
				t.Errorf("after %d: %v", len(all), err)
			}
			break
		}
		all = append(all, buf)
	}
	for _, buf := range all {
		if err := buf.Release(); err != nil {
			t.Error(err)
		}
	}
	if buf, err := a.NewBuffer(maxBuffers); err != nil {
		t.Error(err)
	} else if err := buf.Release(); err != nil {
		t.Error(err)
	}
}
