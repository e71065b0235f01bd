//go:build linux

package link

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
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

// BenchmarkIdle tells what a link costs the host while nothing happens and a reader waits.
func BenchmarkIdle(b *testing.B) {
	const links = 1000
	for range b.N {
		status := func(key string) float64 {
			data, _ := os.ReadFile("/proc/self/status")
			_, rest, _ := strings.Cut(string(data), key+":")
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
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
		b.ReportMetric((status("VmRSS")-rss)/links, "KiB/link")
		b.ReportMetric(status("Threads")-threads, "threads/1000-links")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/links, "goroutines/link")
		for _, l := range all {
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
