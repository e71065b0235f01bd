package source

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
)

const maxYAMLDepth = 64

// YAML is a YAML file that is a mapping.
type YAML struct {
	*Text
	Root *yaml.Node
}

// ReadYAML reads a YAML file. Errors are a *Fault.
func ReadYAML(path string, src []byte) (y *YAML, err error) {
	// The parser panics on some inputs of which it says itself that they are its own mistakes.
	defer func() {
		if p := recover(); p != nil {
			err = &Fault{File: path, Line: 1, Why: fmt.Sprintf("is not understood: %v", p)}
		}
	}()
	l, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxYAMLDepth))))
	if err != nil {
		return nil, err
	}
	top := new(yaml.Node)
	if err := l.Load(top); err != nil && !errors.Is(err, io.EOF) {
		fault := &Fault{File: path, Line: 1, Why: "is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
		var at *yaml.LoadError
		if errors.As(err, &at) {
			fault.Line, fault.Why = max(at.Mark.Line, 1), "is no YAML: "+at.Message
		}
		return nil, fault
	}
	y = &YAML{Text: NewText(path, src)}
	if len(top.Content) > 0 {
		y.Root = Follow(top.Content[0])
	}
	if y.Root == nil || y.Root.Kind != yaml.MappingNode {
		return nil, &Fault{File: path, Line: 1, Why: "is no mapping of keys to values"}
	}
	return y, nil
}

// Follow returns what an alias stands for.
func Follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Under returns the value of a key, nil without.
func Under(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		for _, e := range Entries(n) {
			if e.Key.Value == key {
				found = e.Val
				break
			}
		}
		n = found
	}
	return n
}

// Pair is an entry of a mapping.
type Pair struct{ Key, Val *yaml.Node }

// Entries returns the entries of a mapping, none of other nodes.
func Entries(n *yaml.Node) []Pair {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	all := make([]Pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, Pair{Follow(n.Content[i]), Follow(n.Content[i+1])})
	}
	return all
}

// Scalar returns a scalar's text, "" for others and for null.
func Scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// Node returns the place of a node: of a scalar that stands in one line as it is, else of what
// is left of its line.
func (y *YAML) Node(n *yaml.Node) finding.Place {
	if n == nil || n.Line < 1 {
		return y.Whole()
	}
	start, end := y.Line(n.Line)
	for c := 1; c < n.Column && start < end; c++ {
		_, size := utf8.DecodeRune(y.Src[start:end])
		start += size
	}
	if n.Kind == yaml.ScalarNode {
		skip := 0
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			skip = 1
		}
		if bytes.HasPrefix(y.Src[min(start+skip, end):end], []byte(n.Value)) {
			end = start + 2*skip + len(n.Value)
		}
	}
	return y.Place(start, min(end, len(y.Src)))
}
