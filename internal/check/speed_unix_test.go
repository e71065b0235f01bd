//go:build unix

package check_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/check"
)

// BenchmarkCheck checks a project of 3,000 files from end to end, in this process and as a
// fresh process of the command. MB/cpu-s is Dart per second of the processor, all cores and
// the system's share together: wall time says little on a busy machine.
func BenchmarkCheck(b *testing.B) {
	dir, size := bigProject(b, 3000)
	b.Run("run", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(size)
		before := own()
		for b.Loop() {
			r, err := check.Run(context.Background(), dir, check.Config{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(r.Findings)), "findings")
		}
		rate(b, size, cpu(own())-cpu(before))
	})
	b.Run("command", func(b *testing.B) {
		command := filepath.Join(b.TempDir(), "lull")
		if out, err := exec.Command("go", "build", "-o", command, "github.com/lullwork/lull/cmd/lull").CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		b.SetBytes(size)
		var spent time.Duration
		var peak int64
		for b.Loop() {
			c := exec.Command(command, "check", "--exit-zero", "--format", "json", dir)
			if _, err := c.Output(); err != nil {
				b.Fatal(err)
			}
			used, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
			if !ok {
				b.Fatal("the system does not tell what a process used")
			}
			spent += cpu(*used)
			peak = max(peak, int64(used.Maxrss))
		}
		rate(b, size, spent)
		if runtime.GOOS != "darwin" { // there it is bytes
			peak <<= 10
		}
		b.ReportMetric(float64(peak)/1e6, "MB-rss")
	})
}

func own() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

func cpu(u syscall.Rusage) time.Duration {
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func rate(b *testing.B, size int64, spent time.Duration) {
	b.ReportMetric(float64(size)/1e6*float64(b.N)/spent.Seconds(), "MB/cpu-s")
	b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
}
