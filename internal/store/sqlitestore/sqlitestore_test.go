package sqlitestore

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/storetest"
)

var long = flag.Bool("long", false, "run slow tests")

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Opener { return At(filepath.Join(t.TempDir(), "lull.db")) })
}
