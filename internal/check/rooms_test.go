package check_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms are the packages below this one in the order in which they may know each other:
// each may import what stands before it. "." is this package.
var rooms = []string{
	"island", "finding", "diff", "source", "plist", "manifest", "pub", "gradle", "xcode", "code", "plugins", "plugins/shipped",
	"project", "rules", ".", "format", "mend", "extract", "scaffold",
}

// outside is what rooms may import of the module beside rooms.
var outside = []string{"work", "internal/policy/", "internal/core/nearest", "internal/page", "internal/plan"}

func TestRooms(t *testing.T) {
	const module = "github.com/lullwork/lull/"
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		room := path.Dir(filepath.ToSlash(file))
		at := slices.Index(rooms, room)
		if at < 0 {
			t.Errorf("%s: the room %s has no place in the order", file, room)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			rest, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			if rest == "internal/check" {
				rest += "/."
			}
			other, isRoom := strings.CutPrefix(rest, "internal/check/")
			switch {
			case isRoom && !slices.Contains(rooms[:at], other):
				t.Errorf("%s imports %s, which does not stand before %s", file, other, room)
			case !isRoom && !slices.ContainsFunc(outside, func(o string) bool { return strings.HasPrefix(rest, o) }):
				t.Errorf("%s imports %s", file, rest)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
