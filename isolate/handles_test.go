//go:build linux

package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/lullwork/lull/isolate"
)

func TestTransfer(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		c := hire(t, k, isolate.SpawnConfig{})
		back := isolate.NewReceivePort[isolate.Transfer](c.ctx)
		defer back.Close()
		for _, size := range []int{0, 1, 100_000, 16 << 20, 16 << 20} {
			tr, err := isolate.NewTransfer(c.orders, size)
			if err != nil {
				t.Fatal(err)
			}
			if size > 0 {
				tr.Bytes()[size-1] = byte(size - 1)
			}
			o := order{Do: "transfer", Big: tr, Back: back.SendPort()}
			c.order(o)
			if err := c.orders.Send(c.ctx, o); !errors.Is(err, isolate.ErrTransferred) {
				t.Error("a second use:", err)
			}
			if tr.Bytes() != nil {
				t.Error("it still has its bytes")
			}
			got, err := back.Receive(c.ctx)
			if err != nil {
				t.Fatal(err)
			}
			b := got.Bytes()
			if len(b) != size || size > 0 && b[size-1] != ^byte(size-1) {
				t.Errorf("%d bytes", len(b))
			}
			if err := got.Release(); err != nil {
				t.Error(err)
			}
			if err := got.Release(); !errors.Is(err, isolate.ErrTransferred) {
				t.Error(err)
			}
		}
	})
}

// TestTransferForwarded sends one between siblings, by way of this process.
func TestTransferForwarded(t *testing.T) {
	a := hire(t, child, isolate.SpawnConfig{})
	b := hire(t, child, isolate.SpawnConfig{})
	type bigPort = isolate.SendPort[isolate.Transfer]
	back := isolate.NewReceivePort[isolate.Transfer](a.ctx)
	defer back.Close()
	tr, err := isolate.NewTransfer(a.orders, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	copy(tr.Bytes(), bytes.Repeat([]byte{1}, 1<<20))
	a.order(order{Do: "pass on", Big: tr, Back: back.SendPort(), Loop: b.orders})
	got, err := back.Receive(a.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.Bytes()[1<<20-1] != 0xfe {
		t.Error(got.Bytes()[1<<20-1])
	}
	// One that nobody receives.
	tr, err = isolate.NewTransfer(bigPort(back.SendPort()), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := back.SendPort().Send(a.ctx, tr); err != nil {
		t.Fatal(err)
	}
}

func TestRegistry(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	names := isolate.NewRegistry(ctx)
	a, b := hire(t, child, isolate.SpawnConfig{}), hire(t, kind{task: workerInline}, isolate.SpawnConfig{})
	a.order(order{Do: "lookup", Names: names})
	a.expect(`registry: "reply": no port of that name`)
	a.order(order{Do: "register", Names: names})
	a.expect("<nil>")
	b.order(order{Do: "register", Names: names})
	b.expect(`registry: "reply": the name is taken`)
	b.order(order{Do: "lookup", Names: names})
	a.expect("found") // b has sent to the port of a's crew
	if _, err := isolate.Lookup[int](ctx, names, "reply"); err == nil {
		t.Error("found with another type")
	}
	if err := names.Remove(ctx, "reply"); err != nil {
		t.Error(err)
	}
	if err := names.Remove(ctx, "reply"); !errors.Is(err, isolate.ErrNoName) {
		t.Error(err)
	}
	// A port that is closed frees its name.
	p := isolate.NewReceivePort[int](ctx)
	if err := isolate.Register(ctx, names, "p", p.SendPort()); err != nil {
		t.Error(err)
	}
	p.Close()
	if _, err := isolate.Lookup[int](ctx, names, "p"); !errors.Is(err, isolate.ErrNoName) {
		t.Error(err)
	}
	cancel()
	<-ctx.Done()
	for {
		if _, err := isolate.Lookup[int](a.ctx, names, "p"); errors.Is(err, isolate.ErrPortClosed) {
			break
		}
	}
	var none isolate.Registry
	if err := none.Remove(a.ctx, "p"); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
}

func TestController(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		a, b := hire(t, child, isolate.SpawnConfig{}), hire(t, k, isolate.SpawnConfig{})
		const no = "the controller has no right to do that"
		a.order(order{Do: "boss", Boss: b.Controller(0)})
		a.expect("<nil> " + no + " " + no + " " + no)
		all := b.Controller(isolate.MayPause | isolate.MayKill)
		a.order(order{Do: "boss", Boss: all})
		if k.task == workerInline {
			a.expect("<nil> <nil> <nil> an inline isolate cannot be killed")
			return
		}
		a.expect("<nil> <nil> <nil> <nil>")
		b.outcome(isolate.Stopped)
		if err := all.Ping(a.ctx); !errors.Is(err, isolate.ErrGone) {
			t.Error(err)
		}
		a.order(order{Do: "boss", Boss: all})
		const gone = "the isolate has ended"
		a.expect(gone + " " + gone + " " + gone + " " + gone)
	})
}
