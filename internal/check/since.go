package check

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/diff"
	"github.com/lullwork/lull/internal/check/finding"
)

// ErrSince is that a revision cannot be compared with.
var ErrSince = errors.New("cannot compare with the revision")

// since divides findings into those that lie in lines changed since a revision of git,
// where they are or where something related is, and the others. "REV..." stands for where
// HEAD left REV. read reads a file as it is now.
//
// Only objects are read out of git, and compared here. git diff would run what the checked
// folder's own configuration names: filters, drivers, a monitor of files.
func since(ctx context.Context, dir, rev string, list []*finding.Finding, read func(file string) []byte) (touched, untouched []*finding.Finding, err error) {
	g := git{ctx, dir}
	commit, err := g.commit(rev)
	if err != nil {
		return nil, nil, err
	}
	var files []string
	for _, f := range list {
		for _, p := range places(f) {
			files = append(files, p.File)
		}
	}
	slices.Sort(files)
	files = slices.Compact(files)
	old, err := g.blobs(commit, files)
	if err != nil {
		return nil, nil, err
	}
	changed := map[string]*lines{}
	for _, file := range files {
		changed[file] = changedLines(old[file], read(file))
	}
	for _, f := range list {
		if slices.ContainsFunc(places(f), func(p finding.Place) bool { return changed[p.File].touch(p, read(p.File)) }) {
			touched = append(touched, f)
		} else {
			untouched = append(untouched, f)
		}
	}
	return touched, untouched, nil
}

func places(f *finding.Finding) []finding.Place {
	all := []finding.Place{f.Place}
	for _, r := range f.Related {
		all = append(all, r.Place)
	}
	return all
}

// lines are the lines of a file that changed.
type lines struct {
	all  bool // the file is new
	runs []diff.Change
}

// changedLines compares a file with what it was, nil where it was not there.
func changedLines(old *[]byte, now []byte) *lines {
	if old == nil {
		return &lines{all: true}
	}
	return &lines{runs: diff.Of(diff.Lines(*old), diff.Lines(now))}
}

// touch tells whether a place has changed. Where lines are gone, both neighbours have.
func (l *lines) touch(p finding.Place, text []byte) bool {
	switch {
	case l.all:
		return true
	case p.End == 0 && p.Line <= 1: // the file itself
		return len(l.runs) > 0
	}
	from, to := p.Line-1, p.Line
	if p.End > p.Start && p.End <= len(text) {
		to += bytes.Count(text[p.Start:p.End-1], []byte{'\n'})
	}
	return slices.ContainsFunc(l.runs, func(c diff.Change) bool {
		if c.B == c.BEnd {
			return from <= c.B && c.B-1 < to
		}
		return from < c.BEnd && c.B < to
	})
}

// git reads the repository around a folder.
type git struct {
	ctx context.Context
	dir string
}

// run runs git so that nothing else is run, and nothing is written or asked.
func (g git) run(stdin []byte, args ...string) ([]byte, error) {
	args = append([]string{
		"--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull,
		"-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never",
	}, args...)
	c := exec.CommandContext(g.ctx, "git", args...)
	c.Dir = g.dir
	c.Stdin = bytes.NewReader(stdin)
	for _, e := range os.Environ() {
		// A hook's variables name the repository of the hook. Configuration is the caller's own.
		if !strings.HasPrefix(e, "GIT_") || strings.HasPrefix(e, "GIT_CONFIG") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	if err := c.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("%w: there is no git here", ErrSince)
		}
		why, _, _ := strings.Cut(strings.TrimSpace(talk.String()), "\n")
		if why == "" {
			why = err.Error()
		}
		return nil, fmt.Errorf("%w: git %s: %s", ErrSince, args[10], strings.TrimPrefix(why, "fatal: "))
	}
	return out.Bytes(), nil
}

func (g git) commit(rev string) (string, error) {
	if base, ok := strings.CutSuffix(rev, "..."); ok && base != "" {
		from, err := g.commit(base)
		if err != nil {
			return "", err
		}
		out, err := g.run(nil, "merge-base", from, "HEAD")
		if err != nil {
			return "", fmt.Errorf("%w: %q and HEAD have no commit in common here: a shallow clone needs more of its history", ErrSince, base)
		}
		return strings.TrimSpace(string(out)), nil
	}
	if _, err := g.run(nil, "rev-parse", "--git-dir"); err != nil {
		return "", err
	}
	out, err := g.run(nil, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%w: there is no commit %q here: a shallow clone needs more of its history", ErrSince, rev)
	}
	return strings.TrimSpace(string(out)), nil
}

// blobs returns what files held at a commit; files that were not there are left out.
func (g git) blobs(commit string, files []string) (map[string]*[]byte, error) {
	ids := map[string]string{}
	for part := range slices.Chunk(files, 200) {
		out, err := g.run(nil, append([]string{"ls-tree", "-z", commit, "--"}, part...)...)
		if err != nil {
			return nil, err
		}
		for line := range strings.SplitSeq(string(out), "\x00") {
			head, file, ok := strings.Cut(line, "\t")
			if f := strings.Fields(head); ok && len(f) == 3 && f[1] == "blob" {
				ids[file] = f[2]
			}
		}
	}
	var ask bytes.Buffer
	var asked []string
	for _, file := range files {
		if id := ids[file]; id != "" {
			asked = append(asked, file)
			ask.WriteString(id + "\n")
		}
	}
	out, err := g.run(ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	found := map[string]*[]byte{}
	r := bufio.NewReader(bytes.NewReader(out))
	for _, file := range asked {
		head, err := r.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("%w: git cat-file: its answer ends early", ErrSince)
		}
		f := strings.Fields(head)
		if len(f) != 3 { // missing: of a partial clone
			continue
		}
		size, err := strconv.Atoi(f[2])
		if err != nil || size < 0 || size > len(out) {
			return nil, fmt.Errorf("%w: git cat-file: %q", ErrSince, strings.TrimSpace(head))
		}
		text := make([]byte, size+1)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, fmt.Errorf("%w: git cat-file: its answer ends early", ErrSince)
		}
		text = text[:size]
		found[file] = &text
	}
	return found, nil
}
