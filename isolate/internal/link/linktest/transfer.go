package linktest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link"
)

// sendBuffer exports a buffer and sends its id.
func sendBuffer(l Link, b *link.Buffer) error {
	id, err := l.Export(b)
	if err != nil {
		return err
	}
	return l.Send(binary.LittleEndian.AppendUint64(nil, id))
}

// recvBuffer receives an id and imports its buffer.
func recvBuffer(l Link) (*link.Buffer, uint64, error) {
	msg, err := l.Recv()
	if err != nil {
		return nil, 0, err
	}
	if len(msg) != 8 {
		return nil, 0, fmt.Errorf("%d bytes instead of an id", len(msg))
	}
	id := binary.LittleEndian.Uint64(msg)
	b, err := l.Import(id)
	return b, id, err
}

// filled is a new buffer that holds Message(number, size).
func filled(l Link, number uint32, size int) (*link.Buffer, error) {
	b, err := l.NewBuffer(size)
	if err != nil {
		return nil, err
	}
	if copy(b.Bytes(), Message(number, size)) != size {
		return nil, errors.New("the new buffer is too small")
	}
	return b, nil
}

func transfer(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "transfer", func() {
		for n, size := range []int{0, 1, 4096, 100_000, 1 << 20, 2 << 20, 2<<20 + 1, 16 << 20, 5, 16 << 20, 16<<20 - 5, 16 << 20} {
			from, to := a, b
			if n%3 == 2 {
				from, to = b, a
			}
			buf, err := filled(from, uint32(n), size)
			if err != nil {
				t.Error(err)
				return
			}
			sent := make(chan error, 1)
			go func() { sent <- sendBuffer(from, buf) }()
			got, id, err := recvBuffer(to)
			if err != nil {
				t.Error(err)
				return
			}
			if err := <-sent; err != nil {
				t.Error(err)
			}
			if err := check(got.Bytes(), uint32(n), size); err != nil {
				t.Error(err)
			}
			if _, err := to.Import(id); !errors.Is(err, link.ErrCorrupt) {
				t.Errorf("second import: %v", err)
			}
			if err := got.Release(); err != nil {
				t.Error(err)
			}
		}
		if _, err := b.Import(12345); !errors.Is(err, link.ErrCorrupt) {
			t.Errorf("import of nothing: %v", err)
		}
	})
}

func transferOnce(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "transfer once", func() {
		buf, err := filled(a, 1, 1000)
		if err != nil {
			t.Error(err)
			return
		}
		got, err := handOver(a, b, buf)
		if err != nil {
			t.Error(err)
			return
		}
		released, _ := a.NewBuffer(10)
		if err := released.Release(); err != nil {
			t.Error(err)
		}
		for _, used := range []*link.Buffer{buf, released} {
			if used.Bytes() != nil {
				t.Error("the bytes of a buffer that has gone can be had")
			}
			if _, err := a.Export(used); !errors.Is(err, link.ErrTransferred) {
				t.Errorf("second export: %v", err)
			}
			if err := used.Release(); !errors.Is(err, link.ErrTransferred) {
				t.Errorf("release: %v", err)
			}
		}
		if err := check(got.Bytes(), 1, 1000); err != nil {
			t.Error(err)
		}
		for _, size := range []int{-1, 1<<30 + 1} {
			if _, err := a.NewBuffer(size); !errors.Is(err, link.ErrTooLong) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	})
}

// handOver sends a buffer from one end of a link to the other.
func handOver(from, to Link, buf *link.Buffer) (*link.Buffer, error) {
	sent := make(chan error, 1)
	go func() { sent <- sendBuffer(from, buf) }()
	got, _, err := recvBuffer(to)
	if err != nil {
		return nil, err
	}
	return got, <-sent
}

// transferBetweenLinks hands on what came by another link.
func transferBetweenLinks(t *testing.T, k Kind) {
	a, b := pair(t, k)
	c, d := pair(t, k)
	within(t, "transfer between links", func() {
		buf, err := filled(a, 7, 300_000)
		if err != nil {
			t.Error(err)
			return
		}
		middle, err := handOver(a, b, buf)
		if err != nil {
			t.Error(err)
			return
		}
		end, err := handOver(c, d, middle)
		if err != nil {
			t.Error(err)
			return
		}
		if err := check(end.Bytes(), 7, 300_000); err != nil {
			t.Error(err)
		}
		if _, err := c.Export(middle); !errors.Is(err, link.ErrTransferred) {
			t.Error(err)
		}
	})
}

// transferOutlivesLink reads what was imported after the link was closed.
func transferOutlivesLink(t *testing.T, k Kind) {
	a, b := pair(t, k)
	within(t, "transfer outlives link", func() {
		buf, err := filled(a, 3, 1000)
		if err != nil {
			t.Error(err)
			return
		}
		kept, err := filled(b, 4, 1000)
		if err != nil {
			t.Error(err)
			return
		}
		got, err := handOver(a, b, buf)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = a.Close(), b.Close()
		if err := errors.Join(check(got.Bytes(), 3, 1000), check(kept.Bytes(), 4, 1000)); err != nil {
			t.Error(err)
		}
		if _, err := b.Export(kept); !errors.Is(err, link.ErrClosed) {
			t.Error(err)
		}
		if err := got.Release(); err != nil {
			t.Error(err)
		}
	})
}

// playBounce reverses each buffer and returns it.
func playBounce(l Link) error {
	for {
		b, _, err := recvBuffer(l)
		if err != nil {
			return ignoreEnd(err)
		}
		slices.Reverse(b.Bytes())
		if err := sendBuffer(l, b); err != nil {
			return ignoreEnd(err)
		}
	}
}

// playRelease takes each buffer, touches its pages, releases it and answers.
func playRelease(l Link) error {
	for {
		b, _, err := recvBuffer(l)
		if err != nil {
			return ignoreEnd(err)
		}
		b.Bytes()[0]++
		if err := b.Release(); err != nil {
			return err
		}
		if err := l.Send([]byte{1}); err != nil {
			return ignoreEnd(err)
		}
	}
}

func transferBounce(t *testing.T, k Kind) {
	l, _ := Start(t, k, "bounce")
	within(t, "bounce", func() {
		for n := range uint32(30) {
			size := sizeOf(n)
			buf, err := filled(l, n, size)
			if err == nil {
				err = sendBuffer(l, buf)
			}
			if err != nil {
				t.Error(err)
				return
			}
			got, _, err := recvBuffer(l)
			if err != nil {
				t.Error(err)
				return
			}
			slices.Reverse(got.Bytes())
			if err := check(got.Bytes(), n, size); err != nil {
				t.Error(err)
			}
			if err := got.Release(); err != nil {
				t.Error(err)
			}
		}
	})
}
