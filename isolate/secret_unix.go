//go:build unix && !linux

package isolate

import (
	"os"

	"github.com/lullwork/lull/isolate/internal/tree"
)

const secretsOffered = true

func secretsOffer() tree.Offer {
	return tree.Offer{Strength: tree.Partly, Means: "pipe", Why: "they can be read once"}
}

// secretsFile returns a pipe that holds the data.
func secretsFile(data []byte) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() { // a pipe may hold less; an error means that nobody reads any more
		_, _ = w.Write(data)
		_ = w.Close()
	}()
	return r, nil
}
