package isolate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// Report is what [Verify] found.
type Report struct {
	// Problems are the mistakes in what Main was given; see [Err].
	Problems []string `json:"problems,omitempty"`
	// Entries are in the order of the question, or by name.
	Entries []EntryReport `json:"entries"`
}

// EntryReport is about one entry point.
type EntryReport struct {
	Name string `json:"name"`
	// Registered is false if Main was not given it. Nothing was started then.
	Registered bool `json:"registered"`
	// Listed is false if it has no list of Needs: every provider was tried.
	Listed bool `json:"listed"`
	// Problem says why the isolate could not be asked, or how it ended: it crashed or
	// was stopped while a plugin was initialised, or a plugin could not be closed.
	Problem string `json:"problem,omitempty"`
	// Plugins are those of its Needs and those that they use, in the order in which
	// they were asked for.
	Plugins []PluginReport `json:"plugins"`
}

// PluginReport is about one plugin in a fresh isolate.
type PluginReport struct {
	Name string `json:"name"`
	// UsedBy is the plugin that asked for it first; empty for the entry point.
	UsedBy string `json:"usedBy,omitempty"`
	// Problem says why it did not initialise; empty if it did.
	Problem string `json:"problem,omitempty"`
	// Took is how long it took, in nanoseconds in JSON.
	Took time.Duration `json:"took"`
}

// Findings lists everything that is wrong; empty if all is well.
func (r Report) Findings() []error {
	var errs []error
	for _, p := range r.Problems {
		errs = append(errs, errors.New(p))
	}
	for _, e := range r.Entries {
		if e.Problem != "" {
			errs = append(errs, fmt.Errorf("entry point %q: %s", e.Name, e.Problem))
		}
		for _, p := range e.Plugins {
			if p.Problem != "" {
				errs = append(errs, fmt.Errorf("entry point %q: %s", e.Name, p.Problem))
			}
		}
	}
	return errs
}

// Verify finds out which entry points could not run in a fresh isolate. For each name
// (default: all that are registered) it starts a fresh child process, also for an
// Inline one, which initialises the plugins of the entry point's Needs, closes them
// again, and never calls the function. A plugin that fails does not keep the others
// from being tried. The error is about Verify itself: ErrNoMain, or the end of ctx,
// which also ends the isolate that is being asked; the report then says how far it came.
func Verify(ctx context.Context, names ...string) (Report, error) {
	r := Report{Entries: []EntryReport{}}
	if !theTable.mainCalled() {
		return r, ErrNoMain
	}
	if err := Err(); err != nil {
		for line := range bytes.Lines([]byte(err.Error())) {
			r.Problems = append(r.Problems, string(bytes.TrimSpace(line)))
		}
	}
	if len(names) == 0 {
		for _, e := range Entries() {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		if err := context.Cause(ctx); err != nil {
			return r, err
		}
		r.Entries = append(r.Entries, verifyEntry(ctx, name))
	}
	return r, context.Cause(ctx)
}

// verifyName is the entry point that a child runs for Verify.
const verifyName = "lull:verify"

func verifyEntry(ctx context.Context, name string) EntryReport {
	r := EntryReport{Name: name, Plugins: []PluginReport{}}
	e, ok := Registered(name)
	if !ok {
		r.Problem = ErrNoEntry.Error()
		return r
	}
	r.Registered, r.Listed = true, e.saysNeeds
	if len(e.needs) == 0 && (e.saysNeeds || len(theTable.providerNames()) == 0) {
		return r
	}
	input, err := json.Marshal(name)
	if err != nil {
		r.Problem = err.Error()
		return r
	}
	exit, err := runOnce(ctx, Spec{Func: verifyName, Input: input, ResultLimit: MaxInput})
	if err != nil {
		r.Problem = err.Error()
		return r
	}
	if exit.Outcome == Success {
		if err := json.Unmarshal(exit.Result, &r); err != nil {
			r.Problem = err.Error()
		}
		return r
	}
	r.Problem = exit.String()
	if last := lastOpening(exit.Tail); last != "" {
		r.Problem += fmt.Sprintf(" (provider %q was the last to be asked)", last)
	}
	return r
}

// runOnce runs a spec on the process's own spawner.
func runOnce(ctx context.Context, spec Spec) (Exit, error) {
	if err := ctx.Err(); err != nil {
		return Exit{}, context.Cause(ctx)
	}
	s, err := theTable.spawner()
	if err != nil {
		return Exit{}, err
	}
	p, err := s.Start(spec)
	if err != nil {
		return Exit{}, err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		reason := "cancelled"
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			reason = cause.Error()
		}
		p.Stop(reason, 0)
	}
	return p.Wait(), nil
}

// openingMark is written to stderr before a provider is asked, so that a process that
// ends there has said where.
const openingMark = "isolate: asking provider "

func lastOpening(tail []byte) string {
	i := bytes.LastIndex(tail, []byte(openingMark))
	if i < 0 {
		return ""
	}
	name, _, _ := bytes.Cut(tail[i+len(openingMark):], []byte("\n"))
	return string(name)
}

// verified is the part of an EntryReport that the child knows.
type verified struct {
	Problem string         `json:"problem,omitempty"`
	Plugins []PluginReport `json:"plugins"`
}

// verifyInside is the function of verifyName: it initialises, closes and reports.
func verifyInside(ctx context.Context, name string) (verified, error) {
	s := ctx.Value(scopeKey{}).(*scope)
	s.opening = func(name string) { fmt.Fprintf(os.Stderr, "%s%s\n", openingMark, name) }
	e, ok := Registered(name)
	if !ok {
		return verified{}, ErrNoEntry
	}
	names := e.needs
	if !e.saysNeeds {
		names = theTable.providerNames()
	}
	v := verified{Plugins: []PluginReport{}}
	for _, name := range names {
		if _, err := use(ctx, name, nil); err != nil && theTable.provider(name) == nil {
			v.Plugins = append(v.Plugins, PluginReport{Name: name, Problem: cleanLine(err.Error())})
		}
	}
	for _, u := range s.firstUses() {
		<-u.done
		r := PluginReport{Name: u.provider.name, UsedBy: u.by, Took: u.took}
		if u.err != nil {
			r.Problem = cleanLine(u.err.Error())
		}
		v.Plugins = append(v.Plugins, r)
	}
	if err := s.close(); err != nil {
		v.Problem = cleanLine(err.Error())
	}
	return v, nil
}
