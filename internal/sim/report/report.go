// Package report puts what came of a population into tables: as text, Markdown, JSON,
// CSV and JUnit. It computes shares and quantiles from counts, in integers, so that the
// same seed gives the same bytes on every machine.
package report

import (
	"cmp"
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/work"
)

const (
	million = 1_000_000
	second  = million // µs
)

// Everyone is the archetype of rows that add up a whole platform.
const Everyone = "everyone"

// Report is what a simulation found. Shares are millionths; spans of time are seconds.
type Report struct {
	Version   int       `json:"version"`
	Plan      string    `json:"plan"`
	Seed      uint64    `json:"seed"`
	Devices   int       `json:"devices"` // on each platform
	Days      int       `json:"days"`
	Settled   int       `json:"settled_days"`
	Platforms []string  `json:"platforms"`
	Events    int64     `json:"events"` // that reached the scheduler
	Rows      []Row     `json:"rows"`
	Expect    []Verdict `json:"expect,omitempty"`
}

// Row is one task on one platform for one archetype.
type Row struct {
	Task      string `json:"task"`
	Platform  string `json:"platform"`
	As        string `json:"as"`
	Archetype string `json:"archetype"`
	Devices   int64  `json:"devices"`

	Runs        int64     `json:"runs"`
	PerDay      Spread    `json:"runs_per_day"`    // over device-days
	LongestGap  Spread    `json:"longest_gap_s"`   // over devices
	Stale       Spread    `json:"stale_at_open_s"` // over openings of the app
	Openings    int64     `json:"openings"`
	Took        Spread    `json:"asked_to_done_s"` // over works that succeeded
	Asked       int64     `json:"asked"`
	Done        int64     `json:"done"`
	IdleDays    int64     `json:"days_without_run"` // share of device-days
	IdleDevices int64     `json:"devices_without_run"`
	Succeeded   int64     `json:"succeeded"` // share of runs
	Cut         int64     `json:"cut_short"` // share of runs
	Refused     int64     `json:"refused"`
	Refusals    []Refusal `json:"refusals,omitempty"`
	CPU         int64     `json:"cpu_ms_per_day"` // of one core, of each device
	Up          int64     `json:"up_bytes_per_day"`
	Down        int64     `json:"down_bytes_per_day"`
	Battery     int64     `json:"battery_per_day"` // share of a charge; rests on assumptions
	Waited      int64     `json:"waiting"`         // share of the time of the devices
	Waiting     []Reason  `json:"waiting_by_reason,omitempty"`
	// Assumed is true where a reason that held it rests on an assumption.
	Assumed bool `json:"assumed"`
}

// Spread is how a value is spread.
type Spread struct {
	P10    int64 `json:"p10"`
	Median int64 `json:"median"`
	P90    int64 `json:"p90"`
}

// Refusal is a kind of request that the platform did not take.
type Refusal struct {
	Name  string `json:"name"`
	Text  string `json:"text,omitempty"`
	Count int64  `json:"count"`
}

// Reason is what held works that were due.
type Reason struct {
	Code    work.Code `json:"code"`
	Share   int64     `json:"share"` // of the time waited, as the first reason: they add up to the whole
	Alone   int64     `json:"alone"` // of the time waited, as the only reason
	Assumed bool      `json:"assumed"`
}

// What a run costs. Nobody has measured it for your app: assumed, and marked so.
const (
	batteryPerCoreHour = 50_000 // share of a charge that an hour of one busy core takes, millionths; assumed
	batteryPerMB       = 60     // share of a charge for a megabyte over the radio, millionths; assumed
)

// New makes the report of a result.
func New(r *population.Result) *Report {
	c := &r.Config
	out := &Report{
		Version: 1, Plan: c.Plan.File, Seed: c.Seed, Devices: c.Devices, Days: c.Days, Settled: c.Settle, Platforms: c.Platforms, Events: r.Events,
	}
	for i := range c.Plan.Tasks {
		t := &c.Plan.Tasks[i]
		for _, platform := range c.Platforms {
			as := As(t, platform)
			if as == "" {
				continue
			}
			var all phone.TaskTally
			for k := range r.Groups {
				g := &r.Groups[k]
				if x := taskOf(&g.Tally, t.Name); g.Platform == platform && x != nil {
					row := rowOf(x)
					row.Platform, row.Archetype, row.As = platform, g.Archetype, as
					out.Rows = append(out.Rows, row)
					all.Merge(x)
				}
			}
			all.Name = t.Name
			row := rowOf(&all)
			row.Platform, row.Archetype, row.As = platform, Everyone, as
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// As says what a task is on a platform; "": it does not exist there.
func As(t *plan.Task, platform string) string {
	switch {
	case platform == scenario.IOS && t.Phone.IOS != nil:
		i := t.Phone.IOS
		if i.As == work.KindAssertion && flutter.LayerFor(string(i.Via), i.As).OneOffIsTimer {
			return string(work.KindTimer) // what the layer makes of it
		}
		return string(i.As)
	case platform == scenario.Android && t.Phone.Android != nil:
		a := t.Phone.Android
		switch {
		case a.Periodic:
			return "periodic"
		case a.As == work.KindWork:
			return "one-off"
		}
		return string(a.As)
	}
	return ""
}

func taskOf(t *phone.Tally, name string) *phone.TaskTally {
	for i := range t.Tasks {
		if t.Tasks[i].Name == name {
			return &t.Tasks[i]
		}
	}
	return nil
}

func rowOf(t *phone.TaskTally) Row {
	days := max(1, t.Days)
	r := Row{
		Task: t.Name, Devices: t.Devices, Runs: t.Runs, Asked: t.Asked, Done: t.Done, Refused: t.Refused, Openings: t.Stale.Count,
		PerDay:     Spread{t.PerDay.At(100_000), t.PerDay.At(500_000), t.PerDay.At(900_000)},
		LongestGap: Spread{t.Longest.At(100_000) / second, t.Longest.At(500_000) / second, t.Longest.At(900_000) / second},
		Stale:      Spread{t.Stale.At(100_000) / second, t.Stale.At(500_000) / second, t.Stale.At(900_000) / second},
		Took:       Spread{t.Took.At(100_000) / second, t.Took.At(500_000) / second, t.Took.At(900_000) / second},
		IdleDays:   share(t.IdleDays, t.Days), IdleDevices: share(t.Idle, t.Devices),
		Succeeded: share(t.Succeeded, t.Runs), Cut: share(t.Cut, t.Runs),
		CPU: t.CPU / 1000 / days, Up: t.Up / days, Down: t.Down / days,
		Waited: share(t.Waited, t.Days*24*3600*second),
	}
	r.Battery = t.CPU/second*batteryPerCoreHour/3600/days + (t.Up+t.Down)/million*batteryPerMB/days
	for _, c := range t.Refusals {
		r.Refusals = append(r.Refusals, Refusal{c.Name, c.Text, c.N})
	}
	for _, w := range t.Waits {
		if w.First == 0 && w.Alone == 0 {
			continue
		}
		r.Waiting = append(r.Waiting, Reason{w.Code, share(w.First, t.Waited), share(w.Alone, t.Waited), w.Assumed})
		r.Assumed = r.Assumed || w.Assumed && w.First > 0
	}
	slices.SortStableFunc(r.Waiting, func(a, b Reason) int { return cmp.Compare(b.Share, a.Share) })
	addUp(r.Waiting)
	return r
}

// addUp gives what rounding has lost or won to the largest share, so that all are the
// whole.
func addUp(rs []Reason) {
	if len(rs) == 0 {
		return
	}
	left := int64(million)
	for i := range rs {
		left -= rs[i].Share
	}
	rs[0].Share += left
	for i := range rs { // a share of it that rounding made larger than it
		rs[i].Alone = min(rs[i].Alone, rs[i].Share)
	}
}

// share returns n of all in millionths, rounded to the nearest.
func share(n, all int64) int64 {
	if all <= 0 {
		return 0
	}
	// The counts are µs of many devices: their product with a million would not fit.
	for all > 1<<42 {
		n, all = n>>1, all>>1
	}
	return (n*million + all/2) / all
}
