// Command hostwasm starts isolates that are instances of a small wasm module. It is a program of its own, as the runtime
// would make the processes of the other host larger.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

func main() {
	trial.Main(map[string]func() (trial.System, error){"wasm": compile})
}

// modules is a system whose isolates are instances of one compiled module.
type modules struct{ *wasm.Module }

func compile() (trial.System, error) {
	m, err := wasm.Compile(context.Background(), guest, wasm.Config{})
	return modules{m}, err
}

func (m modules) Ready(ctx context.Context) error { return ctx.Err() }

func (m modules) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	back := isolate.NewReceivePort[[]byte](ctx)
	i, err := m.Spawn(ctx, wasm.Call{Export: "serve"}, wasm.SpawnConfig{Out: back.SendPort()})
	if err != nil {
		back.Close()
		return nil, nil, err
	}
	return trial.FirstTrip(ctx, &instance{isolate: i, to: i.SendPort(), back: back}, hello)
}

type instance struct {
	isolate *wasm.Instance
	to      isolate.SendPort[[]byte]
	back    *isolate.ReceivePort[[]byte]
	counts  bool
}

func (i *instance) RoundTrip(ctx context.Context, p []byte) ([]byte, error) {
	if err := i.to.Send(ctx, p); err != nil {
		return nil, err
	}
	return i.back.Receive(ctx)
}

func (i *instance) Push(ctx context.Context, p []byte) error {
	if !i.counts {
		i.counts = true
		if err := i.to.Send(ctx, []byte{1}); err != nil {
			return err
		}
	}
	return i.to.Send(ctx, p)
}

func (i *instance) Flush(ctx context.Context) (int64, error) {
	if err := i.Push(ctx, []byte{}); err != nil {
		return 0, err
	}
	got, err := i.back.Receive(ctx)
	if err == nil && len(got) != 8 {
		err = fmt.Errorf("a count of %d bytes", len(got))
	}
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(got)), nil
}

func (i *instance) Close() error {
	defer i.back.Close()
	// Nil is the end. An error: it has ended, and its record says how.
	_ = i.to.Send(context.Background(), nil)
	if exit := i.isolate.Wait(); exit.Outcome != isolate.Success {
		return errors.New("its end: " + exit.String())
	}
	return nil
}
