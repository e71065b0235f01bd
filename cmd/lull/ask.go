package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/httpapi"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

func enqueueCommand() *cobra.Command {
	var q httpapi.TaskRequest
	var input, delay, policy string
	c := &cobra.Command{
		Use:   "enqueue TASK",
		Short: "make a work of a task",
		Long:  "enqueue makes a work of a task, with the conditions that the plan gives it, and prints\nits ID once it is durable. It works with the engine running or not.",
		Args:  exactly("TASK"),
		RunE: func(c *cobra.Command, args []string) error {
			q.Task = args[0]
			if input != "" {
				if !json.Valid([]byte(input)) {
					return usage(`write it as --input '{"key": "value"}'`, "--input is no valid JSON")
				}
				q.Input = json.RawMessage(input)
			}
			if delay != "" {
				d, err := plan.ParseDuration(delay)
				if err != nil {
					return usage("write it as 90s, 15m or 2h", "--delay: %w", err)
				}
				q.Delay = d
			}
			if policy != "" && q.Unique.Name == "" {
				return usage("name the work with --unique NAME", "--policy without --unique")
			}
			q.Unique.Policy = work.Policy(policy)
			a, err := ask(c, "enqueue", q, func(ctx context.Context, e httpapi.Engine) (httpapi.Answer, error) {
				id, err := e.EnqueueTask(ctx, q)
				return httpapi.Answer{ID: id}, err
			})
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), a.ID)
			return nil
		},
	}
	c.ValidArgsFunction = completeTask
	f := c.Flags()
	f.StringVar(&input, "input", "", "input as JSON (default: the plan's)")
	f.StringVar((*string)(&q.ID), "id", "", "ID of the work; asking twice with the same one makes one work (default: made up)")
	f.StringVar(&delay, "delay", "", "wait before the first run, as 15m")
	f.StringSliceVar(&q.Tags, "tag", nil, "tag of the work; may be given more than once")
	f.StringVar(&q.Unique.Name, "unique", "", "name that at most one unfinished work has (default: the plan's)")
	f.StringVar(&policy, "policy", "", "if the name is taken: keep, replace, append, append-or-replace or update (default: keep)")
	return c
}

func cancelCommand() *cobra.Command {
	var q httpapi.CancelRequest
	c := &cobra.Command{
		Use:   "cancel ID|TASK",
		Short: "cancel works and all that come after them",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || (len(args) == 1) == (q.Tag != "" || q.Name != "") || q.Tag != "" && q.Name != "" {
				return usage("lull cancel ID, --tag TAG or --unique NAME", "cancel wants exactly one of an ID, --tag and --unique")
			}
			n := 0
			for more := true; more; {
				ids := []work.ID{""}
				if len(args) == 1 {
					var err error
					if ids, err = meant(c, args[0], cancelPage); err != nil {
						return err
					}
				}
				before := n
				for _, id := range ids {
					one := q
					one.ID = id
					a, err := ask(c, "cancel", one, one.CarryOut)
					if err != nil {
						return err
					}
					n += a.Cancelled
				}
				more = len(ids) == cancelPage && n > before
			}
			fmt.Fprintf(c.OutOrStdout(), "%s cancelled\n", count(n, "work"))
			return nil
		},
	}
	c.ValidArgsFunction = completeTask
	c.Flags().StringVar(&q.Tag, "tag", "", "cancel the works with this tag")
	c.Flags().StringVar(&q.Name, "unique", "", "cancel the works with this unique name")
	return c
}

// cancelPage is how many works of a task are looked up at a time.
const cancelPage = 1000

// meant finds the works that a word means, at most so many.
func meant(c *cobra.Command, word string, most int) ([]work.ID, error) {
	r, _, _, err := reader(c.Context(), c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return resolve(c.Context(), r, word, most)
}

// ask asks the engine that runs on the state or, if none does, opens the state for
// a moment: the core decides in both cases, but nothing is started.
func ask(c *cobra.Command, what string, q any, direct func(context.Context, httpapi.Engine) (httpapi.Answer, error)) (httpapi.Answer, error) {
	s, err := findState(c)
	if err != nil {
		return httpapi.Answer{}, err
	}
	var a httpapi.Answer
	err = patiently(c.Context(), func() (again bool, err error) {
		if a, err = httpapi.Ask(c.Context(), s.socket(), what, q); !errors.Is(err, httpapi.ErrNobody) {
			return false, err
		}
		eng, err := lull.Open(c.Context(), lull.Config{Store: s.store(), Journal: s.journal(), Keep: -time.Second, Phone: lull.Phone{Stored: true}})
		if err != nil {
			// An engine that does not serve its socket yet, or another command, has it.
			return errors.Is(err, store.ErrLocked), err
		}
		a, err = direct(c.Context(), socketEngine{eng, nil})
		if err == nil {
			fmt.Fprintln(c.ErrOrStderr(), noEngine)
		}
		return false, errors.Join(err, eng.Close())
	})
	return a, err
}

const noEngine = "lull: no engine runs on this state; lull run PLAN starts one"
