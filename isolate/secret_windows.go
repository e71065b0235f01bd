package isolate

import (
	"errors"
	"os"

	"github.com/lullwork/lull/isolate/internal/tree"
)

const secretsOffered = false

func secretsOffer() tree.Offer {
	return tree.Offer{Why: "not built for windows, where handles are inherited by other means"}
}

func secretsFile([]byte) (*os.File, error) { return nil, errors.ErrUnsupported }
