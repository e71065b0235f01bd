package lull_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lullwork/lull/work"
)

// At most one unfinished work has a unique name. The policy says what becomes of
// another one.
func ExampleEngine_EnqueueUnique() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()

	enqueue := func(id work.ID, p work.Policy) {
		q := Resize.Request(Photo{Path: "a.jpg"})
		q.ID = id
		got, err := eng.EnqueueUnique(ctx, work.Unique{Name: "resize all", Policy: p}, q)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s with %s: %s has the name\n", id, p, got)
	}
	enqueue("first", work.Keep)
	enqueue("second", work.Keep)   // dropped: the first one is unfinished
	enqueue("third", work.Replace) // the first one is cancelled and deleted
	enqueue("fourth", work.Update) // the third one is changed in place
	enqueue("fifth", work.Append)  // comes after the third one
	// Output:
	// first with keep: first has the name
	// second with keep: first has the name
	// third with replace: third has the name
	// fourth with update: third has the name
	// fifth with append: fifth has the name
}
