package chance

import (
	"math"
	"testing"
)

func TestTables(t *testing.T) {
	for i := range minusLog {
		if want := math.Round(-math.Log(0.5+float64(i)/512) * (1 << 32)); float64(minusLog[i]) != want {
			t.Errorf("minusLog[%d] is %d, not %.0f", i, minusLog[i], want)
		}
	}
	for i := range powerOfTwo {
		if want := math.Round(math.Exp2(float64(i)/256) * (1 << 30)); float64(powerOfTwo[i]) != want {
			t.Errorf("powerOfTwo[%d] is %d, not %.0f", i, powerOfTwo[i], want)
		}
	}
	for i := range normalTail {
		k, j := i/16, 16-i%16
		tail := math.Ldexp(0.5+float64(j)/32, -k-1)
		got := 0.5 * math.Erfc(float64(normalTail[i])/(1<<24)/math.Sqrt2)
		if math.Abs(got/tail-1) > 1e-6 {
			t.Errorf("normalTail[%d] is exceeded with a probability of %g, not %g", i, got, tail)
		}
	}
}

// moments are the mean, the standard deviation and the third and fourth standardised
// moments.
func moments(n int, draw func() float64) (m [4]float64) {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = draw()
		m[0] += xs[i] / float64(n)
	}
	for _, x := range xs {
		m[1] += (x - m[0]) * (x - m[0]) / float64(n)
	}
	m[1] = math.Sqrt(m[1])
	for _, x := range xs {
		z := (x - m[0]) / m[1]
		m[2] += z * z * z / float64(n)
		m[3] += z * z * z * z / float64(n)
	}
	return m
}

func TestMoments(t *testing.T) {
	const n = 1_000_000
	s := New(1)
	// Of a log-normal distribution with sigma 0.5; its median is 1.
	w := math.Exp(0.25)
	cases := []struct {
		name string
		draw func() float64
		want [4]float64
		near [4]float64
	}{
		{"exponential", func() float64 { return float64(exponential(&s)) / one }, [4]float64{1, 1, 2, 9}, [4]float64{.004, .005, .05, .6}},
		{"exp", func() float64 { return float64(Exponential(&s, 240_000_000)) / 240e6 }, [4]float64{1, 1, 2, 9}, [4]float64{.004, .005, .05, .6}},
		{"normal", func() float64 { return float64(Normal(&s, 3_600_000_000, 2_700_000_000)) / 1e9 }, [4]float64{3.6, 2.7, 0, 3}, [4]float64{.01, .01, .01, .03}},
		{"log-normal", func() float64 { return float64(LogNormal(&s, 90_000_000, 500)) / 90e6 }, [4]float64{
			math.Exp(0.125), math.Sqrt((w - 1) * w), (w + 2) * math.Sqrt(w-1), w*w*w*w + 2*w*w*w + 3*w*w - 3,
		}, [4]float64{.004, .004, .06, .7}},
		{"Poisson 2.5", func() float64 { return float64(Poisson(&s, 2500)) }, [4]float64{2.5, math.Sqrt(2.5), 1 / math.Sqrt(2.5), 3 + 1/2.5}, [4]float64{.01, .01, .02, .05}},
		{"Poisson 40", func() float64 { return float64(Poisson(&s, 40_000)) }, [4]float64{40, math.Sqrt(40), 1 / math.Sqrt(40), 3 + 1./40}, [4]float64{.03, .03, .02, .05}},
	}
	for _, c := range cases {
		got := moments(n, c.draw)
		for i, name := range []string{"mean", "deviation", "skewness", "kurtosis"} {
			if math.Abs(got[i]-c.want[i]) > c.near[i] {
				t.Errorf("%s: %s is %.4f, not %.4f", c.name, name, got[i], c.want[i])
			}
		}
	}
	if got := Poisson(&s, 0); got != 0 {
		t.Errorf("Poisson 0 gives %d", got)
	}
}

// TestTails compares shares beyond points far out.
func TestTails(t *testing.T) {
	const n = 4_000_000
	s := New(2)
	var far [3]int
	for range n {
		if exponential(&s) > 10*one {
			far[0]++
		}
		if z := standardNormal(&s); z > 4<<24 {
			far[1]++
		} else if z < -3<<24 {
			far[2]++
		}
	}
	for i, want := range []float64{math.Exp(-10), 0.5 * math.Erfc(4/math.Sqrt2), 0.5 * math.Erfc(3/math.Sqrt2)} {
		if got := float64(far[i]) / n; math.Abs(got-want) > 4*math.Sqrt(want/n) {
			t.Errorf("tail %d is %g, not %g", i, got, want)
		}
	}
}

func BenchmarkExponential(b *testing.B) {
	s, sum := New(1), int64(0)
	for b.Loop() {
		sum += exponential(&s)
	}
	_ = sum
}

func BenchmarkNormal(b *testing.B) {
	s, sum := New(1), int64(0)
	for b.Loop() {
		sum += standardNormal(&s)
	}
	_ = sum
}
