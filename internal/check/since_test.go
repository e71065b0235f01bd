package check

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/source"
)

// repository makes a repository with the files in a commit.
func repository(t *testing.T, files map[string]string) (dir string, git func(args ...string) string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, git is not here: nothing is compared with a revision")
	}
	dir, _ = folder(t, files)
	git = func(args ...string) string {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main", ".")
	git("add", "-A")
	git("commit", "-q", "-m", "first")
	return dir, git
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sinceReport finds each line that has an x, and each file that has a y.
func sinceReport(t *testing.T, dir, rev string) string {
	t.Helper()
	set, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	var list []string
	for _, file := range set.Files() {
		text, err := set.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "x") {
				list = append(list, "port-leak "+file+":"+strings.TrimSpace(line))
			}
		}
		if strings.Contains(string(text), "y") {
			list = append(list, "period-too-short "+file)
		}
	}
	return shown(report(t, dir, set, Config{Since: rev}, list...).Findings)
}

func TestSince(t *testing.T) {
	dir, git := repository(t, map[string]string{
		"app/same.dart": "x1\ny\n", "app/some.dart": "x1\nx2\nx3\nx4\nx5\n", "app/gone.dart": "a\n\nx1\nb\nx2\n", "app/crlf.dart": "x1\nx2\n", "app/dos.dart": "x1\r\nx2\r\n",
		"other/z.dart": "x1\n",
	})
	app := filepath.Join(dir, "app")
	put(t, app, "some.dart", "x1\nx2\nx3 changed\nnew\nx4\nx5\n")
	put(t, app, "gone.dart", "\nx1\nb\nx2\n") // a is gone, and x1 is beside what was below it
	put(t, app, "crlf.dart", "x1\r\nx2\r\n")
	put(t, app, "dos.dart", "x1\r\nx2 y\r\n")
	put(t, app, "new.dart", "x1\n")
	const want = `period-too-short dos.dart:1
port-leak dos.dart:2
port-leak new.dart:1
port-leak some.dart:3
`
	if got := sinceReport(t, app, "HEAD"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	put(t, app, "gone.dart", "a\n\nx1\nx2\n") // b is gone from between
	if got := sinceReport(t, app, "HEAD"); !strings.Contains(got, "port-leak gone.dart:3\nport-leak gone.dart:4\n") {
		t.Errorf("got\n%s", got)
	}
	// What main has gained since this branch left it is not this branch's.
	git("add", "-A")
	git("commit", "-q", "-m", "second")
	git("checkout", "-q", "-b", "feature")
	put(t, app, "feature.dart", "x1\n")
	git("add", "-A")
	git("commit", "-q", "-m", "third")
	git("checkout", "-q", "main")
	put(t, app, "same.dart", "a\ny\n")
	git("commit", "-q", "-a", "-m", "fourth")
	git("checkout", "-q", "feature")
	if got := sinceReport(t, app, "main..."); got != "port-leak feature.dart:1\n" {
		t.Errorf("got\n%s", got)
	}
	if got := sinceReport(t, app, "main"); got != "port-leak feature.dart:1\nperiod-too-short same.dart:1\nport-leak same.dart:1\n" {
		t.Errorf("got\n%s", got)
	}
}

// Nothing that a repository's own configuration names is run.
func TestSinceRunsNothing(t *testing.T) {
	dir, git := repository(t, map[string]string{"a.dart": "x1\n", ".gitattributes": "*.dart diff=evil filter=evil merge=evil\n"})
	ran := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >> '"+ran+"'\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
		"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "pager.cat-file", "pager.ls-tree", "alias.rev-parse", "credential.helper",
	} {
		git("config", key, script)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".git", "hooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"} {
		if err := os.WriteFile(filepath.Join(dir, ".git", "hooks", hook), []byte("#!/bin/sh\nexec "+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "a.dart", "x1\nx2\n")
	if got := sinceReport(t, dir, "HEAD"); got != "port-leak a.dart:2\n" {
		t.Errorf("got\n%s", got)
	}
	if text, err := os.ReadFile(ran); err == nil {
		t.Errorf("this was run:\n%s", text)
	}
	git("diff") // with it the trap works
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the trap is none: %v", err)
	}
}

func TestSinceFails(t *testing.T) {
	dir, git := repository(t, map[string]string{"a.dart": "x1\n"})
	git("tag", "-a", "-m", "a tag", "v1")
	if got := sinceReport(t, dir, "v1"); got != "" {
		t.Errorf("got\n%s", got)
	}
	outside, set := folder(t, map[string]string{"a.dart": "x1\n"})
	t.Setenv("GIT_DIR", filepath.Join(dir, ".git")) // of a hook that started us
	for _, c := range []struct{ dir, rev, want string }{
		{outside, "HEAD", "not a git repository"},
		{dir, "nothing", `there is no commit "nothing" here`},
		{dir, "--output=x", `there is no commit "--output=x" here`},
		{dir, "HEAD:a.dart", `there is no commit "HEAD:a.dart" here`},
		{dir, "nothing...", `there is no commit "nothing" here`},
	} {
		list := report(t, c.dir, set, Config{}, "port-leak a.dart:x1").Findings
		_, _, err := since(context.Background(), c.dir, c.rev, list, func(string) []byte { return nil })
		if !errors.Is(err, ErrSince) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.rev, err, c.want)
		}
	}
	t.Setenv("PATH", "")
	if _, _, err := since(context.Background(), dir, "HEAD", nil, nil); !errors.Is(err, ErrSince) || !strings.Contains(err.Error(), "no git") {
		t.Errorf("got %v", err)
	}
}
