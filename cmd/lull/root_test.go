package main

import (
	"errors"
	"testing"
)

// An engine whose state is gone meets the same error at its end, as it closes and as it
// writes. It is told once.
func TestFirstLine(t *testing.T) {
	gone, locked := errors.New("the file is gone"), errors.New("no lock")
	err := errors.Join(errors.Join(gone, locked), gone, errors.Join(locked))
	if got, want := firstLine(err), "the file is gone; no lock"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
