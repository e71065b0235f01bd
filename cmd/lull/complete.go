package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// This file is what a shell completes besides commands, flags and files: names of tasks.
// Where they are not found nothing is said: somebody is typing.

const nothingElse = cobra.ShellCompDirectiveNoFileComp

// completeTask completes a command's only argument with the tasks of its state.
func completeTask(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, nothingElse
	}
	return stateTasks(c), nothingElse
}

// completeVerb completes what something that happens to an app takes.
func completeVerb(takes string) cobra.CompletionFunc {
	if takes == "TASK" {
		return completeTask
	}
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if takes == "" || len(args) > 0 {
			return nil, nothingElse
		}
		return strings.Split(takes, "|"), nothingElse
	}
}

// completeFlag completes the value of a flag, which the command has, by its arguments.
func completeFlag(c *cobra.Command, flag string, names func(args []string) []string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return names(args), nothingElse
	})
}

// stateTasks names the tasks of the state that a command speaks of.
func stateTasks(c *cobra.Command) (names []string) {
	r, _, _, err := reader(c.Context(), c)
	if err != nil {
		return nil
	}
	defer r.Close()
	tasks, _ := r.Tasks(c.Context())
	for _, t := range tasks {
		names = append(names, t.Name)
	}
	return names
}

// planTasks names the tasks of a plan, or of the project in a folder.
func planTasks(c *cobra.Command, arg, project string) (names []string) {
	p, err := anyPlan(c.Context(), io.Discard, arg, project)
	if err != nil {
		return nil
	}
	for _, t := range p.Tasks {
		names = append(names, t.Name)
	}
	return names
}
