package wasm_test

import (
	"context"
	_ "embed"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

// addWasm is testdata/add.wat in the binary format.
//
//go:embed testdata/add.wasm
var addWasm []byte

func Example() {
	ctx := context.Background()
	m, err := wasm.Compile(ctx, addWasm, wasm.Config{MemoryBytes: 16 << 20})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	exit, err := m.Run(ctx, wasm.Call{Export: "add", Input: []byte("[1, 2]"), Budget: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(exit, string(exit.Result))
	exit, err = m.Run(ctx, wasm.Call{Export: "forever", Budget: 20 * time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(exit)
	// Output:
	// success 3
	// stopped: the budget of 20ms is over
}

func ExampleModule_Spawn() {
	ctx := context.Background()
	m, err := wasm.Compile(ctx, addWasm, wasm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	answers := isolate.NewReceivePort[[]byte](ctx)
	defer answers.Close()
	i, err := m.Spawn(ctx, wasm.Call{Export: "echo"}, wasm.SpawnConfig{Out: answers.SendPort()})
	if err != nil {
		log.Fatal(err)
	}
	for _, word := range []string{"one", "two"} {
		if err := i.SendPort().Send(ctx, []byte(word)); err != nil {
			log.Fatal(err)
		}
		answer, err := answers.Receive(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(answer))
	}
	if err := i.SendPort().Send(ctx, nil); err != nil { // no more
		log.Fatal(err)
	}
	fmt.Println(i.Wait())
	// Output:
	// one
	// two
	// success
}
