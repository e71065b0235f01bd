package island

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"testing"
)

var (
	corpus = flag.String("corpus", "", "folder of sources to read for TestCorpus, which tells what was skipped")
	only   = flag.String("only", "", "extension of the files to read")
)

// parseAll parses all that is in a file.
func parseAll(f *File) {
	for _, d := range f.Decls {
		parseDecl(d)
	}
	f.Body()
}

func parseDecl(d *Decl) {
	d.Body()
	d.Init()
	for i := range d.Params {
		d.Params[i].Default()
	}
	for _, m := range d.Members {
		parseDecl(m)
	}
}

func TestCorpus(t *testing.T) {
	if *corpus == "" {
		t.Skip("no -corpus")
	}
	type share struct {
		files, bytes, skipped, unknown, unknowns int
		worst                                    map[string]int
	}
	shares := map[string]*share{}
	var texts []string
	err := filepath.WalkDir(*corpus, func(path string, e fs.DirEntry, err error) error {
		l, ok := extensions[filepath.Ext(path)]
		if err != nil || e.IsDir() || !ok || *only != "" && filepath.Ext(path) != *only {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		f := Parse(l, src)
		parseAll(f)
		checkFile(t, path, f)
		s := shares[filepath.Ext(path)]
		if s == nil {
			s = &share{worst: map[string]int{}}
			shares[filepath.Ext(path)] = s
		}
		for _, d := range f.Decls {
			eachNode(d, func(n *Node) {
				if n.Kind == Unknown && n.Text == "" {
					s.unknown += n.End - n.Start
					s.unknowns++
					line, _ := f.Position(n.Start)
					texts = append(texts, path+":"+itoa(line)+": UNKNOWN "+f.Text(Span{n.Start, min(n.End, n.Start+80)})+" in "+f.Text(Span{max(0, n.Start-30), min(len(src), n.End+20, n.Start+100)}))
				}
			})
		}
		s.files++
		s.bytes += len(src)
		for _, span := range f.Skipped {
			s.skipped += span.End - span.Start
			s.worst[path] += span.End - span.Start
			line, _ := f.Position(span.Start)
			text := f.Text(Span{max(0, span.Start-50), min(len(src), span.End+20)})
			texts = append(texts, path+":"+itoa(line)+": "+itoa(span.End-span.Start)+" "+f.Text(Span{span.Start, min(span.End, span.Start+20)})+" in "+text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for ext, s := range shares {
		t.Logf("%s: %d files, %d bytes, skipped %d (%.4f %%), in %d unknowns %d (%.4f %%)", ext, s.files, s.bytes, s.skipped,
			100*float64(s.skipped)/float64(s.bytes), s.unknowns, s.unknown, 100*float64(s.unknown)/float64(s.bytes))
		var paths []string
		for p := range s.worst {
			paths = append(paths, p)
		}
		sort.Slice(paths, func(i, j int) bool { return s.worst[paths[i]] > s.worst[paths[j]] })
		for _, p := range paths[:min(len(paths), 8)] {
			t.Logf("   %6d %s", s.worst[p], p)
		}
	}
	for i, text := range texts {
		if i%(len(texts)/60+1) == 0 {
			t.Logf("%q", text)
		}
	}
}
