package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// Main is a program that takes the name of a system and a request.
// Exit codes: 0 done, 1 the trial failed, 2 usage.
func Main(systems map[string]func() (System, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, systems, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, systems map[string]func() (System, error), args []string) int {
	if len(args) == 0 || systems[args[0]] == nil {
		fmt.Fprintf(os.Stderr, "the first argument names a system, one of %v\n", slices.Sorted(maps.Keys(systems)))
		return 2
	}
	r, err := ParseRequest(args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	s, err := systems[args[0]]()
	if err == nil {
		err = errors.Join(Run(ctx, s, r, os.Stdin, os.Stdout), s.Close())
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", r.Measure, err)
		return 1
	}
	return 0
}
