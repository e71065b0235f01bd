package chance

import "math/bits"

// The distributions are inverse cumulative distribution functions, as integer tables
// with straight lines between their points. Tables are laid out by powers of two of
// the probability, so that the tails are as exact as the middle.

// one is a mean of one in what exponential returns.
const one = 1 << 32

// exponential returns a number of an exponential distribution with the mean one.
func exponential(s *Stream) int64 {
	u := s.Uint64() | 1
	k := bits.LeadingZeros64(u)
	m := u << k << 1 // without its leading one
	i := m >> 56
	lo, hi := int64(minusLog[i]), int64(minusLog[i+1])
	return int64(k)*ln2 + lo - ((lo-hi)*int64(m<<8>>40))>>24
}

const ln2 = 2977044472 // in 1/2^32

// Exponential returns a number of an exponential distribution: the time to the next of
// things that come at random.
func Exponential(s *Stream, mean int64) int64 { return scale(exponential(s), mean) }

// scale multiplies by a number in 1/2^32; none is negative.
func scale(x, by int64) int64 {
	hi, lo := bits.Mul64(uint64(x), uint64(by))
	return int64(hi<<32 | lo>>32)
}

// standardNormal returns a number of a normal distribution with the mean 0 and the
// standard deviation 1, in 1/2^24.
func standardNormal(s *Stream) int64 {
	u := s.Uint64()
	p := u<<1 | 1
	k := bits.LeadingZeros64(p)
	var z int64
	if k < len(normalTail)/16 {
		m := p << k << 1
		i := k*16 + 15 - int(m>>60)
		lo, hi := int64(normalTail[i+1]), int64(normalTail[i])
		z = lo + ((hi-lo)*int64(m<<4>>40))>>24
	} else {
		z = int64(normalTail[len(normalTail)-1])
	}
	if u>>63 != 0 {
		return -z
	}
	return z
}

// Normal returns a number of a normal distribution; sd is at most 2^36.
func Normal(s *Stream, mean, sd int64) int64 { return mean + (sd*standardNormal(s))>>24 }

// LogNormal returns a number of a log-normal distribution. Sigma is in thousandths, at
// most 5,000. What it returns is at most 4,096 times the median.
func LogNormal(s *Stream, median, sigma int64) int64 {
	const log2e = 24204406 // 1/ln 2, in 1/2^24
	x := (standardNormal(s) * sigma / 1000 * log2e) >> 24
	return power(median, max(-20<<24, min(x, 12<<24)))
}

// power returns n times 2^x; x is in 1/2^24, from -20 to 12.
func power(n, x int64) int64 {
	whole, part := x>>24, x&(1<<24-1)
	i := part >> 16
	lo, hi := int64(powerOfTwo[i]), int64(powerOfTwo[i+1])
	m := lo + ((hi-lo)*(part&0xffff))>>16
	n1, n0 := bits.Mul64(uint64(n), uint64(m)<<(whole+20))
	return int64(n1<<14 | n0>>50)
}

// Poisson returns a number of a Poisson distribution. The mean is in thousandths.
func Poisson(s *Stream, mean int64) int64 {
	left := mean * one / 1000
	for n := int64(0); ; n++ {
		if left -= exponential(s); left <= 0 {
			return n
		}
	}
}
