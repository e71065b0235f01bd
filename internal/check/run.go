package check

import (
	"context"
	"slices"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/check/source"
)

// Run checks the projects in a folder.
func Run(ctx context.Context, dir string, cfg Config) (*Report, error) {
	files, err := source.Open(dir)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	tree, err := project.Scan(ctx, files)
	if err != nil {
		return nil, err
	}
	r := &Report{Rules: rules.All(), Unchecked: tree.Unchecked}
	for _, p := range tree.Projects {
		r.Projects = append(r.Projects, p.Dir)
		for _, rule := range r.Rules {
			if rule.Check == nil {
				continue
			}
			pass := &rules.Pass{Rule: rule, Tree: tree, Project: p, Files: files}
			rule.Check(pass)
			found, unchecked := pass.Found()
			r.Findings = append(r.Findings, found...)
			r.Unchecked = append(r.Unchecked, unchecked...)
		}
	}
	slices.SortStableFunc(r.Findings, finding.Compare)
	r.Unchecked = append(r.Unchecked, files.Unchecked()...)
	return r, ctx.Err()
}
