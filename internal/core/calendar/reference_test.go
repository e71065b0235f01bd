package calendar

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var long = flag.Bool("long", false, "run slow tests")

// realZones are 24 zones with what makes zones hard: half hours, two hours,
// midnight gaps, Ramadan, changes by decree, a skipped day, no DST at all.
func realZones() []string {
	return []string{
		"Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Caracas", "America/Havana", "America/New_York",
		"America/Sao_Paulo", "America/St_Johns", "Antarctica/Casey", "Antarctica/Troll", "Asia/Amman", "Asia/Gaza",
		"Asia/Kathmandu", "Asia/Kolkata", "Asia/Pyongyang", "Asia/Tehran", "Australia/Lord_Howe", "Europe/Dublin",
		"Europe/Istanbul", "Europe/Moscow", "Europe/Paris", "Pacific/Apia", "Pacific/Chatham", "Pacific/Fiji",
	}
}

// A reference case states the rule and the fields in Go, apart from the parser.
type refCase struct {
	expr   string
	hourly bool
	match  func(w wall) bool
}

type wall struct {
	month, day, hour, minute int
	weekday                  time.Weekday
}

func refCases() []refCase {
	return []refCase{
		{"30 2 * * *", false, func(w wall) bool { return w.hour == 2 && w.minute == 30 }},
		{"0 0 * * *", false, func(w wall) bool { return w.hour == 0 && w.minute == 0 }},
		{"*/15 1-3 * * *", false, func(w wall) bool { return w.hour >= 1 && w.hour <= 3 && w.minute%15 == 0 }},
		{"0 */6 * * *", false, func(w wall) bool { return w.hour%6 == 0 && w.minute == 0 }},
		{"* 0,23 * * 5", false, func(w wall) bool { return (w.hour == 0 || w.hour == 23) && w.weekday == time.Friday }},
		{"10 3 30,31 * sun", false, func(w wall) bool {
			return w.hour == 3 && w.minute == 10 && (w.day >= 30 || w.weekday == time.Sunday)
		}},
		{"59 23 */2 3,4,10-12 *", false, func(w wall) bool {
			return w.hour == 23 && w.minute == 59 && w.day%2 == 1 && (w.month == 3 || w.month == 4 || w.month >= 10)
		}},
		{"45 * * * *", true, func(w wall) bool { return w.minute == 45 }},
		{"*/20 * * * *", true, func(w wall) bool { return w.minute%20 == 0 }},
		{"7 0-23 * * 6,7", true, func(w wall) bool {
			return w.minute == 7 && (w.weekday == time.Saturday || w.weekday == time.Sunday)
		}},
	}
}

func wallOf(local time.Time) wall {
	_, month, day := local.Date()
	hour, minute, _ := local.Clock()
	return wall{int(month), day, hour, minute, local.Weekday()}
}

// reference walks [from, to) minute by minute and remembers every local minute
// that the zone has shown; what it jumps over counts as shown at the jump. It
// begins three days early, so that it knows what an overlap repeats. All offsets
// must be full minutes.
func reference(loc *time.Location, cases []refCase, from, to int64) [][]int64 {
	const warmUp = 3 * 24 * 60
	occurrences := make([][]int64, len(cases))
	first := from/60 - warmUp
	shown := make([]bool, to/60-first+4*24*60)
	index := func(local int64) int64 { return local - first + 2*24*60 }
	due := make([]bool, len(cases))
	previous := int64(0)
	for m := first; m < to/60; m++ {
		at := time.Unix(m*60, 0).In(loc)
		_, offset := at.Zone()
		local := m + int64(offset)/60
		w := wallOf(at)
		for i, c := range cases {
			due[i] = c.match(w) && (c.hourly || !shown[index(local)])
		}
		if previous != 0 {
			for skipped := previous + 1; skipped < local; skipped++ {
				if shown[index(skipped)] {
					continue
				}
				shown[index(skipped)] = true
				w := wallOf(time.Unix(skipped*60, 0).UTC())
				for i, c := range cases {
					due[i] = due[i] || !c.hourly && c.match(w)
				}
			}
		}
		shown[index(local)] = true
		previous = local
		if m*60 < from {
			continue
		}
		for i := range cases {
			if due[i] {
				occurrences[i] = append(occurrences[i], m*60*microSec)
			}
		}
	}
	return occurrences
}

// compare checks Next against a list of all occurrences in [from, to), and Last
// and Count against parts of it.
func compare(t *testing.T, name string, e Expr, z Zone, want []int64, from, to int64, rnd *rand.Rand) {
	t.Helper()
	show := func(at int64) string { return time.UnixMicro(at).UTC().Format(time.RFC3339) }
	after := from*microSec - 1
	for i, w := range want {
		at, ok := Next(e, z, after)
		if !ok || at != w {
			t.Fatalf("%s %q: occurrence %d is %s %v, want %s", name, e, i, show(at), ok, show(w))
		}
		after = at
	}
	if at, ok := Next(e, z, after); ok && at < to*microSec {
		t.Fatalf("%s %q: occurrence too many at %s", name, e, show(at))
	}
	for range 20 {
		a := (from + rnd.Int64N(to-from)) * microSec
		b := (from + rnd.Int64N(to-from)) * microSec
		if len(want) > 0 && rnd.IntN(2) == 0 {
			b = want[rnd.IntN(len(want))]
		}
		lo, _ := slices.BinarySearch(want, a+1)
		hi, _ := slices.BinarySearch(want, b+1)
		n := max(hi-lo, 0)
		if got := Count(e, z, a, b, n+1); got != n {
			t.Fatalf("%s %q: %d occurrences in (%s, %s], want %d", name, e, got, show(a), show(b), n)
		}
		at, ok := Last(e, z, a, b)
		if ok != (n > 0) || ok && at != want[hi-1] {
			t.Fatalf("%s %q: last in (%s, %s] is %s %v, want one of %d", name, e, show(a), show(b), show(at), ok, n)
		}
	}
}

// All zones over ten years (with -long every minute of them, else the days around
// every other transition and some weeks at random).
func TestReference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	cases := refCases()
	exprs := make([]Expr, len(cases))
	for i, c := range cases {
		exprs[i] = mustParse(t, c.expr)
	}
	var transitions, minutes, occurrences int
	for n, name := range realZones() {
		loc := location(t, name)
		from, to := unix(2011), unix(2021)
		z := ZoneOf(loc, from-daySec, to+daySec)
		check := func(from, to int64) {
			minutes += int(to-from) / 60
			for i, want := range reference(loc, cases, from, to) {
				occurrences += len(want)
				compare(t, name, exprs[i], z, want, from, to, rnd)
			}
		}
		if *long {
			transitions += len(z.Transitions)
			check(from, to)
			continue
		}
		for i, tr := range z.Transitions {
			if (i+n)%2 == 0 { // into summer time here, out of it there
				transitions++
				check(tr.At-2*daySec, tr.At+2*daySec)
			}
		}
		for range 2 {
			week := (from + rnd.Int64N(to-from-7*daySec)) / 60 * 60
			check(week, week+7*daySec)
		}
	}
	t.Logf("%d zones, %d transitions, %d minutes, %d occurrences", len(realZones()), transitions, minutes, occurrences)
	if transitions < 150 || *long && transitions < 300 || occurrences < 10_000 {
		t.Error("the sample is too small")
	}
}

const madeUpSpan = 6 * daySec

// drawZone makes up a zone whose transitions may follow each other at any
// distance, at any second, by any amount.
func drawZone(t *rapid.T) Zone {
	offset := rapid.OneOf(
		rapid.SampledFrom([]int32{0, 3600, -3600, 7200, 1800, 86_400, -36_000, 50_400}),
		rapid.Int32Range(-maxOffset, maxOffset),
	)
	z := Zone{From: -daySec, To: 2 * madeUpSpan, Initial: offset.Draw(t, "initial")}
	at := int64(0)
	for range rapid.IntRange(0, 6).Draw(t, "transitions") {
		at += rapid.OneOf(rapid.Int64Range(1, 7200), rapid.Int64Range(1, 2*daySec)).Draw(t, "distance")
		z.Transitions = append(z.Transitions, Transition{At: at, Offset: offset.Draw(t, "offset")})
	}
	z.To = max(z.To, at)
	return z
}

func naiveOffset(z Zone, sec int64) int32 {
	offset := z.Initial
	for _, t := range z.Transitions {
		if sec >= t.At {
			offset = t.Offset
		}
	}
	return offset
}

// Made-up zones, second by second: the same rule with a set of the local minutes
// that were shown or jumped over.
func TestMadeUpZones(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	cases := refCases()
	rapid.Check(t, func(rt *rapid.T) {
		z := drawZone(rt)
		if err := z.Validate(); err != nil {
			rt.Fatal(err)
		}
		c := rapid.SampledFrom(cases).Draw(rt, "case")
		shown := map[int64]bool{}
		var want []int64
		const from, to = -daySec, madeUpSpan
		high := int64(from) + int64(naiveOffset(z, from)) - 1
		for sec := int64(from); sec < to; sec++ {
			local := sec + int64(naiveOffset(z, sec))
			due := false
			if c.hourly {
				due = local%60 == 0 && c.match(wallOf(time.Unix(local, 0).UTC()))
			} else {
				for l := high + 1; l <= local; l++ {
					if l%60 == 0 && !shown[l] {
						shown[l] = true
						due = due || c.match(wallOf(time.Unix(l, 0).UTC()))
					}
				}
			}
			high = max(high, local)
			if due {
				want = append(want, sec*microSec)
			}
		}
		compare(t, "made-up", mustParse(t, c.expr), z, want, from, to, rnd)
	})
}
