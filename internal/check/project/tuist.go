package project

import (
	"bytes"
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plist"
)

// tuistKeys are the keys of Info.plist that are read from what describes a project to Tuist.
var tuistKeys = []string{"UIBackgroundModes", "BGTaskSchedulerPermittedIdentifiers"}

// tuist is what the manifests of Tuist write into Info.plist of the keys that matter; nil where that may
// stand elsewhere, or be put together in another way. Lists of several targets are taken for one.
func (s *scanner) tuist(dir string) *plist.File {
	f := &plist.File{Root: &plist.Value{Kind: plist.Dict}}
	app, whole := "", true
	for _, file := range s.files.Under(dir) {
		if path.Ext(file) != ".swift" || s.claimed(file) {
			continue
		}
		src, err := s.files.Read(file)
		if err != nil || !bytes.Contains(src, []byte("import ProjectDescription")) {
			continue
		}
		if app == "" && s.isTuist(file) && bytes.Contains(src, []byte(".app")) {
			app = file
		}
		if bytes.Contains(src, []byte("plugins:")) && bytes.Contains(src, []byte(".git(")) {
			return nil // a plugin from elsewhere may add to it
		}
		unit := &code.Unit{Path: file, File: island.Parse(island.Swift, src)}
		read := 0
		each(unit.Decls, func(n *island.Node) {
			for i := range n.Args {
				if v := n.Args[i].Value; n.Args[i].Label == "infoPlist" && v != nil {
					whole = whole && v.Kind != island.String && (v.Kind != island.Call || island.CalleeName(v) != "file")
				}
			}
			if n.Kind != island.Pair || len(n.Kids) != 2 || n.Kids[0].Kind != island.String {
				return
			}
			for _, key := range tuistKeys {
				if n.Kids[0].Text != key {
					continue
				}
				items, ok := tuistStrings(unit, n.Kids[1])
				if whole = whole && ok; !ok {
					continue
				}
				read++
				list := f.Find(key)
				if list == nil {
					list = &plist.Value{Kind: plist.Array, At: unit.Place(n.Kids[1].Span)}
					f.Root.Keys = append(f.Root.Keys, plist.Entry{Key: key, KeyAt: unit.Place(n.Kids[0].Span), Value: list})
					f.Path = file
				}
				list.Items = append(list.Items, items...)
			}
		})
		for _, key := range tuistKeys {
			read -= bytes.Count(src, []byte(`"`+key+`"`))
		}
		whole = whole && read == 0
	}
	if !whole || app == "" {
		return nil
	}
	if f.Path == "" {
		f.Path = app
	}
	return f
}

// each visits all nodes of declarations.
func each(decls []*island.Decl, visit func(*island.Node)) {
	for _, d := range decls {
		for _, root := range []*island.Node{d.Init(), d.Body()} {
			island.Walk(root, func(n *island.Node) bool {
				visit(n)
				return true
			})
		}
		each(d.Members, visit)
	}
}

// tuistStrings reads ["a", .string("b")] and .array(["a"]). What is put into a string stands there as a
// build setting that is not known.
func tuistStrings(u *code.Unit, n *island.Node) (items []*plist.Value, ok bool) {
	if n.Kind == island.Call && island.CalleeName(n) == "array" && len(n.Args) == 1 {
		n = n.Args[0].Value
	}
	if n == nil || n.Kind != island.List {
		return nil, false
	}
	for _, item := range n.Kids {
		if item.Kind == island.Call && island.CalleeName(item) == "string" && len(item.Args) == 1 {
			item = item.Args[0].Value
		}
		if item == nil || item.Kind != island.String {
			return nil, false
		}
		var text strings.Builder
		text.WriteString(item.Text)
		for _, part := range item.Kids {
			if part.Kind == island.String && len(part.Kids) == 0 {
				text.WriteString(part.Text)
			} else {
				text.WriteString("$(TUIST)")
			}
		}
		items = append(items, &plist.Value{Kind: plist.String, At: u.Place(item.Span), Text: text.String()})
	}
	return items, true
}
