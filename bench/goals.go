package main

import "github.com/lullwork/lull/bench/internal/sheet"

// subject is the system that the goals are for.
const subject = "lull"

var peers = []string{"goqite", "backlite", "river"}

// gates decide: ratios within one run hold on any machine.
func gates() []sheet.Goal {
	return []sheet.Goal{
		{Title: "drain / raw loop", System: subject, Row: rowDrain, Limit: 0.35, Of: []string{"raw loop"}},
		{Title: "drain / river", System: subject, Row: rowDrain, Limit: 8, Of: []string{"river"}},
		{Title: "drain / goqite", System: subject, Row: rowDrain, Limit: 15, Of: []string{"goqite"}},
		{Title: "drain / backlite", System: subject, Row: rowDrain, Limit: 25, Of: []string{"backlite"}},
		{Title: "drain of 1M / drain", System: subject, Row: rowDrainBig, Limit: 0.8, Of: []string{subject}, OfRow: rowDrain},
		{Title: "end to end, 64 callers / best peer", System: subject, Row: rowEnd64, Limit: 10, Of: peers},
		{Title: "enqueue to start p50 / fdatasync p50", System: subject, Row: rowP50, Limit: 2.5, AtMost: true, Of: []string{"fdatasync"}},
		{Title: "enqueue to start p99 / fdatasync p99", System: subject, Row: rowP99, Limit: 2, AtMost: true, Of: []string{"fdatasync"}},
	}
}

// figures to aim at on the machine class that they were set for; they do not decide.
func aims() []sheet.Goal {
	return []sheet.Goal{
		{Title: "drain, jobs/s", System: subject, Row: rowDrain, Limit: 60_000},
		{Title: "end to end, 64 callers, jobs/s", System: subject, Row: rowEnd64, Limit: 30_000},
		{Title: "enqueue to start p50, ms", System: subject, Row: rowP50, Limit: 1, AtMost: true},
		{Title: "enqueue to start p99, ms", System: subject, Row: rowP99, Limit: 6, AtMost: true},
	}
}
