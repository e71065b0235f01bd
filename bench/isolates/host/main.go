// Command host starts isolates as a small Go program would: ours, and the yardsticks that need the same executable.
package main

import (
	"os"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
	"github.com/lullwork/lull/isolate"
)

// rawChild is the argument that makes this program the child of the raw yardstick.
const rawChild = "raw-child"

func main() {
	if len(os.Args) == 2 && os.Args[1] == rawChild {
		os.Exit(serveRaw())
	}
	isolate.Main(entries()...)
	trial.Main(map[string]func() (trial.System, error){
		"raw":        newRaw,
		"exec":       newExec,
		"goroutine":  newGoroutines,
		"child":      newSpawned(child, 0),
		"warm":       newSpawned(child, warmSize),
		"warm-alone": newSpawned(child, 1),
		"inline":     newSpawned(inline, 0),
	})
}
