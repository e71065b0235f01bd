package plan

// uses collects the keys that are not built yet.
type uses []*use

type use struct {
	first field
	count int
}

// later makes a key that is known and not built yet.
func later(name string) keyOf[*taskDraft] {
	return keyOf[*taskDraft]{name, func(t *taskDraft, f field) { t.draft.later.note(f) }}
}

// note remembers a key.
func (us *uses) note(f field) {
	for _, u := range *us {
		if u.first.name == f.name {
			u.count++
			return
		}
	}
	*us = append(*us, &use{f, 1})
}

// report refuses each key once: a plan may have it in every task.
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
