package main

import (
	"slices"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// ours lists the kinds of isolates of this repository.
func ours() []system {
	all := append(slices.Clone(ordinary), trial.Transfer, trial.Leaks)
	return []system{
		{
			name: "child-ring", program: hostName, args: []string{"child"}, only: all,
			setup: "isolate.Spawn, a process; messages through shared memory (Linux)",
		},
		{
			name: "child-pipe", program: hostName, tags: "pipelink", args: []string{"child"}, only: all,
			setup: "the same through pipes, as on other systems (built with -tags pipelink)",
		},
		{
			name: "warm", program: hostName, args: []string{"warm"}, only: []string{trial.Spawn, trial.Lives, trial.Leaks},
			setup: "child-ring with Config.Warm of 4; spawn: 4 starts in a row, then 20 ms for the pool; lives: as fast as it goes, so the pool runs dry",
		},
		{
			name: "warm-alone", program: hostName, args: []string{"warm-alone"}, only: []string{trial.Spawn},
			setup: "the same with one start each 20 ms: the processor of the isolate has halted meanwhile",
		},
		{
			name: "wasm", program: "hostwasm", args: []string{"wasm"}, only: append(slices.Clone(ordinary), trial.Leaks),
			setup: "isolate/wasm: Module.Spawn of a module of 200 bytes, compiled once; in the host's process",
		},
		{
			name: "inline", program: hostName, args: []string{"inline"}, only: all, live: hundred,
			setup: "isolate.Spawn of an isolate.Inline entry: a goroutine that gets encoded copies",
		},
	}
}
