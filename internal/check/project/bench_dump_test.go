package project

import (
	"context"
	"os"
	"testing"

	"github.com/lullwork/lull/internal/check/source"
)

func BenchmarkDump(b *testing.B) {
	for b.Loop() {
		f, _ := source.Open(os.Getenv("DIR"))
		Scan(context.Background(), f)
		f.Close()
	}
}
