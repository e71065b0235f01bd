package project

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/pub"
	"github.com/lullwork/lull/internal/check/source"
)

// scanner reads the projects of one folder.
type scanner struct {
	ctx       context.Context
	files     *source.Set
	cache     *source.Folder
	specs     map[string]*pub.Spec   // by folder
	folders   []string               // of pubspecs, sorted
	claimed   func(file string) bool // is part of a Flutter project's platform
	parsed    map[string]*island.File
	unchecked []finding.Unchecked

	incomplete []string // Xcode projects of which settings could not be read
}

// Scan reads the projects in a folder. What cannot be read is in the tree's Unchecked, or in
// that of files; an error is that of the context.
func Scan(ctx context.Context, files *source.Set) (*Tree, error) { return ScanWith(ctx, files, nil) }

// ScanWith is Scan with the cache of pub (nil without), which has the manifests of plugins that
// lull does not know.
func ScanWith(ctx context.Context, files *source.Set, cache *source.Folder) (*Tree, error) {
	s := &scanner{ctx: ctx, files: files, cache: cache, specs: map[string]*pub.Spec{}, parsed: map[string]*island.File{}}
	s.claimed = func(string) bool { return false }
	s.readSpecs()
	t := &Tree{}
	for _, dir := range s.folders {
		if p := s.dart(dir); p != nil {
			t.Projects = append(t.Projects, p)
		}
	}
	s.claimed = claims(t.Projects)
	t.Projects = append(t.Projects, s.natives()...)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(t.Projects, func(a, b *Project) int { return cmp.Compare(a.Dir, b.Dir) })
	t.Unchecked = s.unchecked
	slices.SortStableFunc(t.Unchecked, finding.CompareUnchecked)
	return t, nil
}

// skip notes what cannot be checked.
func (s *scanner) skip(what, file string, line int, why string) {
	s.unchecked = append(s.unchecked, finding.Unchecked{What: what, File: file, Line: max(line, 1), Why: why})
}

// fault notes an error of a reader. Files that could not be opened are noted by the set itself.
func (s *scanner) fault(what string, err error) {
	var f *source.Fault
	if errors.As(err, &f) && f.Err == nil {
		s.unchecked = append(s.unchecked, f.Unchecked(what))
	}
}

// reading reads a file with one of the readers. It is nil, with a note, where that is not
// possible; and nil where there is no such file.
func reading[T any](s *scanner, what, file string, read func(path string, src []byte) (*T, error)) *T {
	if file == "" || !s.files.Has(file) {
		return nil
	}
	src, err := s.files.Read(file)
	if err != nil {
		return nil
	}
	v, err := read(file, src)
	if err != nil {
		s.fault(what, err)
		return nil
	}
	return v
}

// langs are the languages of the files that make a program.
var langs = map[string]island.Lang{
	".dart": island.Dart, ".kt": island.Kotlin, ".java": island.Java, ".swift": island.Swift, ".m": island.ObjC, ".mm": island.ObjC,
}

// program parses files into a program, nil without any.
func (s *scanner) program(files []string, packages map[string]string) *code.Program {
	s.parse(files)
	if s.ctx.Err() != nil {
		return nil
	}
	var units []*code.Unit
	for _, file := range files {
		if f := s.parsed[file]; f != nil {
			units = append(units, &code.Unit{Path: file, File: f})
		}
	}
	if len(units) == 0 {
		return nil
	}
	return code.New(units, packages)
}

// within tells whether a path is a folder, or inside of it.
func within(file, dir string) bool {
	return dir == "." || file == dir || strings.HasPrefix(file, dir+"/")
}

// join returns a path inside of a folder.
func join(dir, name string) string { return path.Join(dir, name) }

// firstOf returns the first of these files that is there, "" without any.
func (s *scanner) firstOf(files ...string) string {
	for _, file := range files {
		if s.files.Has(file) {
			return file
		}
	}
	return ""
}
