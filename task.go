package lull

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/work"
)

// Task is a named function with its types. The name is what is stored: a fresh
// isolate finds the function by it. Make it with [Define], bind it with Do:
//
//	isolate.Main(Thumbnail.Do(thumbnail))
//
// The two are apart so that a function may enqueue its own task.
type Task[In, Out any] struct{ isolate.Named[In, Out] }

// Define names a task. In and Out travel as JSON, at most 10,240 bytes each.
func Define[In, Out any](name string) Task[In, Out] {
	return Task[In, Out]{isolate.Named[In, Out](name)}
}

// unwritten begins an input that could not be written as JSON; the reason follows. No
// JSON begins so.
const unwritten = '!'

// Request returns a request for one work of the task, to be completed with
// conditions. An input that cannot be written as JSON is refused when the request is
// enqueued.
func (t Task[In, Out]) Request(in In) work.Request {
	q := work.Request{Task: t.Name()}
	b, err := json.Marshal(in)
	if err != nil {
		b = append([]byte{unwritten}, err.Error()...)
	}
	if string(b) != "null" {
		q.Input = b
	}
	return q
}

// NewID returns a random ID. IDs made later sort later, to the millisecond, which
// keeps a store's index compact.
func NewID() work.ID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(time.Now().UnixMilli())<<16)
	// Read never fails (crypto/rand).
	_, _ = rand.Read(b[6:])
	const digits = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's: no i, l, o, u
	return work.ID(strings.TrimRight(base32.NewEncoding(digits).WithPadding(base32.NoPadding).EncodeToString(b[:]), "="))
}
