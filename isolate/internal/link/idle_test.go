//go:build linux && (amd64 || arm64 || riscv64)

package link

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestIdleGivesBack uses all pages of a ring and waits until they are free again.
func TestIdleGivesBack(t *testing.T) {
	a, memory, sock, err := NewRing(RingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Dup(int(memory.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	kept := os.NewFile(uintptr(fd), "memory")
	defer kept.Close()
	b, err := OpenRing(memory, sock, RingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	used := func() int64 {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			t.Fatal(err)
		}
		return st.Blocks * 512
	}
	fresh := used()
	received := make(chan error)
	go func() {
		for err := error(nil); err == nil; {
			_, err = b.Recv()
			received <- err
		}
	}()
	if err := a.Send(make([]byte, 8<<20)); err != nil {
		t.Fatal(err)
	}
	if err := <-received; err != nil {
		t.Fatal(err)
	}
	if used() < defaultRing {
		t.Errorf("%d bytes are in use after 8 MiB went through", used())
	}
	for end := time.Now().Add(20 * time.Second); used() > fresh; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are still in use, at first it were %d", used(), fresh)
		}
	}
	// And it still works.
	for range 3 {
		if err := a.Send(make([]byte, 2<<20)); err != nil {
			t.Fatal(err)
		}
		if err := <-received; err != nil {
			t.Fatal(err)
		}
	}
	_ = a.Close()
	if err := <-received; err != io.EOF {
		t.Error(err)
	}
	_ = b.Close()
}

// status reads a number of this process.
func status(key string) int {
	data, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(data), "\n"+key+":")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n
}

// TestIdleHoldsNoThread lets readers of many links wait, after a message each.
func TestIdleHoldsNoThread(t *testing.T) {
	const links = 200
	before := status("Threads")
	var open []*Ring
	var all sync.WaitGroup
	for range links {
		a, b := ringPair(t, RingConfig{})
		open = append(open, a)
		all.Go(func() {
			if _, err := b.Recv(); err != nil {
				t.Error(err)
			}
			if _, err := b.Recv(); err != io.EOF && err != ErrClosed {
				t.Error(err)
			}
		})
		if err := a.Send([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	parked := func() bool { // the threads that naps took stay, so look at the naps
		naps := make([]byte, 1<<20)
		return !strings.Contains(string(naps[:runtime.Stack(naps, true)]), "link.futexWait")
	}
	for end := time.Now().Add(20 * time.Second); !parked(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("readers of idle links are still in a system call")
		}
	}
	t.Logf("%d threads were added for %d links", status("Threads")-before, links)
	for _, l := range open {
		_ = l.Close()
	}
	all.Wait()
}

// TestCallOnOneProcessor calls a reader for nothing that has no processor to linger on.
func TestCallOnOneProcessor(t *testing.T) {
	a, b := ringPair(t, RingConfig{})
	b.src.patience[0].never = true
	got := make(chan error)
	go func() {
		_, err := b.Recv()
		got <- err
	}()
	parks := func(naps uint64) { // after so many naps, at least
		for end := time.Now().Add(20 * time.Second); b.src.naps.Load() < naps || atomic.LoadUint32(b.src.ownFlag) != uint32(parked); {
			if time.Now().After(end) {
				t.Fatalf("it does not park after %d naps, but %d", naps, b.src.naps.Load())
			}
			time.Sleep(time.Millisecond)
		}
	}
	parks(1)
	a.Nudge()
	parks(2)
	if err := a.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if n := b.src.patience[0].vain; n != 0 {
		t.Errorf("it lingered %d times", n)
	}
}

// TestDoze has a reader doze far longer than a nap takes, called for nothing in between: it
// looks for a message each time, and never holds anything but its thread.
func TestDoze(t *testing.T) {
	a, b := ringPair(t, RingConfig{})
	b.Doze()
	got := receiving(b)
	dozes(t, b)
	for range 3 {
		time.Sleep(3 * napTime) // no proof, but time to do wrong
		a.Nudge()
		dozes(t, b)
	}
	if n := b.src.naps.Load(); n != 0 {
		t.Errorf("it napped %d times", n)
	}
	if err := a.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	got = receiving(b)
	for end := time.Now().Add(20 * time.Second); atomic.LoadUint32(b.src.ownFlag) != uint32(parked); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the wait for the second message does not park")
		}
	}
	if err := a.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

// TestDozeEnds ends dozes by all that ends a wait, at moments that fall before, within and after
// the way into it.
func TestDozeEnds(t *testing.T) {
	for name, end := range map[string]struct {
		by   func(a, b *Ring)
		want error
	}{
		"interrupt": {func(_, b *Ring) { b.Interrupt() }, ErrInterrupted},
		"peer gone": {func(_, b *Ring) { b.PeerGone() }, io.EOF},
		"closed":    {func(_, b *Ring) { _ = b.Close() }, ErrClosed},
		"hung up":   {func(a, _ *Ring) { _ = a.Close() }, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range 200 {
				a, b := ringPair(t, RingConfig{})
				b.Doze()
				got := receiving(b)
				for range i * 100 {
					runtime.Gosched()
				}
				end.by(a, b)
				select {
				case err := <-got:
					if !errors.Is(err, end.want) {
						t.Fatalf("round %d: %v, want %v", i, err, end.want)
					}
				case <-time.After(20 * time.Second):
					t.Fatalf("round %d: it dozes on", i)
				}
				_, _ = a.Close(), b.Close()
			}
		})
	}
}

func receiving(r *Ring) chan error {
	got := make(chan error, 1)
	go func() {
		_, err := r.Recv()
		got <- err
	}()
	return got
}

func dozes(t *testing.T, r *Ring) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); atomic.LoadUint32(r.src.ownFlag) != uint32(dozing); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not doze")
		}
	}
}

// TestExpectInVain expects a message that does not come: the reader sleeps as ever, once the
// time is over, and the next wait is an ordinary one.
func TestExpectInVain(t *testing.T) {
	a, b := ringPair(t, RingConfig{})
	b.Expect()
	got := make(chan error)
	go func() {
		_, err := b.Recv()
		got <- err
	}()
	for end := time.Now().Add(20 * time.Second); atomic.LoadUint32(b.src.ownFlag) == uint32(nobody); {
		if time.Now().After(end) {
			t.Fatal("it does not sleep")
		}
		time.Sleep(100 * time.Microsecond)
	}
	if runtime.NumCPU() > 1 && b.src.soon.Load() {
		t.Error("the next wait is to linger as well")
	}
	if err := a.Send([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

// BenchmarkIdle tells what a link costs the host while nothing happens and a reader waits.
func BenchmarkIdle(b *testing.B) {
	const links = 1000
	for range b.N {
		runtime.GC()
		rss, threads, goroutines := status("VmRSS"), status("Threads"), runtime.NumGoroutine()
		var all []*Ring
		for range links {
			l, memory, sock, err := NewRing(RingConfig{})
			if err != nil {
				b.Fatal(err)
			}
			memory.Close()
			defer sock.Close()
			if err := l.Send([]byte("hello")); err != nil {
				b.Fatal(err)
			}
			go func() { _, _ = l.Recv() }()
			all = append(all, l)
		}
		time.Sleep(100 * time.Millisecond)
		runtime.GC()
		b.ReportMetric(float64(status("VmRSS")-rss)/links, "KiB/link")
		b.ReportMetric(float64(status("Threads")-threads), "threads/1000-links")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/links, "goroutines/link")
		for _, l := range all {
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
