package isolate

import "context"

// Run runs one task in a fresh isolate and waits for its result. It needs no engine and
// keeps nothing: if this process dies, so does the run.
//
// When ctx ends, the run is asked to stop and killed after DefaultGrace; Run returns
// when it is gone. Ports that the function leaves open do not keep it alive. An error
// is an [*ExitError] unless nothing was spawned (ErrNoMain, ErrNoEntry, an input that
// cannot travel). Input and result may have up to MaxMessage bytes. [Spawn] does the
// same with a configuration.
func Run[In, Out any](ctx context.Context, task Task[In, Out], in In) (Out, error) {
	i, err := spawn(ctx, task, in, SpawnConfig{}, &linked{})
	if err != nil {
		var none Out
		return none, err
	}
	return i.Result(context.WithoutCancel(ctx))
}
