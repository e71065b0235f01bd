// Package core decides what runs, when, and what becomes of it. It is pure: it
// reads no clock, does no I/O, takes no lock and starts no goroutine, so the same
// decisions are made on a real machine and in a simulation.
//
// A driver feeds a [Machine] with events and carries out what comes back:
//
//	needs := m.Needs(ev)            // rows that the step will look at
//	rows  := …                      // read through the uncommitted batch, then the store
//	out   := m.Step(at, ev, rows)   // decides
//
// The driver's duties:
//
//   - Order. Events have one order and times that never go back. Everything in
//     Output.Then is stepped at the same time before any other event.
//   - Persist, then act. Output.Tx is committed before Output.Effects are performed
//     and Output.Reply is given. Many steps may share one commit. Then must not be
//     cut off by a commit.
//   - Prune. A step that prunes is committed before the next event is stepped, as
//     only the store knows what went.
//   - Come back. Each Start effect leads to one [Ended] and then one [Reaped] event,
//     when nothing of the run is left. Each effect is carried out once.
//   - Wake. A [Tick] is stepped at Output.Wake at the latest.
//   - Give up. After a commit error no effect is performed, the machine is thrown
//     away, and a new one is restored from the store and stepped with [Recover] and
//     the runs that are alive. Kept results are then stepped again: they are
//     idempotent by work and epoch.
//
// Output and what it points to belong to the machine and are valid until the next
// step; rows handed out in Output.Tx may change in later steps and are to be
// written as they are at the commit.
//
// Instants are int64 microseconds of engine time, unless a name says wall.
package core
