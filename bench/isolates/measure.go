package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lullwork/lull/bench/internal/sheet"
	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// Rows that goals name. Those of messages end with their size.
const (
	rowSpawn     sheet.ID = "spawn-p50"
	rowSpawn99   sheet.ID = "spawn-p99"
	rowLives     sheet.ID = "lives-1"
	rowLivesMany sheet.ID = "lives-many"
	rowTransfer  sheet.ID = "transfer-p50"
	rowRSS       sheet.ID = "memory-rss"
	rowPSS       sheet.ID = "memory-pss"
	rowPrivate   sheet.ID = "memory-private"
	rowLeft      sheet.ID = "left"
)

func rowTrip(size int) sheet.ID   { return sheet.ID("trip-p50-" + bytesText(size)) }
func rowTrip99(size int) sheet.ID { return sheet.ID("trip-p99-" + bytesText(size)) }
func rowOneWay(size int) sheet.ID { return sheet.ID("one-way-" + bytesText(size)) }

// A measurement is a trial that gives one or more rows.
type measurement struct {
	title   string
	request trial.Request
	rows    []sheet.Row
	figures func(a answer, n int) ([]float64, error) // n: isolates or rounds
}

const (
	size64B  = 64
	size64KB = 64 << 10
	size1MB  = 1 << 20
	size16MB = 16 << 20
)

func measurements(c config) []measurement {
	all := []measurement{
		{
			title:   "spawn",
			request: trial.Request{Measure: trial.Spawn, N: 1000, WarmUp: 5, For: c.span},
			rows: []sheet.Row{
				{ID: rowSpawn, Label: "spawn to first reply p50, us", Format: micros},
				{ID: rowSpawn99, Label: "spawn to first reply p99, us", Format: micros},
			},
			figures: quantiles,
		},
		lives(rowLives, 1, c.span),
		lives(rowLivesMany, cpus(), c.span),
	}
	for _, s := range []struct{ size, samples, warmUp int }{
		{size64B, 20_000, 500}, {size64KB, 10_000, 100}, {size1MB, 2_000, 20}, {size16MB, 200, 5},
	} {
		title := "round trip " + bytesText(s.size)
		all = append(all, measurement{
			title:   title,
			request: trial.Request{Measure: trial.RoundTrip, Size: s.size, N: s.samples, WarmUp: s.warmUp, For: c.span},
			rows: []sheet.Row{
				{ID: rowTrip(s.size), Label: title + " p50, us", Format: micros},
				{ID: rowTrip99(s.size), Label: title + " p99, us", Format: micros},
			},
			figures: quantiles,
		})
	}
	for _, s := range []struct{ size, warmUp int }{{size64KB, 200}, {size1MB, 20}, {size16MB, 4}} {
		title := "one way " + bytesText(s.size)
		all = append(all, measurement{
			title:   title,
			request: trial.Request{Measure: trial.OneWay, Size: s.size, WarmUp: s.warmUp, For: c.span},
			rows:    []sheet.Row{{ID: rowOneWay(s.size), Label: title + ", GB/s", Format: sheet.Short}},
			figures: func(a answer, _ int) ([]float64, error) { return perSecond(a, 1e9) },
		})
	}
	return append(all, measurement{
		title:   "transfer",
		request: trial.Request{Measure: trial.Transfer, Size: size16MB, N: 1000, WarmUp: 5, For: c.span},
		rows:    []sheet.Row{{ID: rowTransfer, Label: "transfer of 16 MB p50, us", Format: micros}},
		figures: func(a answer, n int) ([]float64, error) {
			q, err := quantiles(a, n)
			if err != nil {
				return nil, err
			}
			return q[:1], nil
		},
	}, measurement{
		title:   "memory",
		request: trial.Request{Measure: trial.Memory, N: c.live},
		rows: []sheet.Row{
			{ID: rowRSS, Label: "memory each (RSS), MB", Format: megabytes},
			{ID: rowPSS, Label: "memory each (PSS), MB", Format: megabytes},
			{ID: rowPrivate, Label: "memory each (private), MB", Format: megabytes},
		},
		figures: memoryEach,
	}, measurement{
		title:   "leaks",
		request: trial.Request{Measure: trial.Leaks, N: c.rounds, WarmUp: 20},
		rows:    []sheet.Row{{ID: rowLeft, Label: fmt.Sprintf("left after %s rounds", sheet.Whole(float64(c.rounds))), Format: sheet.Whole}},
		figures: left,
	})
}

func lives(id sheet.ID, spawners int, span time.Duration) measurement {
	title := fmt.Sprintf("lives/s, %d spawners", spawners)
	if spawners == 1 {
		title = "lives/s, 1 spawner"
	}
	return measurement{
		title:   title,
		request: trial.Request{Measure: trial.Lives, WarmUp: 5, Spawners: spawners, For: span},
		rows:    []sheet.Row{{ID: id, Label: title, Format: sheet.Whole}},
		figures: func(a answer, _ int) ([]float64, error) { return perSecond(a, 1) },
	}
}

// quantiles are p50 and p99 in microseconds.
func quantiles(a answer, _ int) ([]float64, error) {
	if len(a.NS) < trial.MinSamples {
		return nil, fmt.Errorf("%d samples, at least %d are needed", len(a.NS), trial.MinSamples)
	}
	us := make([]float64, len(a.NS))
	for i, ns := range a.NS {
		us[i] = float64(ns) / 1e3
	}
	slices.Sort(us)
	return []float64{sheet.Quantile(us, 0.50), sheet.Quantile(us, 0.99)}, nil
}

func perSecond(a answer, unit float64) ([]float64, error) {
	if a.Amount <= 0 || a.Seconds <= 0 {
		return nil, fmt.Errorf("an amount of %g in %g seconds", a.Amount, a.Seconds)
	}
	return []float64{a.Amount / a.Seconds / unit}, nil
}

var errNoBarrier = errors.New("the program did not stop at its barriers")

func (a answer) both() (before, after census, err error) {
	before, ok := a.at[trial.Before]
	after, too := a.at[trial.After]
	if !ok || !too {
		err = errNoBarrier
	}
	return before, after, err
}

// memoryEach is in bytes: of the processes below the program, and what the program itself grew by. It may shrink: a page
// that it shares with a child counts half. That is a gain in PSS; for the other two it would hide what the child has.
func memoryEach(a answer, n int) ([]float64, error) {
	before, after, err := a.both()
	each := func(of func(memory) int64, gain bool) float64 {
		grown := of(after.own) - of(before.own)
		if !gain {
			grown = max(0, grown)
		}
		return max(0, float64(grown+of(after.below)-of(before.below))/float64(n))
	}
	return []float64{
		each(func(m memory) int64 { return m.rss }, false),
		each(func(m memory) int64 { return m.pss }, true),
		each(func(m memory) int64 { return m.private }, false),
	}, err
}

// left is how many processes, descriptors, cgroups and goroutines there are that were not there before.
func left(a answer, _ int) ([]float64, error) {
	before, after, err := a.both()
	sum := a.left
	for _, more := range []int{
		after.processes - before.processes,
		after.descriptors - before.descriptors,
		after.groups - before.groups,
		a.goroutines[trial.After] - a.goroutines[trial.Before],
	} {
		sum += max(0, more)
	}
	return []float64{float64(sum)}, err
}

func bytesText(size int) string {
	switch {
	case size >= 1<<20:
		return fmt.Sprintf("%d MB", size>>20)
	case size >= 1<<10:
		return fmt.Sprintf("%d KB", size>>10)
	}
	return fmt.Sprintf("%d B", size)
}

func micros(v float64) string {
	if v < 100 {
		return sheet.Short(v)
	}
	return sheet.Whole(v)
}

func megabytes(v float64) string {
	if v < 100<<10 {
		return fmt.Sprintf("%.4f", v/(1<<20))
	}
	return sheet.Short(v / (1 << 20))
}
