package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/page"
)

func planCommand() *cobra.Command {
	var sub, output string
	c := &cobra.Command{
		Use:   "plan DIR",
		Short: "write the plan that a project's files contain",
		Long: "plan reads a Flutter, Android or iOS project and writes a lull.yaml with its background work: each\n" +
			"task with its times, its conditions and the place where it stands. What the files do not say is\n" +
			"marked with a ? and the reason.",
		Args: exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			x, others, err := extracted(c.Context(), args[0], sub)
			if err != nil {
				return err
			}
			talk := page.Page{W: c.ErrOrStderr()}
			if saidOthers(&talk, others); talk.Err != nil {
				return talk.Err
			}
			if output == "" {
				_, err = c.OutOrStdout().Write(x.YAML())
				return err
			}
			if _, err := os.Stat(output); err == nil {
				return usage("choose another name, or remove it", "%s is there already", output)
			}
			err = os.WriteFile(output, x.YAML(), 0o644)
			if errors.Is(err, fs.ErrNotExist) {
				return usage("make it first", "%s: no such folder", filepath.Dir(output))
			}
			return err
		},
	}
	c.Flags().StringVar(&sub, "project", "", "`FOLDER` of one project, where DIR has several")
	c.Flags().StringVarP(&output, "output", "o", "", "write to this `FILE`, which must not be there")
	return c
}
