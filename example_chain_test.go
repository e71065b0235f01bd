package lull_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lullwork/lull/work"
)

// Works that come after others get their outputs as input. All of them are made in
// one commit, or none.
func ExampleEngine_EnqueueChain() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()

	ids, err := eng.EnqueueChain(ctx, []work.Node{
		{Request: Fetch.Request("holiday")},                      // gives a Photo
		{Request: work.Request{Task: "resize"}, After: []int{0}}, // takes it
	}, work.Unique{})
	if err != nil {
		log.Fatal(err)
	}
	show := func() {
		for _, id := range ids {
			w, err := eng.Get(ctx, id)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s is %s, output `%s`\n", w.Task, w.State, w.Output)
		}
	}
	show()
	eng.run()
	show()
	// Output:
	// fetch is ENQUEUED, output ``
	// resize is BLOCKED, output ``
	// fetch is SUCCEEDED, output `{"Path":"holiday.jpg"}`
	// resize is SUCCEEDED, output `{"Path":"small-holiday.jpg"}`
}
