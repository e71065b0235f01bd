package pub

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/source"
)

const maxDepth = 64

// doc is a YAML file that is a mapping.
type doc struct {
	*source.Text
	root *yaml.Node
}

// load reads a YAML file. Errors are a *source.Fault.
func load(path string, src []byte) (d doc, err error) {
	// The parser panics on some inputs of which it says itself that they are its own mistakes.
	defer func() {
		if p := recover(); p != nil {
			err = &source.Fault{File: path, Line: 1, Why: fmt.Sprintf("is not understood: %v", p)}
		}
	}()
	l, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return doc{}, err
	}
	top := new(yaml.Node)
	if err := l.Load(top); err != nil && !errors.Is(err, io.EOF) {
		fault := &source.Fault{File: path, Line: 1, Why: "is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
		var at *yaml.LoadError
		if errors.As(err, &at) {
			fault.Line, fault.Why = max(at.Mark.Line, 1), "is no YAML: "+at.Message
		}
		return doc{}, fault
	}
	d = doc{Text: source.NewText(path, src)}
	if len(top.Content) > 0 {
		d.root = follow(top.Content[0])
	}
	if d.root == nil || d.root.Kind != yaml.MappingNode {
		return doc{}, &source.Fault{File: path, Line: 1, Why: "is no mapping of keys to values"}
	}
	return d, nil
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// get returns the value of a key, nil without.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		for _, e := range entries(n) {
			if e.key.Value == key {
				found = e.val
				break
			}
		}
		n = found
	}
	return n
}

type pair struct{ key, val *yaml.Node }

// entries returns the entries of a mapping, none of other nodes.
func entries(n *yaml.Node) []pair {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	all := make([]pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, pair{follow(n.Content[i]), follow(n.Content[i+1])})
	}
	return all
}

// text returns a scalar's text, "" for others and for null.
func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// at returns the place of a node: of a scalar that stands in one line as it is, else of what
// is left of its line.
func (d doc) at(n *yaml.Node) finding.Place {
	if n == nil || n.Line < 1 {
		return d.Whole()
	}
	start, end := d.Line(n.Line)
	for c := 1; c < n.Column && start < end; c++ {
		_, size := utf8.DecodeRune(d.Src[start:end])
		start += size
	}
	if n.Kind == yaml.ScalarNode {
		skip := 0
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			skip = 1
		}
		if bytes.HasPrefix(d.Src[min(start+skip, end):end], []byte(n.Value)) {
			end = start + 2*skip + len(n.Value)
		}
	}
	return d.Place(start, min(end, len(d.Src)))
}
