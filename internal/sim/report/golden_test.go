package report_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lullwork/lull/internal/cputest"
	"github.com/lullwork/lull/internal/sim/population"
)

var (
	long    = flag.Bool("long", false, "run slow tests")
	rewrite = flag.Bool("rewrite", false, "rewrite the golden digest")
)

// TestGolden holds a report against its digest: on every kind of processor it is the same.
// Whoever changes what is decided on phones rewrites it.
func TestGolden(t *testing.T) {
	c := population.Config{Plan: example(t), Platforms: both, Devices: 20, Days: 7, Settle: 7, Seed: 1}
	got := fmt.Sprintf("%x\n", sha256.Sum256(written(t, simulate(t, c))))
	file := filepath.Join("testdata", "golden.sha256")
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the digest is %s, not %s(-args -rewrite, if the platforms were meant to decide something else)", got, want)
	}
}

// TestOtherProcessors runs TestGolden on other kinds of processors: where this one can
// run their programs, or an emulator does.
func TestOtherProcessors(t *testing.T) {
	if !*long {
		t.Skip("slow: it compiles for other processors (-args -long)")
	}
	cputest.Run(t, "TestGolden", "TestSameBytes")
}
