//go:build amd64 || arm64 || riscv64

package link

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestCopyPastIsCopy(t *testing.T) {
	const most = 1 << 13
	source := make([]byte, most)
	for i := range source {
		source[i] = byte(i%251) + 1
	}
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.IntRange(0, 200)
		size := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, most-200))
		from, to := place.Draw(t, "from"), place.Draw(t, "to")
		src := source[from:][:size.Draw(t, "bytes of the source")]
		room := size.Draw(t, "room")
		got, want := make([]byte, most), make([]byte, most)
		n, m := copyPast(got[to:to+room], src), copy(want[to:to+room], src)
		if n != m {
			t.Fatalf("%d bytes, want %d", n, m)
		}
		if !bytes.Equal(got, want) {
			t.Fatal("other bytes than those of copy, or some beside them")
		}
	})
}
