package isolate_test

import (
	"context"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

type echoIn struct {
	Reply isolate.SendPort[isolate.SendPort[[]byte]]
	Out   isolate.SendPort[[]byte]
}

var echo = isolate.Named[echoIn, int]("echo")

// doEcho sends back what it gets until an empty message comes.
func doEcho(ctx context.Context, in echoIn) (int, error) {
	rp := isolate.NewReceivePort[[]byte](ctx)
	defer rp.Close()
	if err := in.Reply.Send(ctx, rp.SendPort()); err != nil {
		return 0, err
	}
	n := 0
	for m := range rp.All(ctx) {
		if len(m) == 0 {
			break
		}
		n++
		if err := in.Out.Send(ctx, m); err != nil {
			return n, err
		}
	}
	return n, rp.Err()
}

func TestSpawnEcho(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	hello := isolate.NewReceivePort[isolate.SendPort[[]byte]](ctx)
	defer hello.Close()
	out := isolate.NewReceivePort[[]byte](ctx)
	defer out.Close()
	iso, err := isolate.Spawn(ctx, echo, echoIn{hello.SendPort(), out.SendPort()}, isolate.SpawnConfig{})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := hello.Receive(ctx)
	if err != nil {
		t.Fatal(err, iso.Wait())
	}
	for _, size := range []int{1, 64, 1 << 16, 1 << 20, 16 << 20} {
		if err := sp.Send(ctx, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		b, err := out.Receive(ctx)
		if err != nil || len(b) != size {
			t.Fatal(len(b), err)
		}
	}
	if err := sp.Send(ctx, nil); err != nil {
		t.Fatal(err)
	}
	n, err := iso.Result(ctx)
	if n != 5 || err != nil {
		t.Fatal(n, err)
	}
}
