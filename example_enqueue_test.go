package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// The ID that a caller chooses is the idempotency key: who does not know whether a
// request arrived asks again, and gets one work.
func ExampleEngine_Enqueue() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.ID = "resize-a"
	q.Tags = []string{"photos"}
	for range 2 {
		id, err := eng.Enqueue(ctx, q)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(id)
	}
	eng.run()
	w, err := eng.Get(ctx, q.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(w.State, "after", w.Attempts, "attempt")
	// Output:
	// resize-a
	// resize-a
	// SUCCEEDED after 1 attempt
}

// Works that have nothing to do with each other are made in one commit.
func ExampleEngine_EnqueueMany() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()

	a, b := Resize.Request(Photo{Path: "a.jpg"}), Resize.Request(Photo{Path: "b.jpg"})
	a.ID, b.ID = "a", "b"
	// One of them is known: only the other one is new.
	if _, err := eng.Enqueue(ctx, a); err != nil {
		log.Fatal(err)
	}
	b.Every = 24 * time.Hour // one may be periodic
	ids, err := eng.EnqueueMany(ctx, []work.Request{a, b})
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range ids {
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(id, w.State, "periodic:", w.Periodic)
	}
	// Output:
	// a ENQUEUED periodic: false
	// b ENQUEUED periodic: true
}
