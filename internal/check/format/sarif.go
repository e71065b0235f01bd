package format

import (
	"io"
	"net/url"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
	"github.com/lullwork/lull/internal/check/source"
)

// The part of SARIF 2.1.0 that is written (docs.oasis-open.org/sarif/sarif/v2.1.0).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string         `json:"id"`
		Short      sarifText      `json:"shortDescription"`
		Full       sarifText      `json:"fullDescription"`
		Help       sarifText      `json:"help"`
		Default    sarifLevel     `json:"defaultConfiguration"`
		Properties map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    *int               `json:"ruleIndex,omitempty"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions"` // of all results or of none
		Fixes        []sarifFix         `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn,omitempty"`
		EndLine     int        `json:"endLine,omitempty"`
		EndColumn   int        `json:"endColumn,omitempty"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted *sarifText  `json:"insertedContent,omitempty"`
	}
)

func writeSARIF(w io.Writer, r *check.Report, o Options) error {
	s := sarifWriter{r, o}
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "lull", Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{Successful: true, Notifications: s.notifications()}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
	}
	index := map[string]int{}
	for i, rule := range r.Rules {
		index[rule.Name] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(rule))
	}
	all := append(append([]*finding.Finding{}, r.Findings...), r.Hidden...)
	prints := finding.Fingerprints(all)
	for i, f := range all {
		result := s.result(f)
		result.Fingerprints = map[string]string{"lull/v1": prints[i]}
		if at, ok := index[f.Rule]; ok {
			result.RuleIndex = &at
		}
		run.Results = append(run.Results, result)
	}
	return encode(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(r *rules.Rule) sarifRule {
	tags := append([]string{string(r.Group)}, r.IDs...)
	help := r.Detail + "\n\nSeen: " + r.Seen + ".\n\nFix: " + r.Fix + "."
	return sarifRule{
		ID: r.Name, Short: sarifText{Text: r.Title}, Full: sarifText{Text: r.Detail},
		Help:       sarifText{Text: help, Markdown: strings.NewReplacer("\n\nSeen: ", "\n\n**Seen:** ", "\n\nFix: ", "\n\n**Fix:** ").Replace(help)},
		Default:    sarifLevel{levelOf(r.Certainty)},
		Properties: map[string]any{"tags": tags, "precision": map[finding.Certainty]string{finding.Error: "very-high", finding.Warning: "high", finding.Hint: "medium"}[r.Certainty]},
	}
}

func levelOf(c finding.Certainty) string {
	switch c {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	}
	return "note"
}

type sarifWriter struct {
	report *check.Report
	o      Options
}

func (s sarifWriter) result(f *finding.Finding) sarifResult {
	out := sarifResult{
		RuleID: f.Rule, Level: levelOf(f.Certainty),
		Message:      sarifText{Text: f.Message + ". Seen: " + f.Seen + ". Fix: " + f.Fix + "."},
		Locations:    []sarifLocation{s.location(f.Place)},
		Suppressions: []sarifSuppression{},
	}
	for i, rel := range f.Related {
		l := s.location(rel.Place)
		l.ID, l.Message = i+1, &sarifText{Text: rel.Text}
		out.Related = append(out.Related, l)
	}
	switch {
	case f.Known:
		out.Suppressions = append(out.Suppressions, sarifSuppression{"external", "accepted", "known by the baseline"})
	case f.Suppressed != "":
		out.Suppressions = append(out.Suppressions, sarifSuppression{"inSource", "accepted", f.Suppressed})
	}
	if len(f.Edits) > 0 {
		out.Fixes = []sarifFix{{sarifText{Text: f.Fix}, s.changes(f.Edits)}}
	}
	return out
}

func (s sarifWriter) changes(edits []finding.Edit) []sarifChange {
	var out []sarifChange
	for _, e := range edits {
		text := s.report.Texts[e.File]
		reg := regionOf(text, source.NewText(e.File, text).Place(e.Start, e.End))
		if e.End == 0 { // an insertion at the very start
			reg.column, reg.endColumn = 1, 1
		}
		rep := sarifReplacement{Deleted: sarifRegion{StartLine: reg.line, StartColumn: reg.column, EndLine: reg.endLine, EndColumn: reg.endColumn}}
		if e.Text != "" {
			rep.Inserted = &sarifText{Text: e.Text}
		}
		at := s.artifact(e.File)
		if n := len(out); n > 0 && out[n-1].Artifact == at {
			out[n-1].Replacements = append(out[n-1].Replacements, rep)
			continue
		}
		out = append(out, sarifChange{at, []sarifReplacement{rep}})
	}
	return out
}

func (s sarifWriter) location(p finding.Place) sarifLocation {
	reg := regionOf(s.report.Texts[p.File], p)
	out := sarifRegion{StartLine: max(reg.line, 1), EndLine: max(reg.endLine, 1)}
	if reg.endColumn > 0 {
		out.StartColumn, out.EndColumn = reg.column, reg.endColumn
		if reg.endLine == reg.line {
			out.Snippet = &sarifText{Text: tail(string(reg.first[reg.before:reg.before+reg.inside]), excerptWidth)}
		}
	}
	return sarifLocation{Physical: sarifPhysical{s.artifact(p.File), out}}
}

func (s sarifWriter) artifact(file string) sarifArtifact {
	return sarifArtifact{(&url.URL{Path: s.o.path(file)}).String(), "%SRCROOT%"}
}

func (s sarifWriter) notifications() []sarifNotification {
	var out []sarifNotification
	for _, u := range s.report.Unchecked {
		out = append(out, sarifNotification{
			Level: "note", Message: sarifText{Text: "not checked: " + u.What + ": " + u.Why},
			Locations: []sarifLocation{s.location(finding.Place{File: u.File, Line: max(u.Line, 1), Column: 1})},
		})
	}
	return out
}
