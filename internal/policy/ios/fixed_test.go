package ios

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestSquareRoot(t *testing.T) {
	check := func(x uint64) bool {
		return new(big.Int).Sqrt(new(big.Int).SetUint64(x)).Uint64() == squareRoot(x)
	}
	for e := range 64 {
		for d := range uint64(7) {
			if x := uint64(1)<<e + d - 3; !check(x) {
				t.Fatalf("square root of %d is not %d", x, squareRoot(x))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Uint64().Draw(t, "x")
		r := rapid.Uint64Range(0, 1<<32-1).Draw(t, "r")
		for _, x := range []uint64{x, r * r, r*r - 1} {
			if !check(x) {
				t.Fatalf("square root of %d is not %d", x, squareRoot(x))
			}
		}
	})
}

func TestScorePower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(0, one).Draw(t, "x")
		power := rapid.Int64Range(0, 4*one).Draw(t, "power")
		got := scorePower(x, power)
		want := math.Pow(float64(x)/one, float64(power)/one) * one
		if float64(got) > want+1e-6 || float64(got) < want-2 {
			t.Fatalf("%d to the %d is %d, not %f", x, power, got, want)
		}
		if root := scoreRoot(x); root*root > x*one || (root+1)*(root+1) <= x*one {
			t.Fatalf("root of %d is %d", x, root)
		}
	})
	for _, c := range []struct{ x, power, want int64 }{
		{one, one / 2, one}, {0, one / 2, 0}, {one / 4, one / 2, one / 2}, {one / 2, one, one / 2}, {one, 0, one}, {one / 2, 3 * one, one / 8},
	} {
		if got := scorePower(c.x, c.power); got != c.want {
			t.Errorf("%d to the %d is %d, not %d", c.x, c.power, got, c.want)
		}
	}
}
