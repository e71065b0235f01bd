package android_test

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// benchSystem is a system with five works, some of which are due and wait for the device
// to be idle.
func benchSystem(b *testing.B, due int) (*android.System, *record.Facts, []core.Job) {
	p := profile(b, "16", "")
	s := android.NewSystem(p, chance.New(1))
	f := record.NewFacts()
	for k, v := range ordinary {
		f[k].Value = v
	}
	s.Tick(0, &f)
	s.Sense(0, core.Sense{Kind: core.SenseFacts}, &f)
	s.Sense(0, core.Sense{Kind: core.SenseAppOpened}, &f)
	s.Sense(minute, core.Sense{Kind: core.SenseAppLeft}, &f)
	var jobs []core.Job
	for i := range int64(5) {
		j := core.Job{
			Work: &record.Work{Seq: i + 1, ID: work.ID(rune('a' + i)), LastEnqueue: minute}, Due: minute,
			Spec: &record.Spec{Task: "t", Every: hour, Backoff: work.Exponential, Delay: 30 * second},
		}
		j.Spec.Needs.Idle = true
		if int(i) < 5-due {
			j.Due = 1000 * 365 * day
		}
		jobs = append(jobs, j)
		s.Waiting(minute, j)
	}
	s.Tick(minute, &f)
	s.Sense(2*minute, core.Sense{Kind: core.SenseScreen, Value: 0}, &f)
	s.Tick(2*minute, &f)
	return s, &f, jobs
}

func BenchmarkSystemTickNothing(b *testing.B) {
	s, f, _ := benchSystem(b, 2)
	b.ReportAllocs()
	for b.Loop() {
		s.Tick(2*minute, f)
	}
}

func BenchmarkSystemSenseNothing(b *testing.B) {
	s, f, _ := benchSystem(b, 2)
	b.ReportAllocs()
	for b.Loop() {
		s.Sense(2*minute, core.Sense{Kind: core.SenseFacts}, f)
	}
}

func BenchmarkSystemBatteryLevel(b *testing.B) {
	s, f, _ := benchSystem(b, 2)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f[record.BatteryLevel].Value = int64(50 + i%30)
		s.Sense(2*minute, core.Sense{Kind: core.SenseFacts}, f)
	}
}

func BenchmarkSystemScreen(b *testing.B) {
	s, f, _ := benchSystem(b, 2)
	b.ReportAllocs()
	at := 2 * minute
	for i := 0; b.Loop(); i++ {
		at += 20 * second
		s.Sense(at, core.Sense{Kind: core.SenseScreen, Value: int64(i & 1)}, f)
	}
}

func BenchmarkSystemScreenNoneDue(b *testing.B) {
	s, f, _ := benchSystem(b, 0)
	b.ReportAllocs()
	at := 2 * minute
	for i := 0; b.Loop(); i++ {
		at += 20 * second
		s.Sense(at, core.Sense{Kind: core.SenseScreen, Value: int64(i & 1)}, f)
	}
}

func BenchmarkSystemNetwork(b *testing.B) {
	s, f, _ := benchSystem(b, 2)
	b.ReportAllocs()
	at := 2 * minute
	for i := 0; b.Loop(); i++ {
		at += 20 * second
		f[record.Metered].Value = int64(i & 1)
		s.Sense(at, core.Sense{Kind: core.SenseFacts}, f)
	}
}

func BenchmarkSystemGates(b *testing.B) {
	s, f, jobs := benchSystem(b, 2)
	b.ReportAllocs()
	n := 0
	yield := func(core.Gate) bool { n++; return true }
	for b.Loop() {
		s.Gates(2*minute, jobs[4], f, yield)
	}
	if n == 0 {
		b.Fatal("nothing holds it")
	}
}

// BenchmarkSystemRun is a run from its start to the wait for the next.
func BenchmarkSystemRun(b *testing.B) {
	s, f, jobs := benchSystem(b, 2)
	b.ReportAllocs()
	at := 2 * minute
	for b.Loop() {
		at += hour
		s.Tick(at, f)
		s.Start(at, jobs[3], f)
		s.Tick(at, f)
		s.End(at+second, jobs[3], work.Success)
		jobs[3].Due = at + hour
		s.Waiting(at+second, jobs[3])
		s.Tick(at+second, f)
	}
}
