package calendar

import (
	"testing"
	"time"
)

func BenchmarkNext(b *testing.B) {
	paris := ZoneOf(location(b, "Europe/Paris"), unix(2020), unix(2040))
	for _, c := range []struct {
		name, expr string
		zone       Zone
	}{
		{"minute/utc", "* * * * *", UTC()},
		{"quarter/paris", "*/15 * * * *", paris},
		{"daily/paris", "30 2 * * *", paris},
		{"weekdays/paris", "0 9 * * mon-fri", paris},
		{"leapday/paris", "0 0 29 2 *", paris},
	} {
		e := mustParse(b, c.expr)
		b.Run(c.name, func(b *testing.B) {
			start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
			end := time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
			at := start
			for b.Loop() {
				at, _ = Next(e, c.zone, at)
				if at > end {
					at = start
				}
			}
		})
	}
}

func BenchmarkAfterYears(b *testing.B) {
	z := ZoneOf(location(b, "Europe/Paris"), unix(1970), unix(2040))
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
	e := mustParse(b, "30 2 * * *")
	b.Run("last", func(b *testing.B) {
		for b.Loop() {
			Last(e, z, 0, now)
		}
	})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			Count(e, z, 0, now, 1_000_000)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("*/15 8-18 * jan-mar mon-fri"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWindowNextChange(b *testing.B) {
	z := ZoneOf(location(b, "Europe/Paris"), unix(2020), unix(2040))
	w := mustWindow(b, "22:00-06:00")
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
	for b.Loop() {
		w.NextChange(z, at)
	}
}
