package main

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/bench/internal/sheet"
	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// The systems that goals are for.
const (
	cold   = "child-ring"
	warm   = "warm"
	module = "wasm"
)

// gates decide.
func gates(c config) []sheet.Goal {
	all := []sheet.Goal{
		{Title: "first reply, cold / raw", System: cold, Row: rowSpawn, Limit: 1.2, AtMost: true, Of: []string{"raw"}},
		{Title: "first reply, warm, us", System: warm, Row: rowSpawn, Limit: 100, AtMost: true},
		{Title: "first reply, wasm, us", System: module, Row: rowSpawn, Limit: 30, AtMost: true},
		{Title: "round trip 64 B, us", System: cold, Row: rowTrip(size64B), Limit: 15, AtMost: true},
		{Title: "round trip 1 MB, us", System: cold, Row: rowTrip(size1MB), Limit: 150, AtMost: true},
		{Title: "round trip 16 MB, us", System: cold, Row: rowTrip(size16MB), Limit: 3000, AtMost: true},
		{Title: "one way 1 MB, GB/s", System: cold, Row: rowOneWay(size1MB), Limit: 15},
		{Title: "transfer of 16 MB, us", System: cold, Row: rowTransfer, Limit: 100, AtMost: true},
	}
	for _, peer := range []struct {
		name  string
		times float64
	}{{"go-plugin", 10}, {"node", 3}} {
		all = append(all,
			timesAsFast("first reply, warm", warm, rowSpawn, peer.name, peer.times),
			timesAsFast("round trip 64 KB", cold, rowTrip(size64KB), peer.name, peer.times),
			timesAsFast("round trip 1 MB", cold, rowTrip(size1MB), peer.name, peer.times),
		)
	}
	all = append(all, memoryGoal(c, "PSS", rowPSS))
	for _, s := range ours() {
		if !slices.Contains(s.only, trial.Leaks) {
			continue
		}
		all = append(all, sheet.Goal{Title: "left after the rounds, " + s.name, System: s.name, Row: rowLeft, Limit: 0, AtMost: true})
	}
	return all
}

// aims do not decide: a cold start has the cost of a process in it, which no code of ours can lower, the first warm start
// after a rest what it takes to wake a processor, and RSS counts the pages of the executable once for each isolate.
func aims(c config) []sheet.Goal {
	return []sheet.Goal{
		{Title: "first reply, warm after a rest, us", System: "warm-alone", Row: rowSpawn, Limit: 100, AtMost: true},
		memoryGoal(c, "RSS", rowRSS),
		timesAsFast("first reply, cold", cold, rowSpawn, "go-plugin", 10),
		timesAsFast("first reply, cold", cold, rowSpawn, "node", 3),
		timesAsFast("first reply, wasm", module, rowSpawn, "node", 3),
	}
}

func memoryGoal(c config, what string, row sheet.ID) sheet.Goal {
	return sheet.Goal{
		Title: fmt.Sprintf("memory each at %s live (%s), MB", sheet.Whole(float64(c.live)), what), System: cold, Row: row,
		Limit: 3 << 20, AtMost: true,
	}
}

// timesAsFast wants at most 1/times of the peer's time.
func timesAsFast(title, system string, row sheet.ID, peer string, times float64) sheet.Goal {
	return sheet.Goal{
		Title: fmt.Sprintf("%s / %s (%g times as fast)", title, peer, times), System: system, Row: row,
		Limit: 1 / times, AtMost: true, Of: []string{peer},
	}
}
