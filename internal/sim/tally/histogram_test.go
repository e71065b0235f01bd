package tally

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, most).Draw(t, "v")
		b := bucket(v)
		lo := floor(b)
		if lo > v || v-lo > v/sub {
			t.Fatalf("%d is counted as %d", v, lo)
		}
		if b >= buckets {
			t.Fatalf("bucket %d of %d", b, buckets)
		}
		if b > 0 && floor(b-1) >= lo {
			t.Fatalf("bucket %d begins at %d, the next at %d", b-1, floor(b-1), lo)
		}
	})
}

func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 200).Draw(t, "values")
		cut := rapid.IntRange(0, len(vs)).Draw(t, "cut")
		var h, a, b Histogram
		for i, v := range vs {
			h.Add(v)
			if i < cut {
				a.Add(v)
			} else {
				b.Add(v)
			}
		}
		a.Merge(&b)
		slices.Sort(vs)
		for _, ppm := range []int64{0, 100_000, 500_000, 900_000, 999_999, 1_000_000} {
			want := vs[min(len(vs)-1, int(int64(len(vs))*ppm/1_000_000))]
			got := h.At(ppm)
			if off := max(got-want, want-got); off > want/sub/2+1 {
				t.Fatalf("at %d: %d, want %d", ppm, got, want)
			}
			if a.At(ppm) != got {
				t.Fatalf("merged: %d, not %d", a.At(ppm), got)
			}
		}
		if h.Count != a.Count || h.Sum != a.Sum || h.Max != vs[len(vs)-1] || a.Max != h.Max {
			t.Fatalf("%+v %+v", h, a)
		}
		v := vs[len(vs)/2]
		n := int64(0)
		for _, x := range vs {
			if bucket(x) > bucket(v) {
				n++
			}
		}
		if h.Above(v) != n {
			t.Fatalf("%d above, want %d", h.Above(v), n)
		}
	})
}

func TestSumsSaturate(t *testing.T) {
	var h Histogram
	h.AddN(most, 3)
	h.Add(-5)
	if h.Sum != most || h.Count != 4 || h.At(0) != 0 || h.Mean() != most/4 {
		t.Errorf("%+v", h)
	}
	var empty Histogram
	if empty.At(500_000) != 0 || empty.Mean() != 0 || empty.Above(0) != 0 {
		t.Error("an empty one has values")
	}
}
