// Package twin runs the same scripts through both drivers of the core: the live
// engine on a clock that tests move, and the simulator. Both must write the same
// journal, byte by byte.
package twin

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/sim"
)

var rewrite = flag.Bool("rewrite", false, "write the scripts' outputs anew")

// block is one command of a script with the lines that belong to it: indented input
// below it, and after the separator its output.
type block struct {
	line   int
	before []string // prose and blank lines
	cmds   []string // lines; indented ones belong to the one above
	want   string
}

const separator = "----"

// parse reads a script: prose (# ...), then commands, each followed by its output and
// a blank line. A first command "start TIME" sets the wall clock.
func parse(text string) []block {
	var blocks []block
	var b block
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch {
		case l == separator:
			var out strings.Builder
			for i++; i < len(lines) && lines[i] != ""; i++ {
				out.WriteString(lines[i] + "\n")
			}
			b.want = out.String()
			blocks = append(blocks, b)
			b = block{}
		case len(b.cmds) == 0 && (l == "" || strings.HasPrefix(l, "#")):
			b.before = append(b.before, l)
		default:
			if len(b.cmds) == 0 {
				b.line = i + 1
			}
			b.cmds = append(b.cmds, l)
		}
	}
	if len(b.cmds)+len(b.before) > 0 {
		blocks = append(blocks, b)
	}
	return blocks
}

func format(blocks []block, got []string) string {
	var s strings.Builder
	for i, b := range blocks {
		for _, l := range b.before {
			s.WriteString(l + "\n")
		}
		if len(b.cmds) > 0 {
			s.WriteString(strings.Join(b.cmds, "\n") + "\n" + separator + "\n" + got[i] + "\n")
		}
	}
	return strings.TrimRight(s.String(), "\n") + "\n"
}

// commands puts each line together with the indented ones below it.
func (b *block) commands(f func(line string, below []string) error) error {
	for i := 0; i < len(b.cmds); {
		k := i + 1
		for k < len(b.cmds) && strings.HasPrefix(b.cmds[k], " ") {
			k++
		}
		below := make([]string, 0, k-i-1)
		for _, l := range b.cmds[i+1 : k] {
			below = append(below, strings.TrimSpace(l))
		}
		if err := f(b.cmds[i], below); err != nil {
			return fmt.Errorf("%s: %w", b.cmds[i], err)
		}
		i = k
	}
	return nil
}

// run plays a script on one driver and returns each block's output and the journal.
func run(t *testing.T, path string, blocks []block, drive func(testing.TB, setting) driver) ([]string, []byte) {
	start := int64(sim.DefaultStart)
	if len(blocks) > 0 && len(blocks[0].cmds) > 0 {
		if at, ok := strings.CutPrefix(blocks[0].cmds[0], "start "); ok {
			var err error
			if start, err = timeOf(at); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
	}
	world := &sim.Script{}
	d := drive(t, setting{start: start, world: world})
	defer func() {
		if err := d.close(); err != nil {
			t.Errorf("%s: close: %v", path, err)
		}
	}()
	r := &player{d: d, world: world, start: start, join: journal.NewJoin()}
	got := make([]string, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		var out strings.Builder
		err := b.commands(func(line string, below []string) (err error) {
			defer func() {
				if p := recover(); p != nil && os.Getenv("TWIN_PANIC") == "" {
					err = fmt.Errorf("%v", p)
				}
			}()
			if strings.HasPrefix(line, "start ") {
				return nil
			}
			s, err := r.play(line, below)
			out.WriteString(s)
			return err
		})
		if err != nil {
			t.Fatalf("%s:%d: %v\n%s", path, b.line, err, out.String())
		}
		got[i] = out.String()
	}
	return got, d.lines()
}

func simulate(tb testing.TB, s setting) driver { return newSim(tb, s) }

func enliven(tb testing.TB, s setting) driver { return newLive(tb, s) }

func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			blocks := parse(string(text))
			simulated, simJournal := run(t, path, blocks, simulate)
			lived, liveJournal := run(t, path, blocks, enliven)
			for i := range blocks {
				if simulated[i] != lived[i] {
					t.Errorf("%s:%d: the drivers differ\nsim:\n%s\nlive:\n%s", path, blocks[i].line, simulated[i], lived[i])
				}
			}
			if !bytes.Equal(simJournal, liveJournal) {
				t.Errorf("%s: the journals differ\nsim:\n%s\nlive:\n%s", path, simJournal, liveJournal)
			}
			if *rewrite {
				if err := os.WriteFile(path, []byte(format(blocks, simulated)), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for i := range blocks {
				if simulated[i] != blocks[i].want {
					t.Errorf("%s:%d: %s\ngot:\n%s\nwant:\n%s", path, blocks[i].line, strings.Join(blocks[i].cmds, "\n"), simulated[i], blocks[i].want)
				}
			}
		})
	}
}
