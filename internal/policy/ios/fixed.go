package ios

import "math/bits"

// Scores and probabilities are whole numbers of millionths. Every routine here rounds
// down, so that a decision is the same on every processor.

// one is the score 1.
const one = 1_000_000

// squareRoot returns the greatest whole number whose square is not above x.
func squareRoot(x uint64) uint64 {
	if x < 2 {
		return x
	}
	// Newton's method from above: each step comes down until it is there.
	r := uint64(1) << ((bits.Len64(x) + 1) / 2)
	if bits.Len64(x) > 62 {
		r = 1<<32 - 1
		if x >= r*r {
			return r
		}
	}
	for {
		next := (r + x/r) / 2
		if next >= r {
			return r
		}
		r = next
	}
}

// scoreRoot returns the square root of a score from 0 to 1.
func scoreRoot(x int64) int64 { return int64(squareRoot(uint64(x) * one)) }

// scorePower raises a score from 0 to 1 to a power of millionths, 0 or more. The power
// is taken to the nearest 2^-32 below; each root is rounded down to 2^-31, each product
// to 2^-62, and what comes out to a millionth.
func scorePower(x, power int64) int64 {
	if power == one/2 {
		return scoreRoot(x)
	}
	const whole = uint64(1) << 62
	times := func(a, b uint64) uint64 {
		hi, lo := bits.Mul64(a, b)
		return hi<<2 | lo>>62
	}
	hi, lo := bits.Mul64(uint64(x), whole)
	base, _ := bits.Div64(hi, lo, one)
	out := whole
	for range power / one {
		out = times(out, base)
	}
	part := uint64(power%one) << 32 / one
	for bit := uint64(1) << 31; part != 0 && bit != 0; bit >>= 1 {
		base = squareRoot(base) << 31 // √(b·2^-62) = √b·2^-31
		if part&bit != 0 {
			out = times(out, base)
			part &^= bit
		}
	}
	hi, lo = bits.Mul64(out, one)
	return int64(hi<<2 | lo>>62)
}

// ofScore returns the share of a value that a score is.
func ofScore(value, score int64) int64 { return value * score / one }

// exponential returns e to the power x, both in millionths, x from -20 to 20. Each term
// of the series is rounded down to 10^-9.
func exponential(x int64) int64 {
	const scale = 1_000_000_000
	const ln2 = 693_147_181
	k := floorDiv(x*1000, ln2)
	r := x*1000 - k*ln2
	sum, term := int64(scale), int64(scale)
	for n := int64(1); term > 0; n++ {
		term = term * r / scale / n
		sum += term
	}
	if k < 0 {
		return sum >> min(-k, 62) / (scale / one)
	}
	return sum / (scale / one) << min(k, 30)
}
