package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/sqlitestore"
	"github.com/lullwork/lull/work"
)

// The rules of what is printed: data goes to stdout, talk to stderr. Messages begin
// in lower case and have no full stop. An error says what is wrong and where, then a
// line with a hint. Nothing is coloured but on a terminal, and not with NO_COLOR.

// Exit codes.
const (
	exitDone     = 0
	exitFindings = 1 // a work failed, or something was found
	exitUsage    = 2 // usage or bad input
	exitInternal = 3
	exitSignal   = 130 // a signal came before it was done
)

// errFindings ends a command with exit code 1; what was found is printed already.
var errFindings = errors.New("findings")

// usageError is a mistake of the caller's.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	err = unknownCommand(root, err)
	if !errors.Is(err, errFindings) {
		printError(stderr, err)
	}
	return exitCode(err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "lull",
		Short:         "background work that tells the truth",
		Long:          "lull runs background work when the device's conditions allow, kills what hangs,\nretries what failed, loses nothing, and says why what does not run does not run.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().String("state", "", "folder of the state (default: .lull beside the plan, here or in a parent folder)")
	root.Flags().Bool("version", false, "version of lull")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if asked, _ := c.Flags().GetBool("version"); asked {
			_, err := fmt.Fprintln(c.OutOrStdout(), version())
			return err
		}
		return c.Help()
	}
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(simCommand(), runCommand(), lsCommand(), logCommand(), whyCommand(), enqueueCommand(), cancelCommand(), appCommand(),
		deviceCommand(), promiseCommand(), verifyCommand(), checkCommand(), explainCommand(), planCommand(), reportCommand(), initCommand())
	return root
}

// version says what this program was built from, as far as that is known.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "lull (unknown version)"
	}
	out := "lull " + cmp.Or(b.Main.Version, "(devel)")
	for _, s := range b.Settings {
		// A version that was made up from a revision names both already.
		if s.Key == "vcs.revision" && !strings.Contains(out, s.Value[:min(len(s.Value), 12)]) {
			out += " " + s.Value
		}
	}
	return fmt.Sprintf("%s, %s, %s/%s", out, b.GoVersion, runtime.GOOS, runtime.GOARCH)
}

// exactly is cobra.ExactArgs with an error that says what is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage("see "+c.CommandPath()+" --help", "%s: %s is missing", c.Name(), names[len(args)])
		case len(args) > len(names):
			return usage("see "+c.CommandPath()+" --help", "%s: unexpected argument %q", c.Name(), args[len(names)])
		}
		return nil
	}
}

// flagError puts what is wrong with a flag into our words.
func flagError(c *cobra.Command, err error) error {
	hint := "see " + c.CommandPath() + " --help"
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &missing):
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := plan.DidYouMean(missing.GetSpecifiedName(), names); strings.HasPrefix(near, "did you mean") && missing.GetSpecifiedShortnames() == "" {
			hint = strings.Replace(near, `"`, `"--`, 1)
		}
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int":
		return usage(hint, "--%s: %q is no whole number", invalid.GetFlag().Name, invalid.GetValue())
	}
	return usage(hint, "%w", err)
}

// unknownCommand puts cobra's words for an unknown command into ours.
func unknownCommand(root *cobra.Command, err error) error {
	var word string
	if _, scanErr := fmt.Sscanf(err.Error(), "unknown command %q for", &word); scanErr != nil {
		return err
	}
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	hint := plan.DidYouMean(word, names)
	if hint == "" {
		hint = "lull --help lists the commands"
	}
	return usage(hint, "unknown command %q", word)
}

func exitCode(err error) int {
	var u *usageError
	var p plan.Errors
	var w *work.Error
	switch {
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, context.Canceled):
		return exitSignal
	case errors.As(err, &u), errors.As(err, &p), errors.As(err, &w), errors.Is(err, fs.ErrNotExist),
		errors.Is(err, work.ErrInvalid), errors.Is(err, store.ErrLocked):
		return exitUsage
	}
	return exitInternal
}

// printError writes what is wrong, and what to do about it where that is known.
func printError(w io.Writer, err error) {
	if errors.Is(err, context.Canceled) {
		printLine(w, "interrupted", "")
		return
	}
	var p plan.Errors
	if errors.As(err, &p) {
		for _, e := range p {
			printLine(w, e.Error(), e.Hint)
		}
		return
	}
	printLine(w, firstLine(err), hintOf(err))
}

// firstLine makes one line of an error that several others were joined in, each told once.
func firstLine(err error) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

func printLine(w io.Writer, message, hint string) {
	fmt.Fprintf(w, "lull: %s\n", message)
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

func hintOf(err error) string {
	var u *usageError
	var s *sqlitestore.Error
	var w *work.Error
	switch {
	case errors.Is(err, store.ErrLocked):
		return "lull ls, why, log, enqueue and cancel work beside it; stop it first, or name another state with --state"
	case errors.As(err, &u) && u.hint != "":
		return u.hint
	case errors.As(err, &w) && w.Hint != "":
		return w.Hint
	case errors.As(err, &s) && s.Hint != "":
		return s.Hint
	case errors.Is(err, work.ErrDataTooLarge):
		return "pass the name of a file, or a key, instead of the data"
	case errors.Is(err, work.ErrUnknownTask):
		return "lull ls --tasks lists the tasks of this state"
	case errors.Is(err, work.ErrUnknownWork):
		return "lull ls lists the works"
	case errors.Is(err, os.ErrPermission):
		return "check who owns the folder"
	}
	return ""
}
