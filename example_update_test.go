package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"
)

// An unfinished work is changed in place: what is asked for is new, its ID, its
// counters and its place in time stay.
func ExampleEngine_Update() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.ID, q.Every = "all", 24*time.Hour
	if _, err := eng.Enqueue(ctx, q); err != nil {
		log.Fatal(err)
	}
	show := func() {
		w, err := eng.Get(ctx, q.ID)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.State, "periods:", w.Periods, "next run:", w.Due.Format("Mon 15:04"))
	}
	eng.settle()
	show()
	eng.pass(time.Hour)
	q.Every = 6 * time.Hour // six hours after the last run, not from now
	if err := eng.Update(ctx, q); err != nil {
		log.Fatal(err)
	}
	show()
	// Output:
	// ENQUEUED periods: 1 next run: Thu 12:00
	// ENQUEUED periods: 1 next run: Wed 18:00
}
