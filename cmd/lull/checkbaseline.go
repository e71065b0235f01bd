package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/page"
)

// baselineFile is the file of the baseline: the one that is named, or that in the folder.
func (f *checkFlags) baselineFile() string {
	if f.baseline != "" {
		return f.baseline
	}
	return filepath.Join(f.dir, check.BaselineFile)
}

// readBaseline returns nil where there is none and none was named.
func (f *checkFlags) readBaseline() (*check.Baseline, error) {
	name := f.baselineFile()
	text, err := f.baselineText(name)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing && f.pruneBaseline:
		return nil, usage("--write-baseline makes one", "%s: there is no baseline to prune", name)
	case missing && (f.baseline == "" || f.writeBaseline):
		return nil, nil
	case missing:
		return nil, usage("--write-baseline makes one", "--baseline: %s: %s", name, reasonOf(err))
	case err != nil:
		return nil, usage("", "baseline %s: %s", name, reasonOf(err))
	}
	b, err := check.ReadBaseline(text)
	if err != nil {
		return nil, usage("mend it, or write it anew: rm "+page.ShellWord(name)+" && lull check --write-baseline "+page.ShellWord(f.dir), "baseline %s: %w", name, err)
	}
	return b, nil
}

// baselineText reads the file; that in the checked folder through no link out of it.
func (f *checkFlags) baselineText(name string) ([]byte, error) {
	open := func() (*os.File, error) { return os.Open(name) }
	if f.baseline == "" {
		open = func() (*os.File, error) { return os.OpenInRoot(f.dir, check.BaselineFile) }
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	const most = 16 << 20
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(text) > most {
		err = errors.New("is larger than 16 MiB")
	}
	return text, err
}

// saveBaseline writes the baseline, of what is found or only of what it still has.
func (f *checkFlags) saveBaseline(r *check.Report, old *check.Baseline) error {
	if old == nil {
		old = check.NewBaseline(nil)
	}
	keep := r.Known()
	if f.writeBaseline {
		keep = append(keep, r.Findings...)
	}
	b := old.With(keep, r.Looked)
	name := f.baselineFile()
	if err := os.WriteFile(name, b.Encode(), 0o644); err != nil {
		return usage("", "baseline %s: %s", name, reasonOf(err))
	}
	if f.writeBaseline {
		r.Accept()
	}
	r.Gone = 0
	fmt.Fprintf(f.stderr, "lull: %s has %s\n", name, count(b.Len(), "finding"))
	return nil
}
