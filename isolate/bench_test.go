//go:build linux

package isolate_test

import (
	"testing"

	"github.com/lullwork/lull/isolate"
)

func benchmark(b *testing.B, spec isolate.Spec, tier isolate.Tier) {
	s := newSpawner(b, isolate.Config{Tier: tier})
	b.SetParallelism(2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, err := s.Start(spec)
			if err != nil {
				b.Error(err)
				return
			}
			if e := p.Wait(); e.Outcome != isolate.Success {
				b.Error(e)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}

// BenchmarkTrue is the cost of the smallest program.
func BenchmarkTrue(b *testing.B) { benchmark(b, isolate.Spec{Argv: []string{"/bin/true"}}, "") }

// BenchmarkTrueLimited is the same under limits, behind the init process.
func BenchmarkTrueLimited(b *testing.B) {
	benchmark(b, isolate.Spec{Argv: []string{"/bin/true"}, MemoryBytes: 256 << 20, Processes: 64}, "")
}

// BenchmarkFunc is the cost of a function in a fresh process.
func BenchmarkFunc(b *testing.B) {
	benchmark(b, isolate.Spec{Func: double.Name(), Input: []byte("21")}, "")
}

// BenchmarkInline is the cost of the bookkeeping alone.
func BenchmarkInline(b *testing.B) {
	benchmark(b, isolate.Spec{Func: inlined.Name(), Input: []byte(`"ok"`)}, "")
}

// BenchmarkFuncSandbox is the same in a sandbox, which costs one more exec.
func BenchmarkFuncSandbox(b *testing.B) {
	benchmark(b, isolate.Spec{Func: double.Name(), Input: []byte("21"), Sandbox: &isolate.Sandbox{}}, "")
}

// BenchmarkFuncSandboxNoNetwork adds a network namespace of its own.
func BenchmarkFuncSandboxNoNetwork(b *testing.B) {
	benchmark(b, isolate.Spec{Func: double.Name(), Input: []byte("21"), Sandbox: &isolate.Sandbox{NoNetwork: true}}, "")
}

// BenchmarkTrueSandbox is the smallest program in a sandbox, behind the init process.
func BenchmarkTrueSandbox(b *testing.B) {
	benchmark(b, isolate.Spec{Argv: []string{"/bin/true"}, Sandbox: &isolate.Sandbox{}}, "")
}
