package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/internal/store/sqlitestore"
	"github.com/lullwork/lull/sqlite"
)

// stateName is the folder of the state, beside the plan.
const stateName = ".lull"

// state is the folder in which an engine keeps everything.
type state string

func (s state) database() string { return filepath.Join(string(s), "lull.db") }
func (s state) journal() string  { return filepath.Join(string(s), "journal.jsonl") }
func (s state) runs() string     { return filepath.Join(string(s), "runs") }
func (s state) cache() string    { return filepath.Join(string(s), "cache") }
func (s state) socket() string   { return filepath.Join(string(s), "sock") }

func (s state) store() store.Opener { return sqlite.File(s.database()) }

// make makes the folder, for this user only, and keeps it out of version control.
func (s state) make() error {
	if err := os.MkdirAll(string(s), 0o700); err != nil {
		return fmt.Errorf("folder of the state: %w", err)
	}
	ignore := filepath.Join(string(s), ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		// Not worth failing for.
		_ = os.WriteFile(ignore, []byte("*\n"), 0o600)
	}
	return nil
}

// findState finds the state that a command speaks of: --state, or .lull here or in
// the nearest parent folder. What somebody else has put into a folder above does not
// count.
func findState(c *cobra.Command) (state, error) {
	if name, _ := c.Flags().GetString("state"); name != "" {
		s := state(name)
		if _, err := os.Stat(s.database()); err != nil {
			return "", usage("lull run PLAN makes one", "no state in %s", name)
		}
		return s, nil
	}
	return searchState()
}

// searchState is findState without --state.
func searchState() (state, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		s := state(filepath.Join(dir, stateName))
		if info, err := os.Stat(s.database()); err == nil && own(info) {
			return s, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", usage("go to the folder of the plan, or name the state with --state; lull run PLAN makes one",
				"no %s here or in a folder above", stateName)
		}
		dir = up
	}
}

// reader opens the state that a command speaks of, and says whether an engine runs
// on it.
func reader(ctx context.Context, c *cobra.Command) (*lull.Reader, state, bool, error) {
	s, err := findState(c)
	if err != nil {
		return nil, "", false, err
	}
	r, err := lull.Browse(ctx, s.store())
	if err != nil {
		return nil, "", false, err
	}
	_, running := sqlitestore.Holder(s.database())
	return r, s, running, nil
}
