package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// Why gives every reason that keeps a work from running, since when, until when if
// that is known, and what would clear it. Clear them all, and it starts.
func ExampleEngine_Why() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()
	eng.set("idle", "no")

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.Delay = 2 * time.Hour
	q.Needs = work.Constraints{Idle: true, Between: "22:00-06:00", Zone: "UTC"}
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	why, err := eng.Why(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range why.Reasons {
		fmt.Printf("%s: %s\n", r.Code, r.Message)
		if !r.Until.IsZero() {
			fmt.Println("  until", r.Until.Format("15:04"))
		}
		fmt.Println("  to clear it:", r.Fix)
	}
	// Output:
	// delay: its delay is not over
	//   until 14:00
	//   to clear it: wait for its time
	// idle: somebody uses the machine (lulltest)
	//   to clear it: leave the machine alone for a while
	// hours: it is outside 22:00-06:00 (UTC)
	//   until 22:00
	//   to clear it: wait for its hours, or change between: in the plan
}
