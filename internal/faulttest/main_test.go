//go:build linux

package faulttest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

var long = flag.Bool("long", false, "run slow tests")

// victimEnv makes a process of this test binary an engine, choreEnv the program of
// a direct command; the value is what it is to do, as JSON.
const (
	victimEnv = "FAULTTEST_VICTIM"
	choreEnv  = "FAULTTEST_CHORE"
)

func TestMain(m *testing.M) {
	isolate.Main(chore.Do(doChore))
	if in := os.Getenv(choreEnv); in != "" {
		beProgram(in)
	}
	if s := os.Getenv(victimEnv); s != "" {
		beVictim(s)
	}
	// Tests wait for disks and for ends more than they compute. The command line comes
	// later and wins.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// lacking skips a test that this machine cannot run, or fails it where the feature
// is required.
func lacking(t *testing.T, feature string, why any) {
	t.Helper()
	if strings.Contains(os.Getenv("LULL_REQUIRE"), feature) {
		t.Fatalf("%s is required: %v", feature, why)
	}
	t.Skipf("SKIPPED, no %s: %v", feature, why)
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func writeFile(path string) error { return os.WriteFile(path, nil, 0o600) }
