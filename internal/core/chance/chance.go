// Package chance is the only source of chance in virtual time: a small generator of
// which each device and each use has a stream of its own, so that what one draws never
// changes what another gets. It computes with integers only, and gives the same
// numbers on every machine.
package chance

import "math/bits"

// Stream is a sequence of random numbers: SplitMix64 (Steele, Lea, Flood: Fast
// Splittable Pseudorandom Number Generators, OOPSLA 2014). It is a value; copies go on
// alike.
type Stream struct{ state uint64 }

// New returns the stream of a seed.
func New(seed uint64) Stream { return Stream{mix(seed + gamma)} }

const gamma = 0x9e3779b97f4a7c15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Fork returns a stream of its own for one use or one device, told apart by a number.
// It does not move s.
func (s Stream) Fork(n uint64) Stream { return Stream{mix(s.state ^ mix(n+gamma))} }

// Uint64 returns the next number.
func (s *Stream) Uint64() uint64 {
	s.state += gamma
	return mix(s.state)
}

// Below returns a number from 0 to n-1, each as likely as the others to within n/2^64;
// n > 0.
func (s *Stream) Below(n int64) int64 {
	hi, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int64(hi)
}

// Between returns a number from lo to hi, both included; lo <= hi.
func (s *Stream) Between(lo, hi int64) int64 { return lo + s.Below(hi-lo+1) }

// Chance tells whether something with a probability of ppm millionths happens.
func (s *Stream) Chance(ppm int64) bool { return s.Below(1_000_000) < ppm }
