package isolate

import (
	"crypto/rand"
	"fmt"
)

// Capability is an unforgeable token: only who was given it can present it. It may be
// sent. The zero Capability grants nothing.
type Capability [16]byte

// NewCapability returns a new one, unlike all others.
func NewCapability() (c Capability) {
	_, _ = rand.Read(c[:]) // never fails
	return c
}

func capabilityOf(b []byte) (c Capability, err error) {
	if len(b) != len(c) {
		return c, fmt.Errorf("capability of %d bytes, want %d", len(b), len(c))
	}
	return Capability(b), nil
}
