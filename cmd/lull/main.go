// Command lull runs background work that tells the truth.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // calendars work on machines without time zone data

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/wasm"
)

func main() {
	isolate.Main(wasm.Entry()) // a child that only holds a run never gets past it
	os.Exit(run())
}

func run() int {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	return execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
