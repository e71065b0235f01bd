package check

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/core/nearest"
)

// suppressor hides what comments to lull say, and tells what is wrong with them.
type suppressor struct {
	files  map[string][]directive
	table  rules.Table
	looked map[string]bool // names of the rules that looked
}

// hide divides findings into those that stay and those that a comment hides.
func (s *suppressor) hide(list []*finding.Finding) (left, hidden []*finding.Finding) {
	for _, f := range list {
		if !s.hides(f) {
			left = append(left, f)
		} else {
			hidden = append(hidden, f)
		}
	}
	return left, hidden
}

func (s *suppressor) hides(f *finding.Finding) bool {
	for i := range s.files[f.Place.File] {
		d := &s.files[f.Place.File][i]
		if d.reason == "" || !d.file && (f.Place.Line < d.from || f.Place.Line > d.to) {
			continue
		}
		for j := range d.names {
			if n := &d.names[j]; n.text == f.Rule || n.text == f.ID {
				n.used = true
				f.Suppressed = d.reason
			}
		}
	}
	return f.Suppressed != ""
}

// wrong reports comments that cannot hide anything.
func (s *suppressor) wrong(report func(rule string, at finding.Place, subject, message string)) {
	s.each(func(d *directive) {
		if len(d.names) == 0 {
			report(rules.SuppressionUnknownRule, d.place, "", "the comment names no rule")
		}
		for _, n := range d.names {
			if len(s.table.Find(n.text)) == 0 {
				report(rules.SuppressionUnknownRule, d.place, n.text, "there is no rule "+quoted(n.text)+s.didYouMean(n.text))
			}
		}
		if d.reason == "" && len(d.names) > 0 {
			report(rules.SuppressionWithoutReason, d.place, d.names[0].text, "the comment gives no reason, and so hides nothing")
		}
	})
}

// unused reports comments that hide nothing though their rules looked.
func (s *suppressor) unused(report func(rule string, at finding.Place, subject, message string)) {
	s.each(func(d *directive) {
		if d.reason == "" {
			return
		}
		for _, n := range d.names {
			found := s.table.Find(n.text)
			looked := len(found) > 0
			for _, r := range found {
				looked = looked && s.looked[r.Name] && r.Name != rules.UnusedSuppression
			}
			if looked && !n.used {
				where := "here"
				if d.file {
					where = "in this file"
				}
				report(rules.UnusedSuppression, d.place, n.text, quoted(n.text)+" finds nothing "+where)
			}
		}
	})
}

func (s *suppressor) each(visit func(*directive)) {
	var files []string
	for file := range s.files {
		files = append(files, file)
	}
	slices.Sort(files)
	for _, file := range files {
		for i := range s.files[file] {
			visit(&s.files[file][i])
		}
	}
}

func quoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

func (s *suppressor) didYouMean(name string) string {
	if near := nearest.Word(name, s.table.Names()); near != "" {
		return ": did you mean " + quoted(near) + "?"
	}
	return ""
}
