package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/work"
)

// Index reads one package. Its name is what is stored: a fresh process finds the
// function by it.
var Index = lull.Define[Input, Page]("index")

// Input travels as JSON, at most 10,240 bytes. What is larger goes by its name.
type Input struct {
	Package string
	Crash   string `json:",omitempty"` // "always", or a file: until it is there; for a demonstration
}

// Page is what the index says of a package.
type Page struct {
	Files    int
	Exported int // names
	Words    int // of documentation
	Synopsis string
}

// index is declared at package level: a fresh process has no captured variables.
func index(ctx context.Context, in Input) (Page, error) {
	p, err := build.Import(in.Package, "", build.FindOnly)
	if err != nil {
		return Page{}, isolate.Permanent(err) // no other attempt would find it
	}
	if err := crash(in.Crash); err != nil {
		return Page{}, err
	}
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
	if err != nil {
		return Page{}, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if ctx.Err() != nil { // asked to stop: it will run again
			return Page{}, context.Cause(ctx)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return Page{}, isolate.Permanent(err)
		}
		files = append(files, f)
		// Whoever asks for the work sees how far it is.
		if err := isolate.Progress(ctx, len(files)); err != nil {
			return Page{}, err
		}
	}
	d, err := doc.NewFromFiles(fset, files, in.Package)
	if err != nil {
		return Page{}, isolate.Permanent(err)
	}
	return Page{Files: len(files), Exported: exported(d), Words: words(d), Synopsis: d.Synopsis(d.Doc)}, nil
}

// crash takes the whole process down, as a bug in a C library would.
func crash(how string) error {
	if how == "" {
		return nil
	}
	if how != "always" {
		if _, err := os.Stat(how); !errors.Is(err, fs.ErrNotExist) {
			return err // nil: it has crashed before
		}
		if err := os.WriteFile(how, nil, 0o600); err != nil {
			return err
		}
	}
	go func() { panic("a bug in a goroutine that nobody can recover") }()
	select {}
}

func exported(d *doc.Package) int {
	n := len(d.Funcs) + len(d.Types)
	for _, t := range d.Types {
		n += len(t.Methods) + len(t.Funcs)
	}
	for _, v := range append(d.Consts, d.Vars...) {
		n += len(v.Names)
	}
	return n
}

func words(d *doc.Package) int {
	n := len(strings.Fields(d.Doc))
	for _, f := range d.Funcs {
		n += len(strings.Fields(f.Doc))
	}
	for _, t := range d.Types {
		n += len(strings.Fields(t.Doc))
		for _, f := range append(t.Funcs, t.Methods...) {
			n += len(strings.Fields(f.Doc))
		}
	}
	return n
}

// show prints what became of the works.
func show(ctx context.Context, w io.Writer, eng *lull.Engine, ids []work.ID) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PACKAGE\tFILES\tNAMES\tWORDS\tWHAT IT IS")
	for _, id := range ids {
		info, err := eng.Get(ctx, id)
		if err != nil {
			return err
		}
		var in Input
		if err := json.Unmarshal(info.Input, &in); err != nil {
			return err
		}
		if info.State != work.Succeeded {
			why := ""
			if info.Last != nil {
				why = ": " + info.Last.Message
			}
			fmt.Fprintf(t, "%s\t-\t-\t-\t%s%s\n", in.Package, info.State, why)
			continue
		}
		var p Page
		if err := json.Unmarshal(info.Output, &p); err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\n", in.Package, p.Files, p.Exported, p.Words, p.Synopsis)
	}
	return t.Flush()
}
