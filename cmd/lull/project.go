package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/lullwork/lull/internal/check/extract"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/source"
	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/plan"
)

// planName is the name of a plan beside a project.
const planName = "lull.yaml"

// isDir tells whether an argument names a folder.
func isDir(arg string) bool {
	info, err := os.Stat(arg)
	return err == nil && info.IsDir()
}

// anyPlan reads the plan that an argument stands for: a file, a folder with a lull.yaml in
// it, or a project whose files are read for it.
func anyPlan(ctx context.Context, talk io.Writer, arg, sub string) (*plan.Plan, error) {
	if !isDir(arg) {
		return readPlan(arg)
	}
	file := filepath.Join(arg, planName)
	if _, err := os.Stat(file); err == nil && sub == "" {
		return readPlan(file)
	}
	x, others, err := extracted(ctx, arg, sub)
	if err != nil {
		return nil, err
	}
	if err := saidExtracted(talk, x, arg, others); err != nil {
		return nil, err
	}
	return plan.Parse(filepath.Join(arg, x.Dir), x.YAML())
}

func saidExtracted(talk io.Writer, x *extract.Plan, arg string, others []string) error {
	p := page.Page{W: talk}
	p.Line("lull: %s read from the files of %s; to keep and to correct what was read: lull plan %s > %s",
		count(len(x.Tasks), "background task"), filepath.Join(arg, x.Dir), page.ShellWord(filepath.Join(arg, x.Dir)), planName)
	if n := x.Open(); n > 0 {
		p.Line("lull: the files do not say everything: %s marked ? in that plan", count(n, "value"))
	}
	saidOthers(&p, others)
	return p.Err
}

func saidOthers(p *page.Page, others []string) {
	if len(others) > 0 {
		p.Line("lull: there is more background work in %s: name it with --project", strings.Join(others, ", "))
	}
}

// extracted reads the background work of the project in a folder. sub names one of several;
// without it the folder itself is meant, and others are the projects inside of it that have
// background work too.
func extracted(ctx context.Context, dir, sub string) (x *extract.Plan, others []string, err error) {
	files, err := openProject(dir)
	if err != nil {
		return nil, nil, err
	}
	defer files.Close()
	tree, err := project.Scan(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	if len(tree.Projects) == 0 {
		return nil, nil, usage("name the folder with pubspec.yaml, build.gradle or the Xcode project in it", "%s: no Flutter, Android or iOS project", dir)
	}
	var found []*extract.Plan
	var names []string
	for _, p := range tree.Projects {
		if sub != "" && p.Dir != path.Clean(filepath.ToSlash(sub)) {
			continue
		}
		if x := extract.Of(p); len(x.Tasks) > 0 || sub != "" {
			found = append(found, x)
			names = append(names, p.Dir)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil, nil
	case sub != "" && len(found) == 0:
		return nil, nil, usage("leave --project out to see which there are", "%s: no project %q", dir, sub)
	case len(found) == 0:
		return nil, nil, usage("write them by hand, as in examples/mobile/lull.yaml", "%s: no background work was found in its projects", dir)
	case names[0] == ".": // projects are in the order of their folders
		return found[0], names[1:], nil
	}
	return nil, nil, usage("name one, as --project "+names[0], "%s: %d projects with background work: %s", dir, len(found), strings.Join(names, ", "))
}

// openProject opens a folder to be read.
func openProject(dir string) (*source.Set, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("name the folder of a project", "%s: no such folder", dir)
	case err == nil && !info.IsDir():
		return nil, usage("name the folder of a project", "%s is a file", dir)
	}
	return source.Open(dir)
}
