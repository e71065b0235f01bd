package live

import (
	"flag"
	"os"
	"testing"
	"time"
)

// patience is how long a test waits for what happens at once on an idle machine.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	// Tests wait for one try after another more than they compute. The command line comes later and wins.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
