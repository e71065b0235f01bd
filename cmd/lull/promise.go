package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/policy/host"
)

func promiseCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "promise PLAN",
		Short: "say, task by task, what is guaranteed",
		Long:  "promise says what a host guarantees for each task of a plan. What Android and iOS\nguarantee is not built yet.",
		Args:  exactly("PLAN"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			layers, err := lull.ReadLayers()
			if err != nil {
				return err
			}
			var all []host.Promise
			for _, t := range p.Tasks {
				q := t.Request
				x := host.PromiseOf(&q, t.Modelled, t.OnDemand).OnThisHost(&q, live.LayerFacts(layers))
				if len(t.After) > 0 {
					x.Period = "after " + strings.Join(t.After, " and ")
				}
				all = append(all, x)
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), all)
			}
			printPromises(c.OutOrStdout(), all)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// classes says what each class means, in the order of what is promised.
var classes = []struct {
	class host.Class
	means string
}{
	{host.Guaranteed, "runs at its time, as soon as an engine runs"},
	{host.Deferred, "runs once its conditions hold, however long that takes"},
	{host.Opportunistic, "may run when it suits the platform"},
	{host.None, "never runs"},
}

func printPromises(w io.Writer, all []host.Promise) {
	rows := [][]string{{"TASK", "ON A HOST", "RUNS", "LONGEST RUN", "BUT"}}
	used := map[host.Class]bool{}
	for _, x := range all {
		used[x.Class] = true
		rows = append(rows, []string{x.Task, string(x.Class), x.Period, limit(x.Longest), x.But})
	}
	table(w, rows...)
	fmt.Fprintln(w)
	for _, c := range classes {
		if used[c.class] {
			fmt.Fprintf(w, "%s: %s\n", c.class, c.means)
		}
	}
	fmt.Fprintln(w, "All of it survives a crash, a restart and a power cut; a run that is lost with its engine is repeated.")
}

func limit(d time.Duration) string {
	if d == 0 {
		return "no limit"
	}
	return short(d)
}
