package island

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources of a language: those of -corpus, else those of the golden trees over and over.
func sources(tb testing.TB, extension string) (list [][]byte, size int64) {
	tb.Helper()
	if *corpus != "" {
		err := filepath.WalkDir(*corpus, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != extension {
				return err
			}
			src, err := os.ReadFile(path)
			list, size = append(list, src), size+int64(len(src))
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
		return list, size
	}
	all := strings.Builder{}
	for _, c := range goldens(tb) {
		if filepath.Ext(c.name) == extension {
			all.WriteString(c.source)
		}
	}
	for range 100 {
		list, size = append(list, []byte(all.String())), size+int64(all.Len())
	}
	return list, size
}

func goldens(tb testing.TB) (list []golden) {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no golden trees", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, cases(string(text))...)
	}
	return list
}

func BenchmarkParse(b *testing.B) {
	for _, extension := range []string{".dart", ".kt", ".swift", ".java", ".m", ".gradle"} {
		list, size := sources(b, extension)
		for _, what := range []string{"lex", "declarations", "bodies"} {
			b.Run(extension[1:]+"/"+what, func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					for _, src := range list {
						if what == "lex" {
							lex(extensions[extension], string(src), nil)
							continue
						}
						f := Parse(extensions[extension], src)
						if what == "bodies" {
							parseAll(f)
						}
					}
				}
			})
		}
	}
}

func BenchmarkUses(b *testing.B) {
	list, size := sources(b, ".dart")
	var files []*File
	for _, src := range list {
		files = append(files, Parse(Dart, src))
	}
	b.SetBytes(size)
	for b.Loop() {
		for _, f := range files {
			f.Uses("registerPeriodicTask")
			f.Uses("build")
		}
	}
}
