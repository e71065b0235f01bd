package plan

import (
	"encoding/json"
	"math"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// json turns any value into JSON of at most limit bytes. Maps keep their order.
func (f field) json(limit int) json.RawMessage {
	j := jsonWriter{limit: limit}
	if !j.value(f, 0) {
		return nil
	}
	if len(j.out) > limit {
		f.refuse("pass the name of a file instead", "larger than %d bytes as JSON", limit)
		return nil
	}
	return j.out
}

type jsonWriter struct {
	out   []byte
	limit int
}

// value appends one value. False: a mistake was recorded. Beyond the limit it
// appends nothing more.
func (j *jsonWriter) value(f field, depth int) bool {
	switch {
	case len(j.out) > j.limit:
		return true
	case depth > maxDepth:
		f.fail("", "nested more than %d deep", maxDepth)
		return false
	case !f.tagged(f.val):
		return false
	}
	switch f.val.Kind {
	case yaml.MappingNode:
		return j.object(f, depth)
	case yaml.SequenceNode:
		return j.array(f, depth)
	}
	return j.scalar(f)
}

func (j *jsonWriter) object(f field, depth int) bool {
	entries, ok := f.entries()
	if !ok {
		return false
	}
	j.out = append(j.out, '{')
	for i, e := range entries {
		if i > 0 {
			j.out = append(j.out, ',')
		}
		j.text(e.keyName())
		j.out = append(j.out, ':')
		ok = j.value(e, depth+1) && ok
	}
	j.out = append(j.out, '}')
	return ok
}

func (j *jsonWriter) array(f field, depth int) bool {
	items, ok := f.items()
	if !ok {
		return false
	}
	j.out = append(j.out, '[')
	for i, it := range items {
		if i > 0 {
			j.out = append(j.out, ',')
		}
		ok = j.value(it.inner(strconv.Itoa(i), it.key, it.val), depth+1) && ok
	}
	j.out = append(j.out, ']')
	return ok
}

func (j *jsonWriter) scalar(f field) bool {
	s := f.val.Value
	switch f.val.Tag {
	case "!!null":
		j.out = append(j.out, "null"...)
		return true
	case "!!bool", "!!int", "!!float":
		return j.literal(f)
	}
	j.text(s)
	return true
}

// literal appends a number or a truth value, as written where JSON writes it the
// same way, so that long numbers keep their digits.
func (j *jsonWriter) literal(f field) bool {
	var v any
	if err := f.val.Decode(&v); err != nil {
		f.fail("put text in quotes", "%s is no %s", quoted(f.val.Value), f.val.Tag[2:])
		return false
	}
	if x, ok := v.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
		f.fail("put it in quotes", "%s is no number in JSON", quoted(f.val.Value))
		return false
	}
	if f.val.Tag != "!!bool" && json.Valid([]byte(f.val.Value)) {
		j.out = append(j.out, f.val.Value...)
		return true
	}
	b, err := json.Marshal(v)
	if err != nil {
		f.fail("", "%s cannot be written as JSON", quoted(f.val.Value))
		return false
	}
	j.out = append(j.out, b...)
	return true
}

func (j *jsonWriter) text(s string) {
	// What is cut here is over the limit anyway.
	if len(s) > j.limit {
		s = s[:j.limit+1]
	}
	// Marshal escapes <, > and &, as it does when the request is stored, so that the
	// input keeps its bytes and its size.
	b, _ := json.Marshal(s) // a string always can
	j.out = append(j.out, b...)
}
