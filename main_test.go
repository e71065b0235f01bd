package lull_test

import (
	"context"
	"flag"
	"os"
	"sync/atomic"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
)

var long = flag.Bool("long", false, "run slow tests")

// noop is what the benchmarks run.
var noop = lull.Define[int, int]("noop")

var noops atomic.Int64

func doNoop(_ context.Context, n int) (int, error) {
	noops.Add(1)
	return n, nil
}

func TestMain(m *testing.M) {
	isolate.Main(
		noop.Do(doNoop, isolate.Inline), mark.Do(doMark), deaf.Do(doDeaf), vault.Do(doVault),
		Resize.Do(resize), Fetch.Do(fetch), Upload.Do(upload), Scan.Do(scan), // of the examples
	)
	if dir := os.Getenv(victimEnv); dir != "" {
		beVictim(dir)
	}
	os.Exit(m.Run())
}
