package sense

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	// Tests wait for services more than they compute. The command line comes later and wins.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
