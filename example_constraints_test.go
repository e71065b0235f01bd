package lull_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lullwork/lull/work"
)

// A work waits until the device is as it needs it: here, until it is plugged in. A
// run is stopped when a condition is lost, and waits again.
func Example_constraints() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()
	eng.set("charging", "no")

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.Needs = work.Constraints{Charging: true, Network: work.Unmetered}
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	show := func() {
		w, err := eng.Why(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.Work.State)
		for _, r := range w.Reasons {
			fmt.Println(" ", r.Code)
		}
	}
	eng.settle()
	show()
	eng.set("network", "metered")
	show()
	eng.set("charging", "yes")
	eng.set("network", "unmetered")
	show()
	// Output:
	// ENQUEUED
	//   charging
	// ENQUEUED
	//   charging
	//   network
	// SUCCEEDED
}
