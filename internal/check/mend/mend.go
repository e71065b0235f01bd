// Package mend makes the safe edits that findings offer: in memory first, checked anew
// there, and only then in the files.
package mend

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/diff"
	"github.com/lullwork/lull/internal/check/finding"
)

// Mending is what a folder's files would hold.
type Mending struct {
	Was, Now      map[string][]byte  // of the files that change
	Mended        []*finding.Finding // what is gone with it
	Left          []*finding.Finding // what had edits that did no good
	Before, After *check.Report      // what a check finds without and with it
}

// rounds bounds how often what is mended is checked and mended again: edits that touch
// each other wait for the next round.
const rounds = 20

// Plan checks a folder and mends it in memory. Edits after which their finding is still
// there, or a file cannot be read, or there are more errors, are taken back.
func Plan(ctx context.Context, dir string, cfg check.Config) (*Mending, error) {
	r, err := check.Run(ctx, dir, cfg)
	if err != nil {
		return nil, err
	}
	m := &Mending{Was: map[string][]byte{}, Now: maps.Clone(cfg.Instead), Before: r, After: r}
	if m.Now == nil {
		m.Now = map[string][]byte{}
	}
	refused := map[finding.Key]bool{}
	for _, f := range r.Untouched { // what is mended beside it makes its lines changed ones
		refused[f.Key()] = true
	}
	for range rounds {
		chosen := choose(m.After.Findings, refused)
		if len(chosen) == 0 {
			break
		}
		if err := m.round(ctx, dir, cfg, chosen, refused); err != nil {
			return nil, err
		}
	}
	for _, f := range m.After.Findings {
		if len(f.Edits) > 0 {
			m.Left = append(m.Left, f)
		}
	}
	for file, text := range m.Now {
		if bytes.Equal(text, m.Was[file]) {
			delete(m.Now, file)
			delete(m.Was, file)
		}
	}
	return m, nil
}

// round makes the edits of findings together; if that does harm, those of each alone.
func (m *Mending) round(ctx context.Context, dir string, cfg check.Config, chosen []*finding.Finding, refused map[finding.Key]bool) error {
	next, err := m.try(ctx, dir, cfg, chosen)
	if err != nil {
		return err
	}
	if next != nil {
		m.take(next, chosen)
		return nil
	}
	if len(chosen) == 1 {
		refused[chosen[0].Key()] = true
		return nil
	}
	// Halves find the one that does harm without a check for each. The second half's
	// offsets are those of the texts before the first, so it waits for the next round.
	return m.round(ctx, dir, cfg, chosen[:len(chosen)/2], refused)
}

type attempt struct {
	texts  map[string][]byte
	report *check.Report
}

// try makes edits and checks; nil where they do no good.
func (m *Mending) try(ctx context.Context, dir string, cfg check.Config, chosen []*finding.Finding) (*attempt, error) {
	a := &attempt{texts: maps.Clone(m.Now)}
	edits := map[string][]finding.Edit{}
	for _, f := range chosen {
		for _, e := range f.Edits {
			edits[e.File] = append(edits[e.File], e)
		}
	}
	for file, list := range edits {
		text, ok := Apply(m.After.Texts[file], lineEnds(m.After.Texts[file], list))
		if !ok {
			return nil, nil
		}
		a.texts[file] = text
	}
	cfg.Instead = a.texts
	var err error
	if a.report, err = check.Run(ctx, dir, cfg); err != nil {
		return nil, err
	}
	if harms(m.After, a.report, chosen) {
		return nil, nil
	}
	return a, nil
}

func (m *Mending) take(a *attempt, chosen []*finding.Finding) {
	for file := range a.texts {
		if _, ok := m.Was[file]; !ok {
			m.Was[file] = m.After.Texts[file]
		}
	}
	m.Now, m.After = a.texts, a.report
	m.Mended = append(m.Mended, chosen...)
}

// harms tells whether something that was to go is still there, there are more errors than
// before, or something cannot be read any more. Less than an error may come to light.
func harms(before, after *check.Report, chosen []*finding.Finding) bool {
	count := map[finding.Key]int{}
	errorsBefore, errorsAfter := 0, 0
	for _, f := range everything(before) {
		count[f.Key()]++
		if f.Certainty == finding.Error {
			errorsBefore++
		}
	}
	for _, f := range chosen {
		count[f.Key()]--
	}
	gone := map[finding.Key]bool{}
	for _, f := range chosen {
		gone[f.Key()] = true
	}
	for _, f := range everything(after) {
		count[f.Key()]--
		if gone[f.Key()] && count[f.Key()] < 0 {
			return true
		}
		if f.Certainty == finding.Error {
			errorsAfter++
		}
	}
	type doubt struct{ what, file, why string }
	known := map[doubt]bool{}
	for _, u := range before.Unchecked {
		known[doubt{u.What, u.File, u.Why}] = true
	}
	return errorsAfter > errorsBefore || slices.ContainsFunc(after.Unchecked, func(u finding.Unchecked) bool { return !known[doubt{u.What, u.File, u.Why}] })
}

func everything(r *check.Report) []*finding.Finding {
	return slices.Concat(r.Findings, r.Hidden, r.Untouched)
}

// choose takes the findings whose edits do not touch those of one before, all of a
// finding's edits or none. Edits that are equal are one edit.
func choose(list []*finding.Finding, refused map[finding.Key]bool) []*finding.Finding {
	var chosen []*finding.Finding
	var made []finding.Edit
	for _, f := range list {
		free := func(e finding.Edit) bool {
			return !slices.ContainsFunc(made, func(x finding.Edit) bool { return x != e && touch(x, e) })
		}
		if len(f.Edits) == 0 || refused[f.Key()] || slices.ContainsFunc(f.Edits, func(e finding.Edit) bool { return !free(e) }) {
			continue
		}
		chosen = append(chosen, f)
		made = append(made, f.Edits...)
	}
	return chosen
}

// touch tells whether two edits overlap, or begin or end at one place.
func touch(a, b finding.Edit) bool {
	return a.File == b.File && a.Start <= b.End && b.Start <= a.End
}

// lineEnds writes the edits of a text whose lines end as Windows ends them in that way.
func lineEnds(text []byte, edits []finding.Edit) []finding.Edit {
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	if !bytes.HasSuffix(first, []byte{'\r'}) {
		return edits
	}
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].Text = strings.ReplaceAll(strings.ReplaceAll(edits[i].Text, "\r\n", "\n"), "\n", "\r\n")
	}
	return edits
}

// Apply makes edits of one text, in any order. ok is false where they overlap or lie outside of it.
func Apply(text []byte, edits []finding.Edit) (out []byte, ok bool) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b finding.Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Text, b.Text))
	})
	edits = slices.Compact(edits)
	at := 0
	for i, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(text) || i > 0 && e.Start == edits[i-1].Start {
			return nil, false
		}
		out = append(append(out, text[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, text[at:]...), true
}

// Diff shows what changes, as patch reads it; name says how a file's path is written.
func (m *Mending) Diff(name func(file string) string) []byte {
	var out []byte
	for _, file := range slices.Sorted(maps.Keys(m.Now)) {
		out = append(out, diff.Unified(name(file), m.Was[file], m.Now[file])...)
	}
	return out
}
