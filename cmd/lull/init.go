package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/mend"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/scaffold"
	"github.com/lullwork/lull/internal/page"
)

func initCommand() *cobra.Command {
	var diff bool
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "let a project log and test its background work",
		Long: "init writes plain code into a project, which depends on nothing of lull: a run log into its\n" +
			"background callbacks (Dart), workers (Kotlin) and BGTask handlers (Swift), tests that start each\n" +
			"callback as the platform does, and a step for CI. It overwrites no file, and a second time it changes\n" +
			"nothing. What it cannot change safely it lists, with what to write.\n\n" +
			"A line of the log is a JSON object: at, task, platform, app_version, scheduled, started, ended,\n" +
			"outcome (running, success, retry, failure, stopped), stop_reason, error. docs/runlog.md says more.",
		Args: exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			return scaffolded(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), args[0], diff)
		},
	}
	c.Flags().BoolVar(&diff, "diff", false, "print what would change as a diff, and change nothing")
	return c
}

func scaffolded(ctx context.Context, out, talk io.Writer, dir string, diff bool) error {
	files, err := openProject(dir)
	if err != nil {
		return err
	}
	defer files.Close()
	tree, err := project.Scan(ctx, files)
	if err != nil {
		return err
	}
	if len(tree.Projects) == 0 {
		return usage("name the folder with pubspec.yaml, build.gradle or the Xcode project in it", "%s: no Flutter, Android or iOS project", dir)
	}
	made, err := scaffold.Make(files, tree)
	if err != nil {
		return err
	}
	m := mend.Mending{Was: map[string][]byte{}, Now: map[string][]byte{}}
	edits := map[string][]finding.Edit{}
	for _, e := range made.Edits {
		edits[e.File] = append(edits[e.File], e)
	}
	for file, list := range edits {
		was, err := files.Read(file)
		if err != nil {
			return err
		}
		now, ok := mend.Apply(was, list)
		if !ok {
			return fmt.Errorf("%s: edits overlap", file)
		}
		m.Was[file], m.Now[file] = was, now
	}
	for _, f := range made.Files {
		m.Now[f.Path] = []byte(f.Text)
	}
	if diff {
		if _, err := out.Write(m.Diff(func(file string) string { return path.Join(prefix(dir), file) })); err != nil {
			return err
		}
	} else if _, err := m.Write(dir); err != nil {
		return usage("nothing else was written", "%w", err)
	}
	return saidScaffolded(talk, dir, made, &m, diff)
}

func saidScaffolded(talk io.Writer, dir string, made *scaffold.Result, m *mend.Mending, diff bool) error {
	p := page.Page{W: talk}
	verb := map[bool]string{false: "wrote", true: "would write"}[diff]
	for _, file := range slices.Sorted(maps.Keys(m.Now)) {
		p.Line("lull: %s %s", verb, file)
	}
	for _, file := range made.Kept {
		p.Line("lull: %s is there already and stays as it is", file)
	}
	for _, n := range made.ByHand {
		p.Line("by hand: %s:%d: %s", n.Place.File, n.Place.Line, strings.ReplaceAll(strings.TrimRight(n.Text, "\n"), "\n", "\n    "))
	}
	switch {
	case len(m.Now) == 0 && len(made.ByHand) == 0 && len(made.Kept) == 0:
		p.Line("lull: no callback, worker or BGTask handler was found in %s", dir)
	case len(m.Now) == 0:
		p.Line("lull: nothing to write")
	case diff:
		p.Line("next: lull init %s", page.ShellWord(dir))
	default:
		p.Line("next: lull check %s", page.ShellWord(dir))
	}
	return p.Err
}
