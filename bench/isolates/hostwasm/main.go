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

// queue has room for the largest message.
var queue = wasm.Ports{Bytes: 32 << 20}

func compile() (trial.System, error) {
	m, err := wasm.Compile(context.Background(), guest, wasm.Config{})
	return modules{m}, err
}

func (m modules) Ready(ctx context.Context) error { return ctx.Err() }

func (m modules) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	i, err := m.Spawn(ctx, wasm.Call{Export: "serve"}, queue)
	if err != nil {
		return nil, nil, err
	}
	return trial.FirstTrip(ctx, &instance{Instance: i}, hello)
}

type instance struct {
	*wasm.Instance
	counts bool
}

func (i *instance) RoundTrip(ctx context.Context, p []byte) ([]byte, error) {
	if err := i.Send(ctx, p); err != nil {
		return nil, err
	}
	return i.Receive(ctx)
}

func (i *instance) Push(ctx context.Context, p []byte) error {
	if !i.counts {
		i.counts = true
		if err := i.Send(ctx, []byte{1}); err != nil {
			return err
		}
	}
	return i.Send(ctx, p)
}

func (i *instance) Flush(ctx context.Context) (int64, error) {
	if err := i.Push(ctx, nil); err != nil {
		return 0, err
	}
	got, err := i.Receive(ctx)
	if err == nil && len(got) != 8 {
		err = fmt.Errorf("a count of %d bytes", len(got))
	}
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(got)), nil
}

func (i *instance) Close() error {
	i.CloseSend()
	if exit := i.Wait(); exit.Outcome != isolate.Success {
		return errors.New("its end: " + exit.String())
	}
	return nil
}
