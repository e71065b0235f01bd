package format

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/page"
)

// Schema is the version of the JSON format. It changes when a program that reads the
// format would have to.
const Schema = 1

type jsonReport struct {
	Version   int                 `json:"version"`
	Findings  []jsonFinding       `json:"findings"`
	Unchecked []finding.Unchecked `json:"unchecked"`
}

type jsonFinding struct {
	Rule      string `json:"rule"`
	ID        string `json:"id"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Certainty string `json:"certainty"`
	Message   string `json:"message"`
	Seen      string `json:"seen"`
	Fix       string `json:"fix"`
}

func writeJSON(w io.Writer, r *check.Report, _ Options) error {
	out := jsonReport{Version: Schema, Findings: []jsonFinding{}, Unchecked: []finding.Unchecked{}}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding{
			Rule: f.Rule, ID: f.ID, File: f.Place.File, Line: f.Place.Line, Column: max(f.Place.Column, 1),
			Certainty: f.Certainty.String(), Message: f.Message, Seen: f.Seen, Fix: f.Fix,
		})
	}
	out.Unchecked = append(out.Unchecked, r.Unchecked...)
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// github prints workflow commands, which GitHub shows beside the lines of a change.
func github(w io.Writer, r *check.Report, o Options) error {
	p := &page.Page{W: w}
	for _, f := range r.Findings {
		level := map[finding.Certainty]string{finding.Error: "error", finding.Warning: "warning"}[f.Certainty]
		if level == "" {
			level = "notice"
		}
		reg := regionOf(r.Texts[f.Place.File], f.Place)
		where := "file=" + property(o.path(f.Place.File)) + ",line=" + strconv.Itoa(reg.line) + ",endLine=" + strconv.Itoa(reg.endLine)
		if reg.endColumn > 0 && reg.endLine == reg.line {
			where += ",col=" + strconv.Itoa(reg.column) + ",endColumn=" + strconv.Itoa(reg.endColumn)
		}
		p.Line("::%s %s,title=%s::%s", level, where, property("lull: "+f.Rule),
			message(clean(f.Message)+"\nseen: "+clean(f.Seen)+"\nfix: "+clean(f.Fix)))
	}
	for _, u := range r.Unchecked {
		p.Line("::notice file=%s,line=%d,title=%s::%s", property(o.path(u.File)), max(u.Line, 1), property("lull: not checked"), message(clean(u.What)+": "+clean(u.Why)))
	}
	return p.Err
}

// What a workflow command needs to be escaped, in its message and in its properties
// (github.com/actions/toolkit, packages/core/src/command.ts).
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(clean(s)))
}

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// gitlab prints a Code Quality report. It has no room for what was not checked.
func gitlab(w io.Writer, r *check.Report, o Options) error {
	out := []gitlabIssue{}
	prints := finding.Fingerprints(r.Findings)
	for i, f := range r.Findings {
		severity := map[finding.Certainty]string{finding.Error: "critical", finding.Warning: "minor"}[f.Certainty]
		if severity == "" {
			severity = "info"
		}
		out = append(out, gitlabIssue{
			Description: f.Message + ". Seen: " + f.Seen + ". Fix: " + f.Fix, CheckName: f.Rule, Fingerprint: prints[i],
			Severity: severity, Location: gitlabLocation{o.path(f.Place.File), gitlabLines{max(f.Place.Line, 1)}},
		})
	}
	return encode(w, out)
}
