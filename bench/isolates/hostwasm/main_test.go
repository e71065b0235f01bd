package main

import (
	"bytes"
	"testing"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// TestGuestGrows has messages that are larger than the guest's memory at its start.
func TestGuestGrows(t *testing.T) {
	s, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	hello := trial.Payload(trial.FirstMessage)
	iso, got, err := s.Start(t.Context(), hello)
	if err != nil || !bytes.Equal(got, hello) {
		t.Fatalf("first reply %q, %v", got, err)
	}
	for _, size := range []int{2, 64 << 10, 128<<10 - 16, 128<<10 - 15, 16 << 20, 100} {
		p := trial.Payload(size)
		if got, err := iso.RoundTrip(t.Context(), p); err != nil || !bytes.Equal(got, p) {
			t.Fatalf("%d bytes: %d came back, %v", size, len(got), err)
		}
	}
	sum := int64(0)
	for range 2 {
		for _, size := range []int{64, 1 << 20} {
			if err := iso.Push(t.Context(), trial.Payload(size)); err != nil {
				t.Fatal(err)
			}
			sum += int64(size)
		}
		if n, err := iso.Flush(t.Context()); err != nil || n != sum {
			t.Fatalf("counted %d bytes, %v; want %d", n, err, sum)
		}
	}
	if err := iso.Close(); err != nil {
		t.Error(err)
	}
	if len(guest) > 300 {
		t.Errorf("the module has %d bytes, the report says 200 or so", len(guest))
	}
	t.Logf("module of %d bytes", len(guest))
}
