package lull_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/lullwork/lull/work"
)

// A work may require layers of isolation. It waits on a host that cannot enforce one of
// them in full, and says which, and why. No host limits all that a run writes to the disk
// yet; what the runs of a task may reach is Config.Isolation.
func Example_isolation() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.run()

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.Require = []work.Layer{work.LayerWall, work.LayerDisk}
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	eng.settle()
	w, err := eng.Why(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(w.Work.State)
	for _, r := range w.Reasons {
		message, _, _ := strings.Cut(r.Message, ":")
		fmt.Println(" ", r.Code, "-", message)
	}
	// Output:
	// ENQUEUED
	//   isolation-unavailable - this host cannot enforce disk
}
