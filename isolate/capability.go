package isolate

import "crypto/rand"

// Capability is an unforgeable token: only who was given it can present it. It may be
// sent. The zero Capability grants nothing.
type Capability [16]byte

// NewCapability returns a new one, unlike all others.
func NewCapability() (c Capability) {
	_, _ = rand.Read(c[:]) // never fails
	return c
}

// capabilityOf is false for what is none, as a run has that is not paused.
func capabilityOf(b []byte) (c Capability, ok bool) {
	if len(b) != len(c) {
		return c, false
	}
	return Capability(b), true
}
