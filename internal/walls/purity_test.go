package walls

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// deciding are the folders whose packages decide, hold what decisions are made of, or
// make up what is decided about. The same events, and the same seed, must lead to the
// same bytes on every machine.
var deciding = []string{"work", "internal/record", "internal/core", "internal/policy", "internal/sim/world"}

// anyOrder is what the author of a range over a map writes beside it, with the
// reason why the order does not show.
const anyOrder = "any order:"

func TestDecisionsArePure(t *testing.T) {
	dirs := map[string][]string{}
	for _, dir := range deciding {
		for _, file := range goFiles(t, dir) {
			if d := path.Dir(file); !strings.HasSuffix(file, "_test.go") {
				dirs[d] = append(dirs[d], file)
			}
		}
	}
	fset := token.NewFileSet()
	imp := compiled(t, fset)
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		var files []*ast.File
		for _, name := range dirs[dir] {
			f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		for _, fault := range impurities(t, fset, imp, dir, files) {
			t.Error(strings.TrimPrefix(fault, filepath.FromSlash(root)+string(filepath.Separator)))
		}
	}
}

// compiled imports what the build cache has of the deciding packages and of all that they
// import. From source each of them would be checked anew, down to the runtime.
func compiled(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "maps", "math", "slices"}
	for _, dir := range deciding {
		args = append(args, "./"+dir+"/...")
	}
	list := exec.Command("go", args...)
	list.Dir = root
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list -export: %v", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[name] = file
	}
	return importer.ForCompiler(fset, "gc", func(name string) (io.ReadCloser, error) {
		if files[name] == "" {
			return nil, fmt.Errorf("no export data of %s", name)
		}
		return os.Open(files[name])
	})
}

// impurities returns what makes a package impure, with its place.
func impurities(t *testing.T, fset *token.FileSet, imp types.Importer, dir string, files []*ast.File) []string {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: imp}
	if _, err := conf.Check("github.com/lullwork/lull/"+dir, fset, files, info); err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, f := range files {
		v := visitor{info: info, reasons: reasonLines(fset, f)}
		v.report = func(at token.Pos, what string) {
			faults = append(faults, fmt.Sprintf("%s: %s", fset.Position(at), what))
		}
		v.line = func(at token.Pos) int { return fset.Position(at).Line }
		ast.Inspect(f, v.visit)
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// reasonLines returns the lines to which a comment with anyOrder applies: its own
// last one and the next.
func reasonLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range f.Comments {
		if strings.Contains(group.Text(), anyOrder) {
			end := fset.Position(group.End()).Line
			lines[end], lines[end+1] = true, true
		}
	}
	return lines
}

type visitor struct {
	info    *types.Info
	reasons map[int]bool
	line    func(token.Pos) int
	report  func(at token.Pos, what string)
	sorted  []ast.Expr // arguments that are sorted before anybody sees them
}

func (v *visitor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		v.report(n.Pos(), "a goroutine: what decides runs in one order")
	case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
		v.report(n.Pos(), "a channel: events come in by Step")
	case *ast.RangeStmt:
		v.ranges(n)
	case *ast.CallExpr:
		v.calls(n)
	}
	if x, ok := n.(ast.Expr); ok {
		v.floats(x)
	}
	return true
}

func (v *visitor) ranges(n *ast.RangeStmt) {
	switch v.info.TypeOf(n.X).Underlying().(type) {
	case *types.Chan:
		v.report(n.Pos(), "a channel: events come in by Step")
	case *types.Map:
		v.unordered(n.Pos(), "a range over a map: its order differs from run to run")
	}
}

// calls looks for package maps' iterators, which are in the order of the map, unless
// they go straight into a sort.
func (v *visitor) calls(n *ast.CallExpr) {
	name := v.callee(n)
	if strings.HasPrefix(name, "slices.Sorted") {
		v.sorted = append(v.sorted, n.Args...)
	}
	switch name {
	case "maps.Keys", "maps.Values", "maps.All":
		if !slices.Contains(v.sorted, ast.Expr(n)) {
			v.unordered(n.Pos(), name+" without a sort: its order differs from run to run")
		}
	}
}

func (v *visitor) callee(n *ast.CallExpr) string {
	if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
		if f, ok := v.info.Uses[sel.Sel].(*types.Func); ok && f.Pkg() != nil {
			return f.Pkg().Path() + "." + f.Name()
		}
	}
	return ""
}

func (v *visitor) unordered(at token.Pos, what string) {
	if !v.reasons[v.line(at)] {
		v.report(at, what+"; sort the keys, or say why it does not show (// "+anyOrder+" ...)")
	}
}

// floats are computed differently by different processors. Constants are not: the
// compiler computes them.
func (v *visitor) floats(x ast.Expr) {
	tv, ok := v.info.Types[x]
	if !ok || tv.Type == nil || tv.Value != nil {
		return
	}
	if b, ok := tv.Type.Underlying().(*types.Basic); ok && b.Info()&(types.IsFloat|types.IsComplex) != 0 {
		v.report(x.Pos(), "a floating-point "+b.Name()+": decide in integers")
	}
}
