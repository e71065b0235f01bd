package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// A run that fails is tried again after a wait that grows, so often as the request
// allows. A function chooses with isolate.Retry and isolate.Permanent.
func Example_backoff() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	q := Upload.Request(Photo{Path: "a.jpg"})
	q.Backoff = work.Backoff{Policy: work.Exponential, Delay: time.Minute}
	q.Attempts = 3
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	for {
		eng.settle()
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s after %d failures: %s\n", w.Last.Ended.Format("15:04"), w.State, w.Failures, w.Last.Message)
		if w.State.Finished() {
			break
		}
		eng.pass(w.Due.Sub(eng.clock.Now()))
	}
	// Output:
	// 12:00 ENQUEUED after 1 failures: the server does not answer
	// 12:01 ENQUEUED after 2 failures: the server does not answer
	// 12:03 FAILED after 3 failures: the server does not answer; no more attempts: 3 failed
}
