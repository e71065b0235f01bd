package wasm_test

import (
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

// conversation is an instance with a port on each side.
type conversation struct {
	*wasm.Instance
	ctx context.Context
	to  isolate.SendPort[[]byte]
	out *isolate.ReceivePort[[]byte]
}

func spawn(t testing.TB, m *wasm.Module, call wasm.Call) conversation {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	out := isolate.NewReceivePort[[]byte](ctx)
	t.Cleanup(out.Close)
	i, err := m.Spawn(ctx, call, wasm.SpawnConfig{Out: out.SendPort()})
	if err != nil {
		t.Fatal(err)
	}
	return conversation{i, ctx, i.SendPort(), out}
}

func (c conversation) send(t testing.TB, m []byte) {
	t.Helper()
	if err := c.to.Send(c.ctx, m); err != nil {
		t.Fatal(err)
	}
}

func (c conversation) hear(t testing.TB, wanted string) {
	t.Helper()
	if got, err := c.out.Receive(c.ctx); err != nil || string(got) != wanted {
		t.Fatalf("got %.60q %v, want %.60q", got, err, wanted)
	}
}

func TestConversation(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	var reports atomic.Int32
	i := spawn(t, m, wasm.Call{Input: order("chat"), OnProgress: func([]byte) { reports.Add(1) }})
	long := strings.Repeat("longer than the guest thought ", 1000)
	for n, message := range []string{"hello", "", long} {
		sent := []byte(message)
		i.send(t, sent)
		clear(sent) // it was copied
		i.hear(t, fmt.Sprintf("%d:%s", n, message))
	}
	// What is on its way when the sender has said all is still answered.
	for range 3 {
		i.send(t, []byte("last"))
	}
	i.send(t, nil)
	e := i.Wait()
	want(t, e, isolate.Success, "")
	if err := i.to.Send(i.ctx, nil); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
	if !strings.Contains(string(e.Tail), "no more messages after 6 stopping false") || reports.Load() != 6 {
		t.Errorf("%d reports, output %s", reports.Load(), e.Tail)
	}
	if e.Name != wasm.Start || i.Name() != wasm.Start {
		t.Errorf("names %q, %q", e.Name, i.Name())
	}
	for n := range 3 {
		i.hear(t, fmt.Sprintf("%d:last", n+3))
	}
	if r, err := i.Result(i.ctx); err != nil || r != nil {
		t.Errorf("result %s, %v", r, err)
	}
}

// sendAndReceive exports what the host gives.
var sendAndReceive = text{imports: []imported{lullRecv, lullSend}, pages: 1, functions: []function{
	{export: "send", results: one, code: code(constant(0), constant(1), opCall, 1)},
	{export: "recv", results: one, code: code(constant(0), constant(1), opCall, 0)},
}}

// TestNobodyThere: a guest is told that nobody receives what it sends, and hears nobody
// in a plain run.
func TestNobodyThere(t *testing.T) {
	m := compile(t, sendAndReceive.assemble(), wasm.Config{})
	for _, export := range []string{"send", "recv"} {
		if e := run(t, m, wasm.Call{Export: export}); string(e.Result) != "-1" {
			t.Errorf("%s gave %s in a plain run: %v", export, e.Result, e)
		}
	}
	closed := isolate.NewReceivePort[[]byte](t.Context())
	closed.Close()
	for _, to := range []isolate.SendPort[[]byte]{{}, closed.SendPort()} {
		i, err := m.Spawn(t.Context(), wasm.Call{Export: "send"}, wasm.SpawnConfig{Out: to, Name: "talker"})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := i.Result(t.Context()); err != nil || string(r) != "-1" {
			t.Errorf("%s, %v", r, err)
		}
		if e := i.Wait(); e.Name != "talker" {
			t.Errorf("name %q", e.Name)
		}
	}
}

// TestPipeline: the port of one guest is where another one sends to.
func TestPipeline(t *testing.T) {
	m := compile(t, echo.assemble(), wasm.Config{})
	last := spawn(t, m, wasm.Call{Export: "f"})
	first, err := m.Spawn(last.ctx, wasm.Call{Export: "f"}, wasm.SpawnConfig{Out: last.to})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		if err := first.SendPort().Send(last.ctx, fmt.Append(nil, n)); err != nil {
			t.Fatal(err)
		}
		last.hear(t, fmt.Sprint(n))
	}
	last.send(t, nil)
	want(t, last.Wait(), isolate.Success, "")
	// The first one finds that nobody listens any more.
	if err := first.SendPort().Send(last.ctx, []byte("x")); err != nil {
		t.Fatal(err)
	}
	want(t, first.Wait(), isolate.Success, "")
}

func TestPause(t *testing.T) {
	m := compile(t, echo.assemble(), wasm.Config{})
	i := spawn(t, m, wasm.Call{Export: "f"})
	i.send(t, []byte("before"))
	i.hear(t, "before") // it waits for the next
	silent := func() {
		t.Helper()
		soon, cancel := context.WithTimeout(i.ctx, 30*time.Millisecond)
		defer cancel()
		if got, err := i.out.Receive(soon); err == nil {
			t.Fatalf("it said %q", got)
		}
	}
	a, b := isolate.NewCapability(), isolate.NewCapability()
	i.Pause(a)
	i.Pause(a)
	i.Pause(b)
	i.send(t, []byte("1"))
	i.send(t, []byte("2"))
	silent()
	i.Resume(a)
	silent()
	i.Resume(isolate.NewCapability())
	silent()
	i.Resume(b)
	i.hear(t, "1")
	i.hear(t, "2")

	// A pause keeps nothing from ending.
	i.Pause(a)
	i.Stop("enough", time.Minute)
	e := i.Wait()
	if want(t, e, isolate.Stopped, "enough"); e.Killed {
		t.Errorf("record %+v", e)
	}
	j := spawn(t, m, wasm.Call{Export: "f"})
	j.Pause(a)
	if err := j.Kill(isolate.Immediate); err != nil {
		t.Error(err)
	}
	want(t, j.Wait(), isolate.Stopped, "killed")
}

func TestStop(t *testing.T) {
	m := compileGuest(t, "command", wasm.Config{})
	for reason, ask := range map[string]func(*wasm.Instance){
		"the app closes": func(i *wasm.Instance) { i.Stop("the app closes", time.Minute) },
		"killed":         func(i *wasm.Instance) { _ = i.Kill(isolate.BeforeNextEvent) },
	} {
		i := spawn(t, m, wasm.Call{Input: order("chat")})
		i.send(t, []byte("x"))
		i.hear(t, "0:x") // it runs
		ask(i.Instance)
		e := i.Wait()
		want(t, e, isolate.Stopped, reason)
		if e.Killed || e.StopReason != reason || !strings.Contains(string(e.Tail), "stopping true") {
			t.Errorf("record %+v\n%s", e, e.Tail)
		}
		var exit *isolate.ExitError
		if _, err := i.Result(i.ctx); !errors.As(err, &exit) || exit.Exit.Outcome != isolate.Stopped {
			t.Error(err)
		}
	}

	loop := compile(t, text{functions: []function{{export: "f", code: loops}}}.assemble(), wasm.Config{})
	i := spawn(t, loop, wasm.Call{Export: "f"})
	i.Stop("first", time.Hour)
	i.Stop("second", 10*time.Millisecond)
	e := i.Wait()
	want(t, e, isolate.Stopped, "first")
	if !e.Killed || e.StopReason != "first" {
		t.Errorf("record %+v", e)
	}

	i = spawn(t, loop, wasm.Call{Export: "f"})
	if err := i.Kill(7); err == nil {
		t.Error("an unknown priority was taken")
	}
	if err := i.Kill(isolate.Immediate); err != nil {
		t.Error(err)
	}
	if e := i.Wait(); e.Outcome != isolate.Stopped || !e.Killed || e.StopReason != "killed" {
		t.Errorf("record %+v", e)
	}

	// One that waits for a message is killed, too, in both forms.
	for _, plain := range []bool{false, true} {
		waits := compile(t, waiter.assemble(), wasm.Config{Unstoppable: plain})
		i = spawn(t, waits, wasm.Call{Export: "f"})
		time.AfterFunc(10*time.Millisecond, func() { _ = i.Kill(isolate.Immediate) })
		if e := i.Wait(); e.Outcome != isolate.Stopped || !e.Killed {
			t.Errorf("record %+v", e)
		}
		if err := i.to.Send(i.ctx, nil); !errors.Is(err, isolate.ErrPortClosed) {
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

// TestExitListeners: all are told once, before Done, also one without room and one that comes
// late.
func TestExitListeners(t *testing.T) {
	m := compile(t, waiter.assemble(), wasm.Config{})
	heard := isolate.NewReceivePort[isolate.Exit](t.Context())
	full := isolate.NewReceivePort[isolate.Exit](t.Context())
	defer heard.Close()
	defer full.Close()
	for range isolate.PortMessages {
		if err := full.SendPort().Send(t.Context(), isolate.Exit{}); err != nil {
			t.Fatal(err)
		}
	}
	i, err := m.Spawn(t.Context(), wasm.Call{Export: "f"}, wasm.SpawnConfig{
		Name: "waiter", OnExit: []isolate.SendPort[isolate.Exit]{full.SendPort(), {}, heard.SendPort()},
	})
	if err != nil {
		t.Fatal(err)
	}
	i.OnExit(heard.SendPort())
	select {
	case <-i.Done():
		t.Fatal("it ended by itself")
	default:
	}
	i.Stop("enough", 0)
	told := func(port *isolate.ReceivePort[isolate.Exit]) isolate.Exit {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		e, err := port.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	<-i.Done()
	if e := told(heard); e.Name != "waiter" || e.String() != i.Wait().String() || e.StopReason != "enough" {
		t.Errorf("told of %+v", e)
	}
	for range isolate.PortMessages {
		if e := told(full); e.Name != "" {
			t.Errorf("told of %+v too early", e)
		}
	}
	if e := told(full); e.Name != "waiter" {
		t.Errorf("told of %+v", e)
	}
	i.OnExit(heard.SendPort()) // it is told again: at once
	if e := told(heard); e.Name != "waiter" {
		t.Errorf("told of %+v", e)
	}
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if e, err := heard.Receive(soon); err == nil {
		t.Errorf("told of %+v again", e)
	}
}

// echo has room for messages of 2 MiB.
var echo = echoing(32)

// echoing sends back what it receives, until there is no more, or nobody listens.
func echoing(pages int) text {
	return text{imports: []imported{lullRecv, lullSend}, pages: pages, functions: []function{{
		export: "f", locals: 1,
		code: code(
			0x02, void, opLoop, void, // block, loop
			constant(0), constant(int64(pages)*65536), opCall, 0, opSet, 0, // length = recv(0, all)
			opGet, 0, constant(0), 0x48, 0x0d, 1, // br_if 1 if length < 0
			constant(0), opGet, 0, opCall, 1, // send(0, length)
			0x45, 0x0d, 0, // br_if 0 if it gave 0
			end, end,
		),
	}}}
}

// BenchmarkSpawn is a life with one message each way: start, send, receive, end.
func BenchmarkSpawn(b *testing.B) {
	m := compile(b, echoing(1).assemble(), wasm.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	replies := isolate.NewReceivePort[[]byte](ctx)
	defer replies.Close()
	message := make([]byte, 64)
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	for n := range b.N {
		begin := time.Now()
		i, err := m.Spawn(ctx, wasm.Call{Export: "f"}, wasm.SpawnConfig{Out: replies.SendPort()})
		if err != nil {
			b.Fatal(err)
		}
		if err := i.SendPort().Send(ctx, message); err != nil {
			b.Fatal(err)
		}
		if _, err := replies.Receive(ctx); err != nil {
			b.Fatal(err)
		}
		if err := i.SendPort().Send(ctx, nil); err != nil {
			b.Fatal(err)
		}
		i.Wait()
		took[n] = time.Since(begin)
	}
	percentiles(b, took)
}

func BenchmarkRoundTrip(b *testing.B) {
	m := compile(b, echo.assemble(), wasm.Config{})
	for _, size := range []int{64, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			replies := isolate.NewReceivePort[[]byte](ctx)
			defer replies.Close()
			i, err := m.Spawn(ctx, wasm.Call{Export: "f"}, wasm.SpawnConfig{Out: replies.SendPort()})
			if err != nil {
				b.Fatal(err)
			}
			port, message := i.SendPort(), make([]byte, size)
			took := make([]time.Duration, b.N)
			b.SetBytes(int64(size))
			b.ResetTimer()
			for n := range b.N {
				begin := time.Now()
				if err := port.Send(ctx, message); err != nil {
					b.Fatal(err)
				}
				if got, err := replies.Receive(ctx); err != nil || len(got) != size {
					b.Fatal(len(got), err)
				}
				took[n] = time.Since(begin)
			}
			b.StopTimer()
			percentiles(b, took)
			i.Kill(isolate.Immediate)
			i.Wait()
		})
	}
}
