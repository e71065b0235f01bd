package check

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/check/source"
)

// ErrBroken is that lull itself broke down.
var ErrBroken = errors.New("broke down, which is a bug of lull")

// Run checks the projects in a folder.
func Run(ctx context.Context, dir string, cfg Config) (r *Report, err error) {
	defer func() {
		if why := recover(); why != nil {
			r, err = nil, fmt.Errorf("%s: check %w: %v at %s", dir, ErrBroken, why, origin())
		}
	}()
	if cfg.Table == nil {
		cfg.Table = rules.All()
	}
	chosen, err := choose(cfg)
	if err != nil {
		return nil, err
	}
	files, err := source.Open(dir)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	files.Pretend(cfg.Instead)
	tree, err := project.Scan(ctx, files)
	if err != nil {
		return nil, err
	}
	r = &Report{Rules: chosen, Unchecked: tree.Unchecked}
	for _, p := range tree.Projects {
		r.Projects = append(r.Projects, p.Dir)
		memo := new(rules.Memo)
		for _, rule := range chosen {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.look(rule, &rules.Pass{Rule: rule, Tree: tree, Project: p, Files: files, Memo: memo})
		}
	}
	return r, r.settle(ctx, dir, cfg, files)
}

// look lets a rule look at a project. One that breaks down takes nothing else with it.
func (r *Report) look(rule *rules.Rule, pass *rules.Pass) {
	defer func() {
		found, unchecked := pass.Found()
		r.Findings = append(r.Findings, found...)
		r.Unchecked = append(r.Unchecked, unchecked...)
		if why := recover(); why != nil {
			r.Broken = append(r.Broken, fmt.Sprintf("%s on %s: %v at %s", rule.Name, pass.Project.Dir, why, origin()))
			r.Unchecked = append(r.Unchecked, finding.Unchecked{What: "rule " + rule.Name, File: pass.Project.Dir, Line: 1, Why: ErrBroken.Error()})
		}
	}()
	if rule.Check != nil {
		rule.Check(pass)
	}
}

// origin is where a panic that is being recovered from began.
func origin() string {
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
	for panicked := false; ; {
		f, more := frames.Next()
		system := strings.HasPrefix(f.Function, "runtime.")
		if panicked && !system {
			return path.Base(f.File) + ":" + strconv.Itoa(f.Line)
		}
		panicked = panicked || system
		if !more {
			return "an unknown place"
		}
	}
}

// settle hides what is to be hidden, reports on comments, and sorts.
func (r *Report) settle(ctx context.Context, dir string, cfg Config, files *source.Set) error {
	slices.SortStableFunc(r.Findings, finding.Compare)
	r.Findings = slices.CompactFunc(r.Findings, func(a, b *finding.Finding) bool { return finding.Compare(a, b) == 0 })
	s := &suppressor{files: map[string][]directive{}, table: cfg.Table, looked: map[string]bool{}}
	for _, rule := range r.Rules {
		s.looked[rule.Name] = true
	}
	for _, file := range r.withComments(files) {
		if text, err := files.Read(file); err == nil {
			if list := directives(file, text); len(list) > 0 {
				s.files[file] = list
			}
			files.Forget(file) // few are asked for again
		}
	}
	r.Findings, r.Hidden = s.hide(r.Findings)
	fresh, hidden := s.hide(r.comments(s.wrong))
	r.Findings, r.Hidden = append(r.Findings, fresh...), append(r.Hidden, hidden...)
	fresh, hidden = s.hide(r.comments(s.unused))
	r.Findings, r.Hidden = append(r.Findings, fresh...), append(r.Hidden, hidden...)
	if cfg.Known != nil {
		var known []*finding.Finding
		slices.SortStableFunc(r.Findings, finding.Compare)
		r.Findings, known = cfg.Known.divide(r.Findings)
		r.Hidden = append(r.Hidden, known...)
		r.Gone = cfg.Known.gone(known, r.Looked)
	}
	read := func(file string) []byte {
		text, _ := files.Read(file) // a file that is not there has no lines
		return text
	}
	if cfg.Since != "" {
		var err error
		if r.Findings, r.Untouched, err = since(ctx, dir, cfg.Since, r.Findings, read); err != nil {
			return err
		}
	}
	slices.SortStableFunc(r.Findings, finding.Compare)
	slices.SortStableFunc(r.Hidden, finding.Compare)
	r.Texts = map[string][]byte{}
	for _, list := range [][]*finding.Finding{r.Findings, r.Hidden} {
		for _, f := range list {
			for _, p := range places(f) {
				r.Texts[p.File] = read(p.File)
			}
			for _, e := range f.Edits {
				r.Texts[e.File] = read(e.File)
			}
		}
	}
	r.Unchecked = append(r.Unchecked, files.Unchecked()...)
	slices.SortFunc(r.Unchecked, finding.CompareUnchecked)
	r.Unchecked = slices.Compact(r.Unchecked)
	return nil
}

// comments collects what there is to say about comments to lull.
func (r *Report) comments(from func(report func(rule string, at finding.Place, subject, message string))) []*finding.Finding {
	var list []*finding.Finding
	from(func(name string, at finding.Place, subject, message string) {
		for _, rule := range r.Rules {
			if rule.Name == name {
				f := rule.Finding(at, message)
				f.Subject = subject
				list = append(list, f)
			}
		}
	})
	return list
}

// withComments are the files in which comments to lull are looked for: those with
// findings, and all that rules look at.
func (r *Report) withComments(files *source.Set) []string {
	var list []string
	for _, file := range files.Files() {
		if _, ok := langOf(file); ok || configured(file) {
			list = append(list, file)
		}
	}
	for _, f := range r.Findings {
		list = append(list, f.Place.File)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ErrUnknownRule is a name of a rule that there is not.
var ErrUnknownRule = errors.New("unknown rule")

// UnknownRule names it.
type UnknownRule struct{ Name string }

func (e *UnknownRule) Error() string { return fmt.Sprintf("unknown rule %q", e.Name) }

// Unwrap returns ErrUnknownRule.
func (e *UnknownRule) Unwrap() error { return ErrUnknownRule }

// choose returns the rules that are to look.
func choose(cfg Config) (rules.Table, error) {
	names := func(words []string) (map[string]bool, error) {
		set := map[string]bool{}
		for _, word := range words {
			found := cfg.Table.Find(word)
			if len(found) == 0 { // ids are in capitals
				found = cfg.Table.Find(strings.ToUpper(word))
			}
			if len(found) == 0 {
				return nil, &UnknownRule{word}
			}
			for _, r := range found {
				set[r.Name] = true
			}
		}
		return set, nil
	}
	only, err := names(cfg.Rules)
	if err != nil {
		return nil, err
	}
	not, err := names(cfg.Skip)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(cfg.Table), func(r *rules.Rule) bool {
		elsewhere := len(cfg.Platforms) > 0 && !slices.ContainsFunc(cfg.Platforms, r.On)
		return len(only) > 0 && !only[r.Name] || not[r.Name] || elsewhere
	}), nil
}
