//go:build linux

package forgetfs

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// What maps memory of the mount runs in a child: see the package comment.
const childEnv = "LULL_FORGETFS_CHILD"

func TestMain(m *testing.M) {
	what := os.Getenv(childEnv)
	if what == "" {
		os.Exit(m.Run())
	}
	path, mode := os.Getenv(childEnv+"_PATH"), os.Getenv(childEnv+"_SYNC")
	var err error
	switch what {
	case "create":
		err = createDB(path)
	case "load":
		err = loadDB(path, mode)
	case "map":
		err = writeMapped(path)
	case "create-open":
		unix.Umask(0)
		err = os.WriteFile(path, nil, 0o666)
	}
	if err != nil {
		fmt.Println("error", sqlite.ErrCode(err), err)
	}
	os.Exit(0)
}

func child(t *testing.T, what, path, mode string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+what, childEnv+"_PATH="+path, childEnv+"_SYNC="+mode)
	cmd.Stderr = os.Stderr
	return cmd
}

func createDB(path string) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenWAL)
	if err != nil {
		return err
	}
	for _, sql := range []string{"PRAGMA synchronous = FULL", "CREATE TABLE row (id INTEGER PRIMARY KEY, pad BLOB)"} {
		if err := sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			return err
		}
	}
	return conn.Close()
}

// loadDB reports what it finds, then inserts a row a commit and acknowledges each.
func loadDB(path, mode string) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenWAL)
	if err != nil {
		return err
	}
	result := func(query string) (text string, err error) {
		err = sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			text += stmt.ColumnText(0) + " "
			return nil
		}})
		return strings.TrimSpace(text), err
	}
	if _, err := result("PRAGMA synchronous = " + mode); err != nil {
		return err
	}
	if sound, err := result("PRAGMA integrity_check(1)"); err != nil || sound != "ok" {
		return fmt.Errorf("integrity: %s %w", sound, err)
	}
	count, err := result("SELECT count(*) FROM row")
	if err != nil {
		return err
	}
	last, err := result("SELECT coalesce(max(id), 0) FROM row")
	if err != nil {
		return err
	}
	fmt.Println("found", count, last)
	id, err := strconv.Atoi(last)
	if err != nil {
		return err
	}
	insert := conn.Prep("INSERT INTO row VALUES (?, randomblob(200))")
	for {
		id++
		insert.BindInt64(1, int64(id))
		if _, err := insert.Step(); err != nil {
			return err
		}
		if err := insert.Reset(); err != nil {
			return err
		}
		fmt.Println("ack", id)
	}
}

// durableDB creates the database; its directory is synced, as whoever creates one must do.
func durableDB(t *testing.T, path string) {
	t.Helper()
	out, err := child(t, "create", path, "").Output()
	must(t, err)
	if len(out) > 0 {
		t.Fatalf("creating the database: %s", out)
	}
	syncPath(t, filepath.Dir(path))
}

// checkpoint is after how many rows SQLite copies its log into the database, about.
const checkpoint = 1000

// tally sums up the cuts of one setting.
type tally struct{ cuts, acked, lost, corrupt int }

// torment loads a database in rounds that each end in a cut. The next round counts what
// the last one lost.
func torment(t *testing.T, cfg Config, mode string, cuts int) (sum tally) {
	t.Helper()
	f, dir := mounted(t, cfg)
	path := dir + "/row.db"
	durableDB(t, path)
	acked := 0
	for round := 0; round <= cuts; round++ { // the last one only looks
		cmd := child(t, "load", path, mode)
		pipe, err := cmd.StdoutPipe()
		must(t, err, cmd.Start())
		out := bufio.NewScanner(pipe)
		var rows, last int
		if !out.Scan() {
			t.Fatalf("the writer is silent: %v", out.Err())
		}
		_, err = fmt.Sscanf(out.Text(), "found %d %d", &rows, &last)
		if err != nil { // it could not read what the cut left
			t.Logf("%s: %s", mode, out.Text())
			sum.corrupt++
			sum.lost += acked
			must(t, cmd.Wait(), os.RemoveAll(path), os.RemoveAll(path+"-wal"), os.RemoveAll(path+"-shm"))
			durableDB(t, path)
			acked = 0
			continue
		}
		sum.lost += max(acked-last, 0) + last - rows
		ended := make(chan error, 1)
		if round == cuts {
			ended <- cmd.Process.Kill()
		}
		acked = last
		goal := last + checkpoint + round%4*checkpoint/4
		for out.Scan() {
			if ack, ok := strings.CutPrefix(out.Text(), "ack "); ok {
				acked, err = strconv.Atoi(ack)
				must(t, err)
			}
			if round < cuts && acked == goal {
				go func() { ended <- errors.Join(f.Cut(), cmd.Process.Kill()) }()
			}
		}
		if round < cuts && acked < goal {
			t.Fatalf("the writer ended after %d of %d rows", acked-last, goal-last)
		}
		if err := <-ended; err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		cmd.Wait() // its end is no news
		if round < cuts {
			sum.cuts++
			sum.acked += acked - last
			f.Restore()
		}
	}
	return sum
}

// A gate that never fails proves nothing, and one that always fails neither: SQLite in WAL
// mode loses nothing it acknowledged with synchronous=FULL, loses some with NORMAL, and with
// OFF loses or breaks what it likes.
func TestControl(t *testing.T) {
	cuts := 2
	if *long {
		cuts = 15
	}
	for _, c := range []struct {
		mode  string
		loss  Loss
		loses bool
	}{
		{"FULL", LoseAll, false},
		{"FULL", LoseRandom, false},
		{"FULL", Torn, false},
		{"NORMAL", LoseAll, true},
		{"OFF", LoseAll, true},
	} {
		name := fmt.Sprintf("%s/%s", c.mode, []string{"all", "random", "torn"}[c.loss])
		t.Run(name, func(t *testing.T) {
			sum := torment(t, Config{Loss: c.loss, Seed: 1}, c.mode, cuts)
			t.Logf("%d cuts, %d rows acknowledged, %d lost, %d times corrupt", sum.cuts, sum.acked, sum.lost, sum.corrupt)
			switch {
			case sum.acked < checkpoint*cuts:
				t.Errorf("too little load to tell anything")
			case !c.loses && sum.lost+sum.corrupt > 0:
				t.Errorf("synchronous=%s lost acknowledged rows", c.mode)
			case c.loses && sum.lost+sum.corrupt == 0:
				t.Errorf("synchronous=%s lost nothing: the cut does not work", c.mode)
			}
		})
	}
}

// NORMAL may lose rows, but never the database; OFF under reordering is what breaks it.
func TestControlReordered(t *testing.T) {
	if !*long {
		t.Skip("needs many cuts; run with -long")
	}
	normal := torment(t, Config{Loss: LoseRandom, Seed: 2}, "NORMAL", 15)
	off := torment(t, Config{Loss: LoseRandom, Seed: 3}, "OFF", 15)
	t.Logf("NORMAL %+v, OFF %+v", normal, off)
	if normal.corrupt > 0 || normal.lost == 0 {
		t.Errorf("NORMAL: %+v", normal)
	}
	if off.corrupt == 0 {
		t.Errorf("OFF: %+v", off)
	}
}

// Each fault that sets in during the load reaches SQLite as the error it has for it, and
// what was acknowledged before survives a cut.
func TestFaultsReachSQLite(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"fsync", Config{FailFsyncAfter: 20}, "SQLITE_IOERR_FSYNC"},
		{"space", Config{NoSpaceAfter: 100_000}, "SQLITE_FULL"},
		// SQLITE_READONLY is for opening; it has no translation for EROFS from a write.
		{"read-only", Config{ReadOnly: true}, "SQLITE_IOERR_WRITE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, dir := mounted(t, Config{})
			path := dir + "/row.db"
			durableDB(t, path)
			load := func() (rows, acked int, last string) {
				cmd := child(t, "load", path, "FULL")
				pipe, err := cmd.StdoutPipe()
				must(t, err, cmd.Start())
				for out := bufio.NewScanner(pipe); out.Scan(); {
					last = out.Text()
					fmt.Sscanf(last, "found %d", &rows)
					fmt.Sscanf(last, "ack %d", &acked)
					if acked == rows+10 {
						must(t, f.Configure(c.cfg))
					}
				}
				must(t, cmd.Wait()) // it ends at the error
				return rows, acked, last
			}
			_, acked, last := load()
			if acked < 10 || !strings.Contains(last, c.want) {
				t.Errorf("after %d rows: %s", acked, last)
			}
			must(t, f.Configure(Config{}))
			power(t, f)
			if rows, _, last := load(); rows < acked {
				t.Errorf("%d rows acknowledged, %d found: %s", acked, rows, last)
			}
		})
	}
}

// writeMapped writes through a shared map: what msync saw, and what it did not.
func writeMapped(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	view, err := unix.Mmap(int(file.Fd()), 0, 3*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	copy(view, "msynced")
	if err := unix.Msync(view, unix.MS_SYNC); err != nil {
		return err
	}
	copy(view[pageSize:], "mapped")
	fmt.Println("read", string(view[2*pageSize:][:4]))
	if err := unix.Munmap(view); err != nil {
		return err
	}
	return file.Close()
}

func TestSharedMap(t *testing.T) {
	f, dir := mounted(t, Config{})
	write(t, dir+"/x", pages("abc"), 0)
	syncPath(t, dir+"/x")
	out, err := child(t, "map", dir+"/x", "").Output()
	must(t, err)
	if string(out) != "read cccc\n" {
		t.Errorf("the child says %q", out)
	}
	if got := read(t, dir+"/x"); got[:7] != "msynced" || got[pageSize:][:6] != "mapped" {
		t.Errorf("before the cut: %.7q %.6q", got, got[pageSize:])
	}
	power(t, f)
	if got := read(t, dir+"/x"); got[:7] != "msynced" || got[pageSize:][:6] != "bbbbbb" {
		t.Errorf("after the cut: %.7q %.6q", got, got[pageSize:])
	}
}

// The mode of a new file is the creator's business: our own umask has no say.
func TestModeOfNewFiles(t *testing.T) {
	_, dir := mounted(t, Config{})
	out, err := child(t, "create-open", dir+"/x", "").Output()
	must(t, err)
	st, err := os.Stat(dir + "/x")
	must(t, err)
	if st.Mode() != 0o666 || len(out) > 0 {
		t.Errorf("mode %v, output %q", st.Mode(), out)
	}
}
