//go:build !linux || pipelink || !(amd64 || arm64 || riscv64)

// The tag pipelink is for measuring and testing on Linux what other systems have.

package isolate

import (
	"os"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// newLink makes a link for a child, and the files that the child inherits.
func newLink(bool) (hub.Link, []*os.File, error) { return newPipes() }

// openLink opens the child's end.
func openLink(secrets bool) (hub.Link, error) { return openPipe(secrets) }
