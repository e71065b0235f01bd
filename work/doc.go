// Package work holds the values that callers and the engine exchange: what is
// asked for ([Request]), under which conditions ([Constraints]), what became of
// it ([State], [Outcome]) and why it does not run now ([Reason]).
//
// The words are WorkManager's wherever it has one:
//
//   - A task is a named entry point: a Go function or a program.
//   - A request asks for a task with an input and conditions.
//   - A work is the durable unit made from a request. It survives restarts.
//   - A run is one attempt of a work. Each has an epoch, one more than the last.
//   - A constraint is a condition of the device. It is level-triggered: the work
//     waits until it holds, and a running work is stopped when it is lost.
//   - A reason says why a work does not run, since when and, where that is known,
//     until when.
//
// The package holds values and their validation, and nothing else.
package work
