package wasm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

func spawn(t testing.TB, m *wasm.Module, call wasm.Call, p wasm.Ports) (*wasm.Instance, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	i, err := m.Spawn(ctx, call, p)
	if err != nil {
		t.Fatal(err)
	}
	return i, ctx
}

func TestConversation(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	var reports atomic.Int32
	i, ctx := spawn(t, m, wasm.Call{Input: order("chat"), OnProgress: func([]byte) { reports.Add(1) }}, wasm.Ports{})
	long := strings.Repeat("longer than the guest thought ", 1000)
	for n, message := range []string{"hello", "", long} {
		sent := []byte(message)
		if err := i.Send(ctx, sent); err != nil {
			t.Fatal(err)
		}
		clear(sent) // it was copied
		got, err := i.Receive(ctx)
		if wanted := fmt.Sprintf("%d:%s", n, message); err != nil || string(got) != wanted {
			t.Fatalf("got %.60q %v, want %.60q", got, err, wanted)
		}
	}
	// What is on its way when the sender has said all is still answered.
	for range 3 {
		if err := i.Send(ctx, []byte("last")); err != nil {
			t.Fatal(err)
		}
	}
	i.CloseSend()
	if err := i.Send(ctx, nil); !errors.Is(err, wasm.ErrPortClosed) {
		t.Error(err)
	}
	e := i.Wait()
	want(t, e, isolate.Success, "")
	if !strings.Contains(string(e.Tail), "no more messages after 6 stopping false") || reports.Load() != 6 {
		t.Errorf("%d reports, output %s", reports.Load(), e.Tail)
	}
	for n := range 3 {
		if got, err := i.Receive(ctx); err != nil || string(got) != fmt.Sprintf("%d:last", n+3) {
			t.Errorf("%q %v", got, err)
		}
	}
	if _, err := i.Receive(ctx); !errors.Is(err, wasm.ErrPortClosed) {
		t.Error(err)
	}
}

func TestStop(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	i, ctx := spawn(t, m, wasm.Call{Input: order("chat")}, wasm.Ports{})
	if err := i.Send(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Receive(ctx); err != nil { // it runs
		t.Fatal(err)
	}
	i.Stop("the app closes", time.Minute)
	e := i.Wait()
	want(t, e, isolate.Stopped, "the app closes")
	if e.Killed || e.StopReason != "the app closes" || !strings.Contains(string(e.Tail), "stopping true") {
		t.Errorf("record %+v\n%s", e, e.Tail)
	}

	loop := compile(t, text{functions: []function{{export: "f", code: loops}}}.assemble(), wasm.Config{})
	i, _ = spawn(t, loop, wasm.Call{Export: "f"}, wasm.Ports{})
	i.Stop("first", time.Hour)
	i.Stop("second", 10*time.Millisecond)
	e = i.Wait()
	want(t, e, isolate.Stopped, "first")
	if !e.Killed || e.StopReason != "first" {
		t.Errorf("record %+v", e)
	}

	i, _ = spawn(t, loop, wasm.Call{Export: "f"}, wasm.Ports{})
	i.Kill()
	if e := i.Wait(); e.Outcome != isolate.Stopped || !e.Killed || e.StopReason != "killed" {
		t.Errorf("record %+v", e)
	}

	// One that waits for a message is killed, too, in both forms.
	for _, plain := range []bool{false, true} {
		waits := compile(t, waiter.assemble(), wasm.Config{Unstoppable: plain})
		i, ctx = spawn(t, waits, wasm.Call{Export: "f"}, wasm.Ports{})
		time.AfterFunc(10*time.Millisecond, i.Kill)
		if e := i.Wait(); e.Outcome != isolate.Stopped || !e.Killed {
			t.Errorf("record %+v", e)
		}
		if _, err := i.Receive(ctx); !errors.Is(err, wasm.ErrPortClosed) {
			t.Error(err)
		}
		if err := i.Send(ctx, nil); !errors.Is(err, wasm.ErrPortClosed) {
			t.Error(err)
		}
	}
}

var (
	lullRecv = imported{"lull", "recv", []byte{i32, i32}, []byte{i32}}
	lullSend = imported{"lull", "send", []byte{i32, i32}, []byte{i32}}
)

// waiter waits for one message.
var waiter = text{imports: []imported{lullRecv}, pages: 1, functions: []function{
	{export: "f", results: one, code: code(constant(0), constant(100), opCall, 0)},
}}

// TestBackPressure: neither side can put more on the way than the bounds say.
func TestBackPressure(t *testing.T) {
	for _, test := range []struct {
		ports wasm.Ports
		size  int64
		most  int
	}{
		{wasm.Ports{Messages: 5}, 1, 5},
		{wasm.Ports{Bytes: 1000}, 100, 10},
	} {
		// A guest that sends for ever.
		flood := compile(t, text{imports: []imported{lullSend}, pages: 1, functions: []function{
			{export: "f", code: code(opLoop, void, constant(0), constant(test.size), opCall, 0, opDrop, opBr, 0, end)},
		}}.assemble(), wasm.Config{})
		i, ctx := spawn(t, flood, wasm.Call{Export: "f"}, test.ports)
		for range 3 * test.most { // it goes on as we take
			if m, err := i.Receive(ctx); err != nil || len(m) != int(test.size) {
				t.Fatal(len(m), err)
			}
		}
		time.Sleep(20 * time.Millisecond) // it fills the queue, if it does not overflow it
		i.Kill()
		want(t, i.Wait(), isolate.Stopped, "killed")
		left := 0
		for ; ; left++ {
			if _, err := i.Receive(ctx); err != nil {
				break
			}
		}
		if left > test.most {
			t.Errorf("%d messages were on the way, at most %d may", left, test.most)
		}

		// A guest that never asks.
		deaf := compile(t, text{functions: []function{{export: "f", code: loops}}}.assemble(), wasm.Config{})
		i, ctx = spawn(t, deaf, wasm.Call{Export: "f"}, test.ports)
		message := make([]byte, test.size)
		for range test.most {
			if err := i.Send(ctx, message); err != nil {
				t.Fatal(err)
			}
		}
		soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		if err := i.Send(soon, message); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one more than %d: %v", test.most, err)
		}
		cancel()
		blocked := make(chan error)
		go func() { blocked <- i.Send(ctx, message) }()
		i.Kill()
		if err := <-blocked; !errors.Is(err, wasm.ErrPortClosed) {
			t.Error(err)
		}
		if err := i.Send(ctx, make([]byte, 64<<20)); !errors.Is(err, wasm.ErrTooLarge) && !errors.Is(err, wasm.ErrPortClosed) {
			t.Error(err)
		}
	}
	m := compile(t, waiter.assemble(), wasm.Config{})
	i, ctx := spawn(t, m, wasm.Call{Export: "f"}, wasm.Ports{Bytes: 10})
	if err := i.Send(ctx, make([]byte, 11)); !errors.Is(err, wasm.ErrTooLarge) {
		t.Error(err)
	}
	if err := i.Send(ctx, make([]byte, 10)); err != nil {
		t.Error(err)
	}
	if e := i.Wait(); string(e.Result) != "10" {
		t.Errorf("%v, result %s", e, e.Result)
	}
	if _, err := m.Spawn(ctx, wasm.Call{Export: "f"}, wasm.Ports{Bytes: -1}); err == nil {
		t.Error("negative bounds were taken")
	}
}

// TestBothFlood has two guests, each of which sends to the other more than the queues hold
// before it looks for messages.
func TestBothFlood(t *testing.T) {
	echo := compileGuest(t, "command", wasm.Config{})
	i, ctx := spawn(t, echo, wasm.Call{Input: order("chat")}, wasm.Ports{Messages: 2})
	const all = 1000
	go func() {
		for range all {
			if err := i.Send(ctx, []byte("x")); err != nil {
				return
			}
		}
		i.CloseSend()
	}()
	for n := range all {
		if m, err := i.Receive(ctx); err != nil || !bytes.HasPrefix(m, fmt.Appendf(nil, "%d:", n)) {
			t.Fatal(n, string(m), err)
		}
	}
	want(t, i.Wait(), isolate.Success, "")
}

// echo sends back what it receives, without looking at it.
var echo = text{imports: []imported{lullRecv, lullSend}, pages: 32, functions: []function{{
	export: "f", locals: 1,
	code: code(
		opLoop, void,
		constant(0), constant(32*65536), opCall, 0, opSet, 0, // length = recv(0, all)
		constant(0), opGet, 0, opCall, 1, // send(0, length)
		0x45, 0x0d, 0, // br_if 0 if it gave 0
		end,
	),
}}}

func BenchmarkRoundTrip(b *testing.B) {
	m := compile(b, echo.assemble(), wasm.Config{})
	for _, size := range []int{64, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			i, err := m.Spawn(ctx, wasm.Call{Export: "f"}, wasm.Ports{})
			if err != nil {
				b.Fatal(err)
			}
			message := make([]byte, size)
			took := make([]time.Duration, b.N)
			b.SetBytes(int64(size))
			b.ResetTimer()
			for n := range b.N {
				begin := time.Now()
				if err := i.Send(ctx, message); err != nil {
					b.Fatal(err)
				}
				if got, err := i.Receive(ctx); err != nil || len(got) != size {
					b.Fatal(len(got), err)
				}
				took[n] = time.Since(begin)
			}
			b.StopTimer()
			percentiles(b, took)
			i.Kill()
			i.Wait()
		})
	}
}
