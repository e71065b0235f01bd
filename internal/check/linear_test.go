package check_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check"
)

// No file makes a check's work grow faster than the file: what is allocated for four times
// the file, a count that no busy machine changes, is not much more than four times as much.
func TestLinear(t *testing.T) {
	const main = "import 'package:workmanager/workmanager.dart';\nvoid callbackDispatcher() { Workmanager().executeTask((t, i) async { %s; return true; }); }\n" +
		"void main() { Workmanager().initialize(callbackDispatcher); }\n"
	for name, body := range map[string]func(n int) string{
		"localisation": func(n int) string {
			return fmt.Sprintf(main, "L().k1") + "class L {\n" + repeat(n, "  String get k%d => 'The %[1]d of “many”';\n") + "}\n"
		},
		"nesting":      func(n int) string { return fmt.Sprintf(main, strings.Repeat("f(() { ", n)+strings.Repeat("}) ", n)) },
		"open strings": func(n int) string { return fmt.Sprintf(main, "g()") + strings.Repeat("var a = '${f(\"\n", n) },
		"one call":     func(n int) string { return fmt.Sprintf(main, "h("+repeat(n, "%d, ")+")") },
		"chain of calls": func(n int) string {
			chain := fmt.Sprintf(main, "await f0()")
			for i := range n {
				chain += fmt.Sprintf("Future<void> f%d() async { await f%d(); }\n", i, i+1)
			}
			return chain
		},
		"many tasks": func(n int) string {
			return fmt.Sprintf(main, "switch (t) { "+repeat(n, "case 'task%d': await send(%[1]d); break; ")+"}")
		},
		"comments": func(n int) string { return fmt.Sprintf(main, "g()") + strings.Repeat("// lull:ignore\n/* ", n) },
	} {
		t.Run(name, func(t *testing.T) {
			work := func(n int) uint64 {
				dir := t.TempDir()
				for file, text := range map[string]string{"pubspec.yaml": platformFiles["pubspec.yaml"], "lib/main.dart": body(n)} {
					file = filepath.Join(dir, file)
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				before := allocated()
				if _, err := check.Run(context.Background(), dir, check.Config{}); err != nil {
					t.Fatal(err)
				}
				return allocated() - before
			}
			nothing := work(1) // also what is made once
			small, large := work(1000), work(4000)
			if large > 6*small+nothing {
				t.Errorf("%d bytes, and %d for four times the file", small, large)
			}
		})
	}
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
