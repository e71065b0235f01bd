package record

import "github.com/lullwork/lull/work"

// Need names rows that a step will look at. Exactly one field is set.
type Need struct {
	Works []work.ID // these works, waiting or finished
	Name  string    // every work with this unique name, finished ones too, and all that come after them
	Tree  work.ID   // this work and all that come after it, at any depth
	Next  work.ID   // the works right after this one, and all their parents
	Tag   *TagPage
	Page  *GroupPage
	// Unused asks for the specs that no work refers to, waiting or finished.
	Unused bool
}

// TagPage asks for unfinished works with a tag (or all, with an empty tag) and
// all that come after them, from After in the order of their seq.
type TagPage struct {
	Tag   string
	After int64
	Limit int
}

// GroupPage asks for the first works of a group after a key.
type GroupPage struct {
	Group Group
	After Key
	Limit int
}

// Rows are the rows that were needed.
type Rows struct {
	Works []*Work // by seq
	// End is true if a page reached the end of what it pages through.
	End bool
	// Last is the seq of the last work of a tag page itself.
	Last int64
	// Unused are the IDs of specs, in order.
	Unused []int64
}
