package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// Works are cancelled by ID, by tag or by unique name, with all that come after them.
func ExampleEngine_Cancel() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()

	q := Fetch.Request("holiday")
	q.Delay = time.Hour
	ids, err := eng.EnqueueChain(ctx, []work.Node{
		{Request: q},
		{Request: work.Request{Task: "resize"}, After: []int{0}},
	}, work.Unique{})
	if err != nil {
		log.Fatal(err)
	}
	n, err := eng.Cancel(ctx, ids[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "cancelled")
	for _, id := range ids {
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.Task, w.State)
	}
	// Output:
	// 1 cancelled
	// fetch CANCELLED
	// resize CANCELLED
}
