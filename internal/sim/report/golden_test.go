package report_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

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
	for _, cpu := range []struct{ arch, emulator string }{{"386", ""}, {"arm64", "qemu-aarch64"}} {
		t.Run(cpu.arch, func(t *testing.T) {
			words, missing := []string{}, ""
			switch {
			case runtime.GOOS != "linux" || cpu.emulator == "" && runtime.GOARCH != "amd64":
				missing = "this machine does not run programs for " + cpu.arch
			case cpu.emulator != "":
				path, err := exec.LookPath(cpu.emulator)
				if err != nil {
					path, err = exec.LookPath(cpu.emulator + "-static")
				}
				if err != nil {
					missing = fmt.Sprintf("no %s (Debian: qemu-user)", cpu.emulator)
				}
				words = append(words, path)
			}
			if missing != "" {
				if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "cpus") {
					t.Fatalf("cpus is required by LULL_REQUIRE, but: %s", missing)
				}
				t.Skipf("SKIPPED, not tested: %s (LULL_REQUIRE=cpus makes this a failure)", missing)
			}
			program := filepath.Join(t.TempDir(), "report.test")
			build := exec.Command("go", "test", "-c", "-o", program, ".")
			build.Env = append(os.Environ(), "GOARCH="+cpu.arch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			words = append(words, program, "-test.run", "^(TestGolden|TestSameBytes)$", "-test.v")
			out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestGolden") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
