//go:build !pipelink && (amd64 || arm64 || riscv64)

package isolate

import (
	"os"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// ringBytes is what a link may use of memory each way when it is busy: less makes large
// messages slower, by a half at a quarter of it.
const ringBytes = 1 << 20

// newLink makes a link for a child, and the files that the child inherits. Where there is
// no shared memory it is one of pipes.
func newLink(pipesOnly bool) (hub.Link, []*os.File, error) {
	if !pipesOnly {
		r, memory, socket, err := link.NewRing(link.RingConfig{MaxMessage: maxLinkMessage, ToPeer: ringBytes, FromPeer: ringBytes})
		if err == nil {
			return r, []*os.File{memory, socket}, nil
		}
	}
	return newPipes()
}

// openLink opens the child's end.
func openLink(secrets bool) (hub.Link, error) {
	fd := linkFD(secrets)
	if isPipe(fd) {
		return openPipe(secrets)
	}
	return link.InheritRing(fd, fd+1, link.RingConfig{MaxMessage: maxLinkMessage})
}
