// Package cputest runs tests of a package on other kinds of processors than this one:
// what must give the same bytes everywhere is tried where it could differ.
package cputest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Run runs the tests of the caller's package that have these names, where this machine
// can run programs of the other processor, or an emulator does. Elsewhere it skips, or
// fails if LULL_REQUIRE names cpus.
func Run(t *testing.T, names ...string) {
	for _, cpu := range []struct{ arch, emulator string }{{"386", ""}, {"arm64", "qemu-aarch64"}} {
		t.Run(cpu.arch, func(t *testing.T) {
			var words []string
			switch emulator, err := lookUp(cpu.emulator); {
			case runtime.GOOS != "linux" || cpu.emulator == "" && runtime.GOARCH != "amd64":
				skip(t, "this machine does not run programs for "+cpu.arch)
			case err != nil:
				skip(t, fmt.Sprintf("no %s (Debian: qemu-user)", cpu.emulator))
			case emulator != "":
				words = []string{emulator}
			}
			program := filepath.Join(t.TempDir(), "other.test")
			build := exec.Command("go", "test", "-c", "-o", program, ".")
			build.Env = append(os.Environ(), "GOARCH="+cpu.arch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			words = append(words, program, "-test.run", "^("+strings.Join(names, "|")+")$", "-test.v")
			out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, name := range names {
				if !strings.Contains(string(out), "--- PASS: "+name+" ") {
					t.Errorf("%s did not run:\n%s", name, out)
				}
			}
		})
	}
}

// lookUp finds an emulator; "" if none is needed.
func lookUp(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath(name + "-static")
	}
	return path, err
}

func skip(t *testing.T, missing string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "cpus") {
		t.Fatalf("cpus is required by LULL_REQUIRE, but: %s", missing)
	}
	t.Skipf("SKIPPED, not tested: %s (LULL_REQUIRE=cpus makes this a failure)", missing)
}
