//go:build linux

package forgetfs

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// model is a second, naive account of what is durable. It keeps each pending change and
// works out what belongs together by search.
type model struct {
	live, durable map[string]*modelFile
	pending       []modelOp
}

type modelFile struct {
	live, durable string
	fresh         bool
}

type modelOp struct {
	names []string
	files []*modelFile
}

func (m *model) did(names []string, files ...*modelFile) {
	m.pending = append(m.pending, modelOp{names, files})
}

// commit makes durable what hangs together with the ops that match.
func (m *model) commit(match func(op modelOp) bool) {
	names, files := map[string]bool{}, map[*modelFile]bool{}
	in := make([]bool, len(m.pending))
	for grown := true; grown; {
		grown = false
		for i, op := range m.pending {
			linked := match(op) ||
				slices.ContainsFunc(op.names, func(n string) bool { return names[n] }) ||
				slices.ContainsFunc(op.files, func(f *modelFile) bool { return files[f] })
			if in[i] || !linked {
				continue
			}
			in[i], grown = true, true
			for _, n := range op.names {
				names[n] = true
			}
			for _, f := range op.files {
				files[f] = f != nil
			}
		}
	}
	var rest []modelOp
	for i, op := range m.pending {
		if !in[i] {
			rest = append(rest, op)
		}
	}
	m.pending = rest
	for n := range names {
		delete(m.durable, n)
		if f := m.live[n]; f != nil {
			m.durable[n] = f
			f.fresh = false
		}
	}
}

func (m *model) fsync(f *modelFile) {
	f.durable = f.live
	if f.fresh {
		m.commit(func(op modelOp) bool { return slices.Contains(op.files, f) })
	}
}

func (m *model) fsyncDir(dir string) {
	m.commit(func(op modelOp) bool {
		return slices.ContainsFunc(op.names, func(n string) bool { return strings.HasPrefix(n, dir) })
	})
}

func (m *model) cut() {
	m.pending = nil
	m.live = maps.Clone(m.durable)
	for _, f := range m.live {
		f.live = f.durable
	}
}

func (m *model) tree() map[string]string {
	all := map[string]string{"a/": "", "b/": ""}
	for n, f := range m.live {
		all[n] = f.live
	}
	return all
}

// Random programs on two directories: after each cut the tree is what the model says.
func TestModel(t *testing.T) {
	f, top := mounted(t, Config{})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		dir := fmt.Sprintf("%s/%d", top, round)
		must(t, os.MkdirAll(dir+"/a", 0o755), os.Mkdir(dir+"/b", 0o755))
		syncPath(t, dir+"/a")
		syncPath(t, dir+"/b")
		m := &model{live: map[string]*modelFile{}, durable: map[string]*modelFile{}}
		at := func(name string) string { return filepath.Join(dir, name) }
		name := rapid.SampledFrom([]string{"a/1", "a/2", "a/3", "b/1", "b/2"})
		two := func() (from, to string, file *modelFile) {
			from, to = name.Draw(rt, "from"), name.Draw(rt, "to")
			if m.live[from] == nil || m.live[from] == m.live[to] {
				rt.Skip("nothing to move")
			}
			return from, to, m.live[from]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) {
				n, off := name.Draw(rt, "name"), rapid.IntRange(0, 9000).Draw(rt, "off")
				text := strings.Repeat(rapid.StringMatching(`[a-z]`).Draw(rt, "letter"), rapid.IntRange(1, 6000).Draw(rt, "len"))
				file := m.live[n]
				if file == nil {
					file = &modelFile{fresh: true}
					m.live[n] = file
					m.did([]string{n}, file)
				}
				whole := bytes.Repeat([]byte{0}, max(len(file.live), off+len(text)))
				copy(whole, file.live)
				copy(whole[off:], text)
				file.live = string(whole)
				write(t, at(n), text, int64(off))
			},
			"truncate": func(rt *rapid.T) {
				n, size := name.Draw(rt, "name"), rapid.IntRange(0, 9000).Draw(rt, "size")
				file := m.live[n]
				if file == nil {
					rt.Skip("no file")
				}
				file.live = (file.live + strings.Repeat("\x00", size))[:size]
				must(t, os.Truncate(at(n), int64(size)))
			},
			"fsync": func(rt *rapid.T) {
				n := name.Draw(rt, "name")
				if m.live[n] == nil {
					rt.Skip("no file")
				}
				m.fsync(m.live[n])
				syncPath(t, at(n))
			},
			"fsyncdir": func(rt *rapid.T) {
				d := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "dir")
				m.fsyncDir(d)
				syncPath(t, at(d))
			},
			"remove": func(rt *rapid.T) {
				n := name.Draw(rt, "name")
				if m.live[n] == nil {
					rt.Skip("no file")
				}
				m.did([]string{n}, m.live[n])
				delete(m.live, n)
				must(t, os.Remove(at(n)))
			},
			"rename": func(rt *rapid.T) {
				from, to, file := two()
				m.did([]string{from, to}, file, m.live[to])
				m.live[to] = file
				delete(m.live, from)
				must(t, os.Rename(at(from), at(to)))
			},
			"link": func(rt *rapid.T) {
				from, to, file := two()
				if m.live[to] != nil {
					rt.Skip("taken")
				}
				m.did([]string{to}, file)
				m.live[to] = file
				must(t, os.Link(at(from), at(to)))
			},
			"cut": func(rt *rapid.T) {
				must(t, f.Cut())
				m.cut()
				if diff := cmp.Diff(m.tree(), tree(t, fmt.Sprintf("%s/%d", f.backing, round))); diff != "" {
					rt.Fatalf("backing after the cut (-want +got):\n%s", diff)
				}
				f.Restore()
			},
			"": func(rt *rapid.T) {
				if diff := cmp.Diff(m.tree(), tree(t, dir)); diff != "" {
					rt.Fatalf("mount (-want +got):\n%s", diff)
				}
			},
		})
	})
}

// Random histories of one file, without a mount: a rewind gives back the last sync, and a
// random one is made of pages of then and of now.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	rapid.Check(t, func(rt *rapid.T) {
		file, err := os.Create(path)
		must(t, err)
		defer file.Close()
		var j journal
		var now []byte
		durable, lost := []byte{}, map[int]bool{} // lost: pages that a failed sync dropped
		for range rapid.IntRange(1, 25).Draw(rt, "ops") {
			off := rapid.IntRange(0, 5*pageSize).Draw(rt, "off")
			switch rapid.IntRange(0, 5).Draw(rt, "op") {
			case 0, 1, 2:
				data := bytes.Repeat([]byte{rapid.Byte().Draw(rt, "byte")}, rapid.IntRange(1, 2*pageSize).Draw(rt, "len"))
				must(t, j.touch(file, int64(len(now)), int64(off), int64(off+len(data))))
				_, err := file.WriteAt(data, int64(off))
				must(t, err)
				now = append(now, make([]byte, max(0, off+len(data)-len(now)))...)
				copy(now[off:], data)
				for p := off / pageSize; p*pageSize < off+len(data); p++ {
					delete(lost, p)
				}
			case 3:
				must(t, j.touch(file, int64(len(now)), int64(off), int64(max(len(now), off))))
				must(t, file.Truncate(int64(off)))
				for p := off / pageSize; off < len(now) && p*pageSize < len(now); p++ {
					delete(lost, p)
				}
				now = append(now, make([]byte, max(0, off-len(now)))...)[:off]
			case 4:
				j.synced(int64(len(now)))
				next := bytes.Clone(now)
				for p := range lost { // what was dropped is not written by this sync either
					at := min(p*pageSize, len(next))
					end := min(at+pageSize, len(next))
					clear(next[at:end])
					copy(next[at:end], durable[min(at, len(durable)):])
				}
				maps.DeleteFunc(lost, func(p int, _ bool) bool { return p*pageSize >= len(now) })
				durable = next
			case 5:
				j.syncFailed()
				for p := range j.pages {
					lost[int(p)] = true
				}
			}
		}
		before := bytes.Clone(now)
		random := rapid.Bool().Draw(rt, "random")
		var rng *rand.Rand
		if random {
			rng = rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		}
		if j.dirty {
			must(t, j.rewind(int(file.Fd()), int64(len(now)), rng))
		}
		after, err := os.ReadFile(path)
		must(t, err)
		if !random && !bytes.Equal(after, durable) {
			rt.Fatalf("%d bytes, want %d; same up to byte %d", len(after), len(durable), commonPrefix(string(after), string(durable)))
		}
		if len(after) > max(len(before), len(durable)) {
			rt.Fatalf("%d bytes are more than ever (%d, %d)", len(after), len(before), len(durable))
		}
		zeros := make([]byte, pageSize)
		for at := 0; at < len(after); at += pageSize {
			page := after[at:min(at+pageSize, len(after))]
			is := func(of []byte) bool {
				padded := append(bytes.Clone(of[min(at, len(of)):min(at+pageSize, len(of))]), zeros...)
				return bytes.Equal(page, padded[:len(page)])
			}
			if !is(before) && !is(durable) {
				rt.Fatalf("page %d is neither the new nor the durable one", at/pageSize)
			}
			uncut := len(after) > len(before) && at+pageSize > len(before) // its truncation did not happen
			if (lost[at/pageSize] || uncut) && !is(durable) {
				rt.Fatalf("page %d is not the durable one", at/pageSize)
			}
		}
	})
}
