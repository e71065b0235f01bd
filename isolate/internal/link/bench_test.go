//go:build linux && (amd64 || arm64 || riscv64)

package link_test

import (
	"fmt"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link/linktest"
)

func BenchmarkPipe(b *testing.B) { linktest.Bench(b, pipeKind()) }

func BenchmarkRing(b *testing.B) { linktest.Bench(b, ringKind(1<<20)) }

func BenchmarkPipeTransfer(b *testing.B) { linktest.BenchTransfer(b, pipeKind()) }
func BenchmarkRingTransfer(b *testing.B) { linktest.BenchTransfer(b, ringKind(0)) }

// BenchmarkCopy tells what the machine gives at this moment.
func BenchmarkCopy(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			from, to := make([]byte, size), make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				copy(to, from)
			}
		})
	}
}
