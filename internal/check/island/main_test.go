package island

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain makes the collector wait: what tests leave behind is little, and made fast.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
