//go:build linux

package link_test

import (
	"fmt"
	"testing"

	"github.com/lullwork/lull/isolate/internal/link/linktest"
)

func BenchmarkPipe(b *testing.B) { linktest.Bench(b, pipeKind()) }

func BenchmarkRing(b *testing.B) {
	for _, size := range []int{64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) { linktest.Bench(b, ringKind(size)) })
	}
}
