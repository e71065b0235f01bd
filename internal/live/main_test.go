package live

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	// Tests wait for one try after another more than they compute. The command line comes later and wins.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
