package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/check/format"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/plan"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "explain a rule of lull check",
		Long: "explain says of a rule of lull check what it finds, why the work then silently does not run, what is\n" +
			"seen, and how to mend it. A rule is named as check prints it, or by its id in the catalogue, as E01.",
		Args: exactly("RULE"),
		RunE: func(c *cobra.Command, args []string) error { return explain(c.OutOrStdout(), args[0]) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return rules.All().Names(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func explain(w io.Writer, word string) error {
	found := rules.All().Find(word)
	if len(found) == 0 {
		found = rules.All().Find(strings.ToUpper(word))
	}
	if len(found) == 0 {
		hint := plan.DidYouMean(word, rules.All().Names())
		if hint == "" {
			hint = "lull check --rules lists them"
		}
		return usage(hint, "there is no rule %q", word)
	}
	for i, r := range found {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := format.Explain(w, r); err != nil {
			return err
		}
	}
	return nil
}

// printRules lists the rules by group.
func printRules(w io.Writer) {
	rows := [][]string{{"RULE", "ID", "CERTAINTY", "PLATFORMS", "WHAT IT FINDS"}}
	for _, r := range rules.All() {
		on := "all"
		if len(r.Platforms) > 0 {
			on = strings.Join(r.Platforms, ",")
		}
		id := strings.Join(r.IDs, ",")
		if id == "" {
			id = "-"
		}
		rows = append(rows, []string{r.Name, id, r.Certainty.String(), on, r.Title})
	}
	table(w, rows...)
}
