package plan

import "go.yaml.in/yaml/v4"

// shape is what is known of a key that is parsed and not built yet.
type shape struct {
	kind  kind
	words map[string][]string // keys inside it that take one of these words
}

type kind uint8

const (
	anything kind = iota
	aText
	aMapping
)

// uses collects the keys that are not built yet.
type uses []*use

type use struct {
	first field
	count int
}

func later(name string, s shape) keyOf[*taskDraft] {
	return keyOf[*taskDraft]{name, func(t *taskDraft, f field) { t.draft.later.note(f, s) }}
}

// note checks the shape of a key and remembers it.
func (us *uses) note(f field, s shape) {
	s.check(f)
	for _, u := range *us {
		if u.first.name == f.name {
			u.count++
			return
		}
	}
	*us = append(*us, &use{f, 1})
}

func (s shape) check(f field) {
	switch s.kind {
	case aText:
		f.text()
	case aMapping:
		entries, _ := f.entries()
		for _, e := range entries {
			if words, ok := s.words[e.keyName()]; ok && e.val.Kind == yaml.ScalarNode {
				e.word(words...)
			}
		}
	}
}

// report refuses each key once: a plan for phones has it in every task.
func (us uses) report() {
	for _, u := range us {
		switch u.count {
		case 1:
			u.first.refuse("remove it", "not built yet")
		default:
			u.first.refuse("remove it", "not built yet (%d tasks have it)", u.count)
		}
	}
}
