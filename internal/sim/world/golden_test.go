package world

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var long = flag.Bool("long", false, "run slow tests")

// digest hashes all that a source tells.
func digest(s Source) uint64 {
	h := fnv.New64a()
	var b [26]byte
	for {
		at, ev, ok := s.Next()
		if !ok {
			return h.Sum64()
		}
		binary.LittleEndian.PutUint64(b[0:], uint64(at))
		binary.LittleEndian.PutUint64(b[8:], uint64(ev.Value))
		binary.LittleEndian.PutUint64(b[16:], ev.facts)
		b[24], b[25] = byte(ev.Kind), ev.count
		h.Write(b[:])
	}
}

// golden is what every processor must compute: 20 devices of all kinds, 30 days each.
const golden = 0xf605903c26a024d7

func TestGolden(t *testing.T) {
	all := Archetypes()
	h := fnv.New64a()
	for i := range 20 {
		d := New(Config{Of: all[i%len(all)], Seed: uint64(i), Start: monday, End: monday + 30*day, Shift: int64(i-10) * hour})
		h.Write(binary.LittleEndian.AppendUint64(nil, digest(d)))
	}
	if got := h.Sum64(); got != golden {
		t.Errorf("the digest is %#x, not %#x", got, uint64(golden))
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
			missing := ""
			if runtime.GOOS != "linux" || cpu.emulator == "" && runtime.GOARCH != "amd64" {
				missing = "this machine does not run programs for " + cpu.arch
			}
			var words []string
			if cpu.emulator != "" {
				path, err := exec.LookPath(cpu.emulator)
				if err != nil {
					path, err = exec.LookPath(cpu.emulator + "-static")
				}
				if err != nil {
					missing = fmt.Sprintf("no %s (Debian: qemu-user)", cpu.emulator)
				}
				words = []string{path}
			}
			if missing != "" {
				if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), "cpus") {
					t.Fatalf("cpus is required by LULL_REQUIRE, but: %s", missing)
				}
				t.Skipf("SKIPPED, not tested: %s (LULL_REQUIRE=cpus makes this a failure)", missing)
			}
			program := filepath.Join(t.TempDir(), "world.test")
			build := exec.Command("go", "test", "-c", "-o", program, ".")
			build.Env = append(os.Environ(), "GOARCH="+cpu.arch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			words = append(words, program, "-test.run", "^(TestGolden|TestTables)$", "-test.v")
			out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestGolden") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
