package lull_test

import (
	"context"
	"fmt"
	"log"
)

// Watch yields the journal: each thing that was decided or done, once it is durable.
// Whoever keeps the number of the last entry can go on from there later.
func ExampleEngine_Watch() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	seen := eng.Seq()
	id, err := eng.Enqueue(ctx, Resize.Request(Photo{Path: "a.jpg"}))
	if err != nil {
		log.Fatal(err)
	}
	for e, err := range eng.Watch(ctx, seen) {
		if err != nil {
			log.Fatal(err)
		}
		if e.Work != id {
			continue // a condition, or another work
		}
		fmt.Printf("%s: state %q, outcome %q\n", e.Kind, e.State, e.Outcome)
		if e.Kind == "ended" {
			break
		}
	}
	// Output:
	// enqueued: state "ENQUEUED", outcome ""
	// started: state "", outcome ""
	// ended: state "SUCCEEDED", outcome "success"
}
