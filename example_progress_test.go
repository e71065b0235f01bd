package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// A run tells how far it is with isolate.Progress; whoever asks for the work sees it.
// This one goes on until it is cancelled.
func Example_progress() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	id, err := eng.Enqueue(ctx, Scan.Request("a.pdf"))
	if err != nil {
		log.Fatal(err)
	}
	get := func() string {
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		return string(w.Progress)
	}
	for get() != `{"page":3}` {
		time.Sleep(time.Millisecond)
	}
	fmt.Println(get())
	if err := eng.StopRun(ctx, id, work.StopUser); err != nil { // "not now": it waits again
		log.Fatal(err)
	}
	n, err := eng.Cancel(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "cancelled")
	// Output:
	// {"page":3}
	// 1 cancelled
}
