package store_test

import (
	"testing"

	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Opener { return store.NewMemory() })
}
