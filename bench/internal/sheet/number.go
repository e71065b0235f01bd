package sheet

import (
	"fmt"
	"math"
)

// Short has three digits or so: 0.42, 42.0.
func Short(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// Whole is a whole number with commas.
func Whole(v float64) string {
	s := fmt.Sprint(int64(v + 0.5))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Ratio is a factor: x14, x2.50, x1/40.
func Ratio(v float64) string {
	if v > 0 && v < 0.1 {
		return fmt.Sprintf("x1/%.0f", 1/v)
	}
	if v < 10 {
		return fmt.Sprintf("x%.2f", v)
	}
	return fmt.Sprintf("x%.0f", v)
}

// Quantile of sorted values, nearest rank.
func Quantile(sorted []float64, q float64) float64 {
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}
