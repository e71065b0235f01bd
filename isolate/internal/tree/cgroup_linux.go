package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// group is one cgroup folder.
type group struct{ dir string }

func makeGroup(dir string) (*group, error) {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrExist) { // left by an earlier process that nobody swept
		if err = (&group{dir}).destroy(); err == nil {
			err = os.Mkdir(dir, 0o755)
		}
	}
	if err != nil {
		return nil, err
	}
	return &group{dir}, nil
}

// kill ends all of it, also in groups below. On v1, which has no cgroup.kill, it kills
// one process after another and may miss one that is being forked.
func (g *group) kill() {
	if writeFile(g.dir+"/cgroup.kill", "1") == nil {
		return
	}
	for _, pid := range g.pids() {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
}

// pids lists the living processes of the group and of those below.
func (g *group) pids() []int {
	var pids []int
	for _, dir := range g.dirs() {
		data, _ := os.ReadFile(dir + "/cgroup.procs")
		for field := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// dirs lists the folder and those below, deepest last.
func (g *group) dirs() []string {
	var dirs []string
	_ = filepath.WalkDir(g.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs
}

// remove deletes an empty group. It is the cheapest test for emptiness, too: the kernel
// refuses (EBUSY) while a process is inside.
func (g *group) remove() error {
	err := unix.Rmdir(g.dir)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// destroyTime bounds the wait for killed processes. A process in an uninterruptible
// sleep may take longer.
const destroyTime = 10 * time.Second

// destroy kills what is inside until the group can be removed.
func (g *group) destroy() error {
	var err error
	for end, pause := time.Now().Add(destroyTime), 200*time.Microsecond; time.Now().Before(end); pause = min(2*pause, 10*time.Millisecond) {
		g.kill()
		dirs := g.dirs()
		for i := len(dirs) - 1; i >= 0; i-- {
			err = (&group{dirs[i]}).remove()
		}
		if len(dirs) == 0 || err == nil {
			return nil
		}
		time.Sleep(pause)
	}
	return err
}

// counter reads one line "key value" of a file in the group.
func (g *group) counter(file, key string) int64 {
	data, _ := os.ReadFile(g.dir + "/" + file)
	for line := range strings.Lines(string(data)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), " "); ok && k == key {
			n, _ := strconv.ParseInt(v, 10, 64)
			return n
		}
	}
	return 0
}
