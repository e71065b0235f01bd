package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"
)

// Periodic work never finishes. Its period begins at the end of the last run.
func Example_periodic() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.Every = 6 * time.Hour
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		eng.settle()
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.State, "periods:", w.Periods, "next run:", w.Due.Format("Mon 15:04"))
		eng.pass(6 * time.Hour)
	}
	// Output:
	// ENQUEUED periods: 1 next run: Wed 18:00
	// ENQUEUED periods: 2 next run: Thu 00:00
	// ENQUEUED periods: 3 next run: Thu 06:00
}
