// Package tally counts what happens on many devices. What it keeps is integers that
// can be added in any order, so that a sum over workers is the same as over one.
package tally

import "math/bits"

// A value is kept to within 1/sub of itself.
const (
	subBits = 5
	sub     = 1 << subBits
	buckets = (64 - subBits) * sub
)

// Histogram counts values from 0 to 2^63-1. The zero value is empty. Its size does not
// grow with what it counts.
type Histogram struct {
	counts []int64 // up to the highest bucket in use
	first  int     // bucket in use, if one is
	Count  int64
	Sum    int64 // saturates
	Max    int64
}

// bucket returns where a value is counted: exactly below 2*sub, then in sub steps for
// each power of two.
func bucket(v int64) int {
	if v < sub {
		return int(v)
	}
	shift := bits.Len64(uint64(v)) - subBits - 1
	return shift<<subBits + int(v>>shift)
}

// floor returns the least value of a bucket.
func floor(b int) int64 {
	if b < 2*sub {
		return int64(b)
	}
	shift := b>>subBits - 1
	return int64(b-shift<<subBits) << shift
}

// Add counts a value; one below zero counts as zero.
func (h *Histogram) Add(v int64) { h.AddN(v, 1) }

// AddN counts a value n times.
func (h *Histogram) AddN(v, n int64) {
	if n <= 0 {
		return
	}
	v = max(v, 0)
	b := bucket(v)
	if b >= len(h.counts) {
		grown := make([]int64, min(buckets, b+sub))
		copy(grown, h.counts)
		h.counts = grown
	}
	if h.Count == 0 || b < h.first {
		h.first = b
	}
	h.counts[b] += n
	h.Count += n
	h.Sum = saturate(h.Sum, v, n)
	h.Max = max(h.Max, v)
}

const most = 1<<63 - 1

// saturate returns sum + v*n, at most the largest number.
func saturate(sum, v, n int64) int64 {
	hi, lo := bits.Mul64(uint64(v), uint64(n))
	if hi > 0 || lo > most-uint64(sum) {
		return most
	}
	return sum + int64(lo)
}

// Merge adds what another one counted.
func (h *Histogram) Merge(o *Histogram) {
	if o.Count == 0 {
		return
	}
	if len(o.counts) > len(h.counts) {
		grown := make([]int64, len(o.counts))
		copy(grown, h.counts)
		h.counts = grown
	}
	if h.Count == 0 || o.first < h.first {
		h.first = o.first
	}
	last := bucket(o.Max)
	into := h.counts[o.first : last+1]
	for i, n := range o.counts[o.first : last+1] {
		into[i] += n
	}
	h.Count += o.Count
	h.Sum = saturate(h.Sum, o.Sum, 1)
	h.Max = max(h.Max, o.Max)
}

// At returns the value that a share of all values, in millionths, does not exceed, to
// within 1/64 of itself: the middle of its bucket, but at most the greatest value of all.
// It is 0 if there are none.
func (h *Histogram) At(ppm int64) int64 {
	if h.Count == 0 {
		return 0
	}
	if ppm >= 1_000_000 {
		return h.Max
	}
	hi, lo := bits.Mul64(uint64(h.Count), uint64(max(ppm, 0)))
	rank, _ := bits.Div64(hi, lo, 1_000_000) // of a value, from 0
	var seen int64
	for b := h.first; b < len(h.counts); b++ {
		if seen += h.counts[b]; seen > int64(rank) {
			lo := floor(b)
			return min(lo+(floor(b+1)-lo)/2, h.Max)
		}
	}
	return h.Max
}

// Mean returns the mean, rounded down.
func (h *Histogram) Mean() int64 {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / h.Count
}

// Above returns how many values exceed one, to within the width of its bucket.
func (h *Histogram) Above(v int64) int64 {
	var n int64
	for b := bucket(max(v, 0)) + 1; b < len(h.counts); b++ {
		n += h.counts[b]
	}
	return n
}

// Reset empties it and keeps its memory.
func (h *Histogram) Reset() {
	if h.Count > 0 {
		clear(h.counts[h.first : bucket(h.Max)+1])
	}
	h.Count, h.Sum, h.Max = 0, 0, 0
}
