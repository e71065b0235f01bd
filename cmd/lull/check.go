package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/format"
	"github.com/lullwork/lull/internal/check/mend"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/plan"
)

// checkFlags are the flags of lull check.
type checkFlags struct {
	format, output, failOn       string
	exitZero                     bool
	rules, skip, platforms       []string
	since, baseline              string
	writeBaseline, pruneBaseline bool
	fix, diff, list              bool
	fails                        finding.Certainty
	stdout, stderr               io.Writer
	dir                          string
}

func checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "find the mistakes that make background work silently not run",
		Long: "check reads the Flutter, Android and iOS projects in a folder (default: here) and finds what makes their\n" +
			"background work silently not run. It runs nothing of them and reads nothing outside of the folder.\n\n" +
			"A finding is an error (the files prove it), a warning (likely) or a hint (it depends on what is meant).\n" +
			"It exits with 1 if there is a finding at or above --fail-on. What it could not check it lists.\n\n" +
			"A comment on the line, or above it, hides a finding: // lull:ignore RULE[, RULE] reason. In XML it is\n" +
			"<!-- lull:ignore RULE reason -->, in YAML and properties # lull:ignore RULE reason; lull:ignore-file is\n" +
			"for all of a file. A baseline hides what was found when it was written.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("see "+c.CommandPath()+" --help", "check: unexpected argument %q", args[1])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			f.dir = "."
			if len(args) == 1 {
				f.dir = args[0]
			}
			f.stdout, f.stderr = c.OutOrStdout(), c.ErrOrStderr()
			return f.run(c.Context())
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.format, "format", "pretty", strings.Join(format.Names(), ", "))
	fs.StringVar(&f.output, "output", "", "file to write to (default: stdout)")
	fs.StringVar(&f.failOn, "fail-on", "error", "exit with 1 from this certainty on: error, warning or hint")
	fs.BoolVar(&f.exitZero, "exit-zero", false, "exit with 0 whatever is found")
	fs.StringSliceVar(&f.rules, "rule", nil, "only these rules, by name or catalogue id")
	fs.StringSliceVar(&f.skip, "skip", nil, "not these rules")
	fs.StringSliceVar(&f.platforms, "platform", nil, "only rules that matter on these platforms: "+strings.Join(rules.Platforms(), ", "))
	fs.StringVar(&f.since, "since", "", "only what lies in lines changed since a revision of git; main... since this branch left main")
	fs.StringVar(&f.baseline, "baseline", "", "file of known findings (default: "+check.BaselineFile+" in DIR, where it is there)")
	fs.BoolVar(&f.writeBaseline, "write-baseline", false, "write what is found now to the baseline")
	fs.BoolVar(&f.pruneBaseline, "prune-baseline", false, "take out of the baseline what is not found any more")
	fs.BoolVar(&f.fix, "fix", false, "make the safe edits, check anew, and print what is left")
	fs.BoolVar(&f.diff, "diff", false, "print the safe edits as a diff and change nothing, also with --fix")
	fs.BoolVar(&f.list, "rules", false, "list the rules")
	return c
}

func (f *checkFlags) run(ctx context.Context) error {
	if f.list {
		printRules(f.stdout)
		return nil
	}
	cfg, err := f.config()
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		roomy()
	}
	var r *check.Report
	if f.fix || f.diff {
		r, err = f.mend(ctx, cfg)
	} else {
		r, err = check.Run(ctx, f.dir, cfg)
	}
	if err != nil {
		return f.told(err)
	}
	if f.writeBaseline || f.pruneBaseline {
		if err := f.saveBaseline(r, cfg.Known); err != nil {
			return err
		}
	}
	if !f.diff {
		if err := f.print(r); err != nil {
			return err
		}
	}
	f.next(r)
	switch {
	case len(r.Broken) > 0:
		return fmt.Errorf("%s %w: %s", count(len(r.Broken), "rule"), check.ErrBroken, strings.Join(r.Broken, "; "))
	case len(r.Projects) == 0:
		return usage("name the folder of an app, or one above it", "%s: there is no Flutter, Android or iOS project", f.dir)
	case !f.exitZero && r.Worst() >= f.fails:
		return errFindings
	}
	return nil
}

// config reads the flags.
func (f *checkFlags) config() (check.Config, error) {
	cfg := check.Config{Rules: f.rules, Skip: f.skip, Platforms: f.platforms, Since: f.since}
	if !slices.Contains(format.Names(), f.format) {
		return cfg, usage(plan.DidYouMean(f.format, format.Names()), "unknown format %q", f.format)
	}
	var ok bool
	if f.fails, ok = finding.CertaintyOf(f.failOn); !ok {
		return cfg, usage(plan.DidYouMean(f.failOn, []string{"error", "warning", "hint"}), "--fail-on: unknown certainty %q", f.failOn)
	}
	for _, name := range f.platforms {
		if !slices.Contains(rules.Platforms(), name) {
			return cfg, usage(plan.DidYouMean(name, rules.Platforms()), "--platform: unknown platform %q", name)
		}
	}
	writes := f.writeBaseline || f.pruneBaseline
	switch {
	case f.writeBaseline && f.pruneBaseline:
		return cfg, usage("to write it anew prunes it too", "--write-baseline and --prune-baseline do not go together")
	case writes && f.since != "":
		return cfg, usage("", "a baseline is of all findings: it does not go together with --since")
	case writes && (f.fix || f.diff):
		return cfg, usage("mend first, then write the baseline", "a baseline is not written together with --fix or --diff")
	case f.diff && f.format != "pretty":
		return cfg, usage("", "--diff prints a diff, and takes no --format")
	}
	if info, err := os.Stat(f.dir); err != nil || !info.IsDir() {
		if err == nil {
			err = errors.New("is no folder")
		}
		return cfg, usage("", "%s: %s", f.dir, reasonOf(err))
	}
	var err error
	cfg.Known, err = f.readBaseline()
	return cfg, err
}

// reasonOf is what is wrong with a file, without its name.
func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// told puts an error of a check into the words of the command line.
func (f *checkFlags) told(err error) error {
	var unknown *check.UnknownRule
	switch {
	case errors.As(err, &unknown):
		hint := plan.DidYouMean(unknown.Name, rules.All().Names())
		if hint == "" {
			hint = "lull check --rules lists them"
		}
		return usage(hint, "unknown rule %q", unknown.Name)
	case errors.Is(err, check.ErrSince):
		return usage("", "--since: %w", err)
	}
	return err
}

// mend makes the edits, or shows them.
func (f *checkFlags) mend(ctx context.Context, cfg check.Config) (*check.Report, error) {
	m, err := mend.Plan(ctx, f.dir, cfg)
	if err != nil {
		return nil, err
	}
	if len(m.Mended) == 0 {
		fmt.Fprintln(f.stderr, "lull: no finding here has a safe edit: nothing is changed")
		return m.Before, nil
	}
	if f.diff {
		if err := f.write(m.Diff(func(file string) string { return path.Join(prefix(f.dir), file) })); err != nil {
			return nil, err
		}
		fmt.Fprintf(f.stderr, "lull: nothing is changed; --fix would mend %s in %s\n", count(len(m.Mended), "finding"), count(len(m.Now), "file"))
		return m.Before, nil
	}
	written, err := m.Write(f.dir)
	if err != nil {
		return nil, usage("what was written: "+strings.Join(append(written, "nothing else"), ", "), "%w", err)
	}
	fmt.Fprintf(f.stderr, "lull: mended %s in %s\n", count(len(m.Mended), "finding"), count(len(written), "file"))
	return m.After, nil
}

func (f *checkFlags) print(r *check.Report) error {
	var out bytes.Buffer
	o := format.Options{Prefix: prefix(f.dir), Colour: f.output == "" && coloured() && terminal(f.stdout) != nil}
	if err := format.Write(&out, f.format, r, o); err != nil {
		return err
	}
	return f.write(out.Bytes())
}

// write puts the data where it belongs.
func (f *checkFlags) write(data []byte) error {
	if f.output == "" || f.output == "-" {
		_, err := f.stdout.Write(data)
		return err
	}
	if err := os.WriteFile(f.output, data, 0o644); err != nil {
		return usage("", "--output: %s: %s", f.output, reasonOf(err))
	}
	return nil
}

// prefix is the checked folder as seen from here, if it is inside.
func prefix(dir string) string {
	if filepath.IsAbs(dir) {
		here, err := os.Getwd()
		if err != nil {
			return ""
		}
		if dir, err = filepath.Rel(here, dir); err != nil {
			return ""
		}
	}
	if dir = filepath.Clean(dir); !filepath.IsLocal(dir) {
		return ""
	}
	return filepath.ToSlash(dir)
}

// next ends with what was found and the command to type next.
func (f *checkFlags) next(r *check.Report) {
	if len(r.Projects) > 0 { // else the error says so
		fmt.Fprintf(f.stderr, "lull: %s\n", format.Summary(r))
	}
	var worst *finding.Finding
	mendable := 0
	for _, x := range r.Findings {
		if worst == nil || x.Certainty > worst.Certainty {
			worst = x
		}
		if len(x.Edits) > 0 {
			mendable++
		}
	}
	dir := page.ShellWord(f.dir)
	next := func(format string, args ...any) { fmt.Fprintf(f.stderr, "next: "+format+"\n", args...) }
	switch {
	case len(r.Projects) == 0:
	case f.diff && mendable > 0:
		next("lull check --fix %s", dir)
	case r.Gone > 0 && !f.pruneBaseline && !f.writeBaseline:
		next("lull check --prune-baseline %s takes out of the baseline what is gone: %s", dir, count(r.Gone, "finding"))
	case mendable > 0 && !f.fix:
		next("lull check --fix --diff %s shows how to mend %s", dir, count(mendable, "finding"))
	case worst != nil:
		next("lull explain %s", worst.Rule)
	default:
		next("lull report %s", dir)
	}
}
