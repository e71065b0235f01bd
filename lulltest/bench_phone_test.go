package lulltest

import "testing"

// BenchmarkLive is one phone with one task for 14 days, after 28 with its user.
func BenchmarkLive(b *testing.B) {
	for _, system := range []System{IPhone, Android} {
		b.Run(string(system), func(b *testing.B) {
			for b.Loop() {
				Phone{System: system}.Live(b, 14)
			}
		})
	}
}
