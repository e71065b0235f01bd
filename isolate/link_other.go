//go:build !linux

package isolate

import (
	"os"

	"github.com/lullwork/lull/isolate/internal/link"
)

// newLink makes a link for a child, and the files that the child inherits.
func newLink(bool) (link.Taker, []*os.File, error) { return newPipes() }

// openLink opens the child's end.
func openLink() (link.Taker, error) { return openPipe() }
