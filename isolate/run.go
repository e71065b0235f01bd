package isolate

import (
	"context"
	"encoding/json"
	"fmt"
)

// Run runs one task in a fresh isolate and waits for its result. It needs no engine and
// keeps nothing: if this process dies, so does the run.
//
// When ctx ends, the run is asked to stop and killed after DefaultGrace; Run returns
// when it is gone. An error is an [*ExitError] unless nothing was spawned (ErrNoMain,
// ErrNoEntry, ErrTooLarge, an input that is no JSON). Input and result may have up to
// MaxInput bytes of JSON.
func Run[In, Out any](ctx context.Context, task Task[In, Out], in In) (Out, error) {
	var out Out
	name := task.Name()
	input, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("isolate %s: input: %w", name, err)
	}
	exit, err := runOnce(ctx, Spec{Func: name, Input: input, ResultLimit: MaxInput})
	if err != nil {
		return out, err
	}
	if exit.Outcome != Success {
		return out, &ExitError{Name: name, Exit: exit, Cause: context.Cause(ctx)}
	}
	if err := json.Unmarshal(exit.Result, &out); err != nil {
		return out, fmt.Errorf("isolate %s: result does not fit %T: %w", name, out, err)
	}
	return out, nil
}
