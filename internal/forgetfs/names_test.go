//go:build linux

package forgetfs

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// Each case starts from the same durable tree, acts, and cuts.
func TestNames(t *testing.T) {
	start := map[string]string{"a/": "", "b/": "", "a/x": "X", "a/y": "Y", "a/sub/": "", "a/sub/z": "Z"}
	f, top := mounted(t, Config{})
	exchange := func(from, to string) error {
		return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE)
	}
	for _, c := range []struct {
		name string
		act  func(t *testing.T, at func(string) string)
		want map[string]string // a change to the start: "-" takes away
	}{
		{"unsynced create vanishes", func(t *testing.T, at func(string) string) {
			write(t, at("a/new"), "N", 0)
		}, nil},
		{"create, directory synced: the name stays, the data does not", func(t *testing.T, at func(string) string) {
			write(t, at("a/new"), "N", 0)
			syncPath(t, at("a"))
		}, map[string]string{"a/new": ""}},
		{"create, another directory synced", func(t *testing.T, at func(string) string) {
			write(t, at("a/new"), "N", 0)
			syncPath(t, at("b"))
			syncPath(t, at("a/x"))
		}, nil},
		{"fsync of a new file keeps its name", func(t *testing.T, at func(string) string) {
			write(t, at("a/new"), "N", 0)
			syncPath(t, at("a/new"))
		}, map[string]string{"a/new": "N"}},
		{"fsync of a new file in new directories keeps the way to it", func(t *testing.T, at func(string) string) {
			must(t, os.MkdirAll(at("b/1/2"), 0o755), os.Mkdir(at("b/other"), 0o755))
			write(t, at("b/1/2/new"), "N", 0)
			syncPath(t, at("b/1/2/new"))
		}, map[string]string{"b/1/": "", "b/1/2/": "", "b/1/2/new": "N"}},
		{"unsynced unlink comes back, with what was durable", func(t *testing.T, at func(string) string) {
			write(t, at("a/x"), "changed", 0)
			must(t, os.Remove(at("a/x")))
		}, nil},
		{"unlink, directory synced", func(t *testing.T, at func(string) string) {
			must(t, os.Remove(at("a/x")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": "-"}},
		{"unlink and new file of the same name", func(t *testing.T, at func(string) string) {
			must(t, os.Remove(at("a/x")))
			write(t, at("a/x"), "new", 0)
		}, nil},
		{"unlink and new file of the same name, synced", func(t *testing.T, at func(string) string) {
			must(t, os.Remove(at("a/x")))
			write(t, at("a/x"), "new", 0)
			syncPath(t, at("a/x"))
		}, map[string]string{"a/x": "new"}},
		{"unsynced rename turns back", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("a/new")))
		}, nil},
		{"unsynced rename over a file turns back", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("a/y")))
		}, nil},
		{"rename over a file, synced", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("a/y")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": "-", "a/y": "X"}},
		{"fsync of an old file does not keep its rename", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("a/new")))
			write(t, at("a/new"), "X2", 0)
			syncPath(t, at("a/new"))
		}, map[string]string{"a/x": "X2"}},
		{"replace by write, fsync, rename: old or new, here old", func(t *testing.T, at func(string) string) {
			write(t, at("a/tmp"), "new", 0)
			syncPath(t, at("a/tmp"))
			must(t, os.Rename(at("a/tmp"), at("a/x")))
		}, map[string]string{"a/tmp": "new"}},
		{"replace by write, rename, sync of the directory: an empty file", func(t *testing.T, at func(string) string) {
			write(t, at("a/tmp"), "new", 0)
			must(t, os.Rename(at("a/tmp"), at("a/x")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": ""}},
		{"rename to another directory, only the source synced", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("b/x")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": "-", "b/x": "X"}},
		{"rename to another directory, only the target synced", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("b/x")))
			syncPath(t, at("b"))
		}, map[string]string{"a/x": "-", "b/x": "X"}},
		{"renames in a circle turn back", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/x"), at("b/t")), os.Rename(at("a/y"), at("a/x")), os.Rename(at("b/t"), at("a/y")))
		}, nil},
		{"exchange turns back", func(t *testing.T, at func(string) string) {
			must(t, exchange(at("a/x"), at("a/sub")))
		}, nil},
		{"exchange, synced", func(t *testing.T, at func(string) string) {
			must(t, exchange(at("a/x"), at("a/y")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": "Y", "a/y": "X"}},
		{"unsynced mkdir vanishes with all that is in it", func(t *testing.T, at func(string) string) {
			must(t, os.MkdirAll(at("b/1/2"), 0o755))
			write(t, at("b/1/2/new"), "N", 0)
		}, nil},
		{"a removed tree comes back", func(t *testing.T, at func(string) string) {
			must(t, os.RemoveAll(at("a")))
		}, nil},
		{"a removed tree, its parent synced", func(t *testing.T, at func(string) string) {
			must(t, os.RemoveAll(at("a/sub")))
			syncPath(t, at("a"))
		}, map[string]string{"a/sub/": "-", "a/sub/z": "-"}},
		{"a file moved out of a directory that is durably removed", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/sub/z"), at("b/z")), os.Remove(at("a/sub")))
			syncPath(t, at("a"))
		}, map[string]string{"a/sub/": "-", "a/sub/z": "-", "b/z": "Z"}},
		{"a file moved into a new directory that goes away again", func(t *testing.T, at func(string) string) {
			must(t, os.Mkdir(at("b/1"), 0o755), os.Rename(at("a/x"), at("b/1/x")), os.Rename(at("b/1/x"), at("b/x")),
				os.Remove(at("b/1")), os.Remove(at("b/x")))
		}, nil},
		{"a file moved through a new directory that is replaced", func(t *testing.T, at func(string) string) {
			must(t, os.Mkdir(at("b/1"), 0o755), os.Rename(at("a/x"), at("b/1/x")), os.Rename(at("b/1/x"), at("b/x")),
				os.Mkdir(at("b/2"), 0o755), unix.Rename(at("b/2"), at("b/1")))
		}, nil},
		{"a file moved into a new, synced directory", func(t *testing.T, at func(string) string) {
			must(t, os.Mkdir(at("b/1"), 0o755), os.Rename(at("a/x"), at("b/1/x")))
			syncPath(t, at("b/1"))
		}, map[string]string{"a/x": "-", "b/1/": "", "b/1/x": "X"}},
		{"directories moved into one another", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/sub"), at("b/sub")), os.Rename(at("a"), at("b/sub/a")))
			syncPath(t, at("b/sub"))
		}, map[string]string{
			"a/": "-", "a/x": "-", "a/y": "-", "a/sub/": "-", "a/sub/z": "-",
			"b/sub/": "", "b/sub/z": "Z", "b/sub/a/": "", "b/sub/a/x": "X", "b/sub/a/y": "Y",
		}},
		{"directories moved into one another turn back", func(t *testing.T, at func(string) string) {
			must(t, os.Rename(at("a/sub"), at("b/sub")), os.Rename(at("a"), at("b/sub/a")))
		}, nil},
		{"a directory moved over an empty one", func(t *testing.T, at func(string) string) {
			must(t, unix.Rename(at("a/sub"), at("b"))) // os.Rename refuses
		}, nil},
		{"unsynced hard link vanishes", func(t *testing.T, at func(string) string) {
			must(t, os.Link(at("a/x"), at("b/x")))
		}, nil},
		{"move by link and unlink, one directory synced, loses no file", func(t *testing.T, at func(string) string) {
			must(t, os.Link(at("a/x"), at("b/x")), os.Remove(at("a/x")))
			syncPath(t, at("a"))
		}, map[string]string{"a/x": "-", "b/x": "X"}},
		{"both names of a file removed", func(t *testing.T, at func(string) string) {
			must(t, os.Link(at("a/x"), at("b/x")))
			syncPath(t, at("b"))
			must(t, os.Remove(at("a/x")), os.Remove(at("b/x")))
		}, map[string]string{"b/x": "X"}},
		{"symbolic link", func(t *testing.T, at func(string) string) {
			must(t, os.Symlink("nowhere", at("a/l1")))
			syncPath(t, at("a"))
			must(t, os.Symlink("nowhere", at("a/l2")), os.Remove(at("a/l1")))
		}, map[string]string{"a/l1": "nowhere"}},
		{"written through a handle after the unlink, synced", func(t *testing.T, at func(string) string) {
			edit(t, at("a/x"), func(file *os.File) error {
				must(t, os.Remove(at("a/x")))
				_, err := file.WriteAt([]byte("kept"), 0)
				must(t, err, file.Sync())
				_, err = file.WriteAt([]byte("lost"), 0)
				return err
			})
		}, map[string]string{"a/x": "kept"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(top, "case")
			must(t, os.MkdirAll(dir+"/a/sub", 0o755), os.Mkdir(dir+"/b", 0o755))
			want := maps.Clone(start)
			for name, text := range start {
				if text != "" {
					write(t, filepath.Join(dir, name), text, 0)
					syncPath(t, filepath.Join(dir, name))
				}
			}
			syncPath(t, dir)
			c.act(t, func(name string) string { return filepath.Join(dir, name) })
			for name, text := range c.want {
				want[name] = text
				if text == "-" {
					delete(want, name)
				}
			}
			must(t, f.Cut())
			if diff := cmp.Diff(want, tree(t, filepath.Join(f.backing, "case"))); diff != "" {
				t.Errorf("backing after the cut (-want +got):\n%s", diff)
			}
			f.Restore()
			if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
				t.Errorf("mount after restore (-want +got):\n%s", diff)
			}
			must(t, os.RemoveAll(dir))
			syncPath(t, top)
			got := tree(t, f.backing)
			delete(got, stashName+"/")
			if len(got) != 0 {
				t.Errorf("left in backing: %q", got)
			}
			eventually(t, "all that is gone is forgotten", func() bool {
				f.mu.RLock()
				defer f.mu.RUnlock()
				return len(f.objects) == 1
			})
		})
	}
}

// What a random loss keeps of names is whole groups, and never half a rename.
func TestRandomNames(t *testing.T) {
	f, dir := mounted(t, Config{Loss: LoseRandom, Seed: 7})
	renamed, created, both := 0, 0, 0
	const cuts = 40
	for range cuts {
		write(t, dir+"/old", "O", 0)
		syncPath(t, dir+"/old")
		must(t, os.Rename(dir+"/old", dir+"/new"))
		must(t, os.Mkdir(dir+"/made", 0o755))
		power(t, f)
		got := tree(t, dir)
		_, made := got["made/"]
		if got["old"]+got["new"] != "O" {
			t.Fatalf("half a rename: %q", got)
		}
		if got["new"] == "O" {
			renamed++
		}
		if made {
			created++
		}
		if made && got["new"] == "O" {
			both++
		}
		must(t, os.RemoveAll(dir+"/old"), os.RemoveAll(dir+"/new"), os.RemoveAll(dir+"/made"))
		syncPath(t, dir)
	}
	if renamed == 0 || renamed == cuts || created == 0 || created == cuts || both == renamed {
		t.Errorf("of %d cuts %d kept the rename, %d the directory, %d both: not random", cuts, renamed, created, both)
	}
}
