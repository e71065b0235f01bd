package isolate

import (
	"os"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// maxLinkMessage leaves room for the ports that a message carries.
const maxLinkMessage = MaxMessage + 2<<20

// newPipes makes a link of pipes and the child's ends of them.
func newPipes() (hub.Link, []*os.File, error) {
	w, childR, err := newPipe(true)
	if err != nil {
		return nil, nil, err
	}
	r, childW, err := newPipe(false)
	if err != nil {
		closeAll([]*os.File{childR, w})
		return nil, nil, err
	}
	return link.NewPipe(r, w, link.PipeConfig{MaxMessage: maxLinkMessage}), []*os.File{childR, childW}, nil
}
