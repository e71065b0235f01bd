package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// pass tells the works after a finished one.
func (m *Machine) pass(w *record.Work) {
	if !w.HasNext {
		return
	}
	if w.State != work.Succeeded {
		m.out.Then = append(m.out.Then, cascade{w.ID, w.State})
		return
	}
	for _, c := range m.given {
		if c.State == work.Blocked && slices.Contains(c.Parents, w.ID) {
			if c.Waiting--; c.Waiting == 0 {
				m.unblock(c)
			} else {
				m.write(c, true)
			}
		}
	}
}

// unblock makes a work wait for its conditions: all works before it succeeded.
func (m *Machine) unblock(w *record.Work) {
	sp := m.specOf(w.Spec)
	w.StopReason = work.NotStopped
	if err := m.mergeInput(sp, w); err != nil {
		m.failUnrun(w, err.Error())
		return
	}
	m.enqueueNow(sp, w)
	m.logWork(record.EntryUnblocked, w, "")
	m.write(w, false)
	m.join(sp, w)
}

// enqueueNow makes a work wait from now on.
func (m *Machine) enqueueNow(sp *spec, w *record.Work) {
	w.State, w.LastEnqueue = work.Enqueued, m.now
	if sp.Cron != "" {
		w.Occurrence = m.wall(addTime(m.now, w.InitialDelay))
	}
	m.place(sp, w)
}

// failUnrun ends a work that cannot be run.
func (m *Machine) failUnrun(w *record.Work, text string) {
	w.State = work.Failed
	w.Last.Outcome, w.Last.Message = work.Failure, text
	m.logWork(record.EntryFinished, w, text)
	m.finish(w)
}

// mergeInput merges the outputs of the works before it into a work's input. An
// array-creating merger has its say even if there are none, as in WorkManager.
func (m *Machine) mergeInput(sp *spec, w *record.Work) error {
	w.Merged = nil
	if len(w.Parents) == 0 && (sp.Merger != work.ArrayCreating || len(w.Input) == 0 || sp.Periodic()) {
		return nil
	}
	return m.mergeOutputs(sp, w)
}

func (m *Machine) mergeOutputs(sp *spec, w *record.Work) error {
	var outs []output
	for _, id := range w.Parents {
		if p := m.row(id); p != nil && len(p.Output) > 0 {
			outs = append(outs, output{m.specOf(p.Spec).Task, p.Output})
		}
	}
	in, err := mergeData(sp.Merger, w.Input, outs)
	if err != nil {
		return err
	}
	if len(in) > work.MaxData {
		return fmt.Errorf("%w: input merged from earlier outputs is %d bytes, the limit is %d", work.ErrDataTooLarge, len(in), work.MaxData)
	}
	w.Merged = in
	return nil
}

// cascaded ends everything that comes after a work that failed or was cancelled.
func (m *Machine) cascaded(ev cascade) {
	m.cascadeOver(map[work.ID]work.State{ev.id: ev.state})
}

// cascadeOver ends the given works that come, at any depth, after those in dead.
// Works come before those that wait for them, so one pass is enough.
func (m *Machine) cascadeOver(dead map[work.ID]work.State) {
	for _, w := range m.given {
		state, hit := work.Enqueued, false
		for _, p := range w.Parents {
			if s, ok := dead[p]; ok && (!hit || s == work.Failed) {
				state, hit = s, true
			}
		}
		if !hit {
			continue
		}
		dead[w.ID] = state
		if w.State.Finished() {
			continue // and yet works after it may not be: WorkManager walks on too
		}
		if state == work.Cancelled {
			m.cancelWork(w)
			continue
		}
		m.leave(w)
		w.State = work.Failed
		m.logWork(record.EntryFinished, w, "a work before it failed")
		m.retire(w)
	}
}

// output is what one earlier work hands on.
type output struct {
	task string
	data json.RawMessage
}

// mergeData merges outputs into an input. Both are JSON objects; an output that is
// none is taken as {task: output}.
func mergeData(how work.Merger, own json.RawMessage, outs []output) (json.RawMessage, error) {
	if len(outs) == 0 && how != work.ArrayCreating {
		return own, nil
	}
	merged := map[string]json.RawMessage{}
	arrays := map[string][]json.RawMessage{}
	add := func(task string, data json.RawMessage) error {
		obj, err := object(task, data)
		if err != nil {
			return err
		}
		for _, k := range slices.Sorted(maps.Keys(obj)) { // the first clash is the one that is told
			if how != work.ArrayCreating {
				merged[k] = obj[k]
			} else if arrays[k], err = collect(k, arrays[k], obj[k]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(own) > 0 {
		if err := add("input", own); err != nil {
			return nil, err
		}
	}
	for _, o := range outs {
		if err := add(o.task, o.data); err != nil {
			return nil, err
		}
	}
	// any order: Marshal sorts the keys
	for k, a := range arrays {
		b, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		merged[k] = b
	}
	return json.Marshal(merged)
}

func object(key string, data json.RawMessage) (map[string]json.RawMessage, error) {
	if kindOf(data) != '{' {
		return map[string]json.RawMessage{key: data}, nil
	}
	var obj map[string]json.RawMessage
	err := json.Unmarshal(data, &obj)
	return obj, err
}

// collect appends a value, or the values of an array, of the type that is there.
func collect(key string, have []json.RawMessage, v json.RawMessage) ([]json.RawMessage, error) {
	if have == nil {
		have = []json.RawMessage{} // an empty array stays one
	}
	add := []json.RawMessage{v}
	if kindOf(v) == '[' {
		add = nil
		if err := json.Unmarshal(v, &add); err != nil {
			return nil, err
		}
	}
	for _, x := range add {
		if len(have) > 0 && kindOf(have[0]) != kindOf(x) {
			return nil, fmt.Errorf("%w: key %q", work.ErrMergeType, key)
		}
		have = append(have, x)
	}
	return have, nil
}

// kindOf names the type of a JSON value by a byte. null counts as a string, as in
// WorkManager's ArrayCreatingInputMerger.
func kindOf(v json.RawMessage) byte {
	v = bytes.TrimLeft(v, " \t\r\n")
	if len(v) == 0 {
		return '"'
	}
	switch c := v[0]; c {
	case '{', '[', '"':
		return c
	case 't', 'f':
		return 't'
	case 'n':
		return '"'
	}
	return '0'
}
