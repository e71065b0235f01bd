package report

import (
	"math"
	"testing"
)

// TestByChance holds the short way against the binomial distribution: only near one draw
// of twenty may they differ.
func TestByChance(t *testing.T) {
	for _, want := range []int64{500_000, 800_000, 900_000, 950_000} {
		for _, of := range []int64{1, 2, 3, 5, 10, 18, 50, 131, 1000} {
			p, sum := float64(want)/million, 0.0
			for got := range of {
				lg := func(n int64) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
				sum += math.Exp(lg(of) - lg(got) - lg(of-got) + float64(got)*math.Log(p) + float64(of-got)*math.Log(1-p))
				if got*million >= want*of {
					break
				}
				if got == 0 && of > 1 {
					continue
				}
				if now := byChance(got, of, want); now != (sum > 0.05) && math.Abs(sum-0.05) > 0.03 {
					t.Errorf("%d of %d phones, %d wanted: %v, and chance makes it in %.3f of all draws", got, of, want, now, sum)
				}
			}
		}
	}
	for _, of := range []int64{1, 10, 1000} {
		if byChance(of-1, of, million) {
			t.Errorf("chance made one of %d phones miss what all get", of)
		}
	}
	if byChance(0, 4, 100_000) {
		t.Error("what works on none of four phones may be chance")
	}
	if of := int64(10_000_000); byChance(of/2, of, 900_000) || !byChance(of*9/10-1, of, 900_000) {
		t.Error("with many phones it does not fit")
	}
}
