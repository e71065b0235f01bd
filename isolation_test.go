package lull_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// vault says what it holds without telling it, and tries to read a file.
var vault = lull.Define[string, map[string]string]("vault")

func doVault(ctx context.Context, file string) (map[string]string, error) {
	out := map[string]string{"env": strconv.FormatBool(slices.ContainsFunc(os.Environ(), func(kv string) bool { return strings.Contains(kv, "hush") }))}
	for _, name := range []string{"A", "B", "C"} {
		value, ok := isolate.Secret(ctx, name)
		sum := sha256.Sum256(value)
		out[name] = strconv.FormatBool(ok) + " " + hex.EncodeToString(sum[:])
	}
	f, err := os.Open(file)
	if err == nil {
		err = f.Close()
	}
	out["file"] = strconv.FormatBool(errors.Is(err, fs.ErrPermission))
	return out, nil
}

// offers tells whether this machine gives a layer.
func offers(t *testing.T, name isolate.LayerName) bool {
	t.Helper()
	layers, err := lull.ReadLayers()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(layers, func(l isolate.Layer) bool { return l.Name == name && l.Given == isolate.Yes })
}

// require skips unless this machine gives a layer; LULL_REQUIRE makes that a failure.
func require(t *testing.T, name isolate.LayerName) {
	t.Helper()
	if offers(t, name) {
		return
	}
	if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), string(name)) {
		t.Fatalf("%s is required by LULL_REQUIRE, and not given here", name)
	}
	t.Skipf("SKIPPED, not tested: this host does not give %s (LULL_REQUIRE=%s makes this a failure)", name, name)
}

// TestSecretsAreNotStored gives secrets to a function and to a program of a plan, from
// everywhere that they may come from, and looks for them in all that the engine keeps.
func TestSecretsAreNotStored(t *testing.T) {
	require(t, isolate.LayerSecrets)
	require(t, isolate.LayerFiles)
	// Outside of the state, and named apart so that each can be told.
	secrets := map[string]string{"A": "hush-value-1b7c", "B": "hush-file-93d0", "C": "hush-env-55aa"}
	dir, state := t.TempDir(), t.TempDir()
	file := filepath.Join(dir, "secret")
	plan := filepath.Join(dir, "lull.yaml")
	for name, text := range map[string]string{
		file: secrets["B"] + "\n",
		plan: `
tasks:
  program:
    run: 'tr "\0" "\n" <&$LULL_SECRETS_FD | grep -c hush; env | grep -c hush; exit 1'
    sandbox: {secrets: {B: file:secret, C: env:LULLTEST_SECRET}, network: none}
    attempts: 1
  gone:
    run: 'true'
    sandbox: {secrets: {X: env:LULLTEST_NO_SUCH_VARIABLE, Y: file:no-such-file}}
    attempts: 1
`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("LULLTEST_SECRET", secrets["C"])
	var said bytes.Buffer
	e, err := lull.Open(t.Context(), lull.Config{
		Store: sqlite.File(filepath.Join(state, "work.db")), Plan: plan, Journal: filepath.Join(state, "journal.jsonl"), Logs: filepath.Join(state, "runs"),
		Log: func(format string, args ...any) { said.WriteString(format) },
		Isolation: map[string]lull.Isolation{vault.Name(): {
			CPU: time.Minute, Sandbox: &isolate.Sandbox{NoNetwork: true},
			Secrets: map[string]lull.Secret{"A": {Value: []byte(secrets["A"])}, "B": {File: file}, "C": {Env: "LULLTEST_SECRET"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := e.Enqueue(t.Context(), vault.Request(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range secrets {
		sum := sha256.Sum256([]byte(value))
		if want := `"` + name + `":"true ` + hex.EncodeToString(sum[:]) + `"`; !strings.Contains(string(info.Output), want) {
			t.Errorf("%s lacks %s", info.Output, want)
		}
	}
	if !strings.Contains(string(info.Output), `"env":"false"`) || !strings.Contains(string(info.Output), `"file":"true"`) {
		t.Errorf("%s: a secret is in its environment, or its file can be read", info.Output)
	}
	r, err := e.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	works, err := r.List(t.Context(), lull.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range works {
		why, err := r.Why(t.Context(), w.ID, true)
		if err != nil {
			t.Fatal(err)
		}
		last := why.Work.Last
		switch w.Task {
		case "program":
			if last.Tail != "2\n0\n" || !strings.Contains(last.Layers, "secrets: sealed memfd") || !strings.Contains(last.Layers, "network: seccomp") {
				t.Errorf("%+v", last)
			}
		case "gone":
			if last.Outcome != work.StartError || !strings.Contains(last.Message, "has no variable LULLTEST_NO_SUCH_VARIABLE") || !strings.Contains(last.Message, "no-such-file") {
				t.Errorf("%+v", last)
			}
		}
	}
	if err := errors.Join(r.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("hush")) {
			t.Errorf("%s holds a secret", path)
		}
		files++
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
	if strings.Contains(said.String(), "hush") {
		t.Errorf("a secret was told: %s", said.String())
	}
}

func TestRequireHolds(t *testing.T) {
	dir := t.TempDir()
	e, err := lull.Open(t.Context(), lull.Config{Store: sqlite.File(filepath.Join(dir, "work.db"))})
	if err != nil {
		t.Fatal(err)
	}
	q := vault.Request("")
	q.Require = []work.Layer{work.LayerWall, work.LayerDisk}
	id, err := e.Enqueue(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	why, err := e.Why(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// The engine has ended, which is a reason too.
	i := slices.IndexFunc(why.Reasons, func(r work.Reason) bool { return r.Code == work.ReasonIsolation })
	if i < 0 || !strings.Contains(why.Reasons[i].Message, "cannot enforce disk: not offered") || why.Work.Attempts != 0 {
		t.Errorf("%+v", why)
	}
	if slices.ContainsFunc(why.Reasons, func(r work.Reason) bool { return strings.Contains(r.Message, "wall") }) {
		t.Errorf("%+v", why.Reasons)
	}
	q.ID, q.Require = id, []work.Layer{work.LayerWall}
	if err := errors.Join(e.Update(t.Context(), q), e.Close()); err != nil {
		t.Fatal(err)
	}
	if e, err = lull.Open(t.Context(), lull.Config{Store: sqlite.File(filepath.Join(dir, "work.db"))}); err != nil {
		t.Fatal(err)
	}
	if err := e.RunUntilIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := e.Get(t.Context(), id)
	if err != nil || info.State != work.Succeeded {
		t.Errorf("%+v, %v", info, err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestIsolationMistakes(t *testing.T) {
	plan := filepath.Join(t.TempDir(), "lull.yaml")
	if err := os.WriteFile(plan, []byte("tasks:\n  vault: {run: 'true'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := lull.Open(t.Context(), lull.Config{
		Plan:  plan,
		Store: sqlite.File(filepath.Join(t.TempDir(), "work.db")),
		Isolation: map[string]lull.Isolation{
			"nobody": {}, noop.Name(): {Memory: 1}, vault.Name(): {Secrets: map[string]lull.Secret{"X": {Env: "A", File: "b"}, "Y": {}}},
		},
	})
	for _, want := range []string{
		`isolation of "nobody": no such task`, `isolation of "noop": it is inline`, `isolation of "vault": secret X: exactly one`, `lull.yaml:2): say it there`, `secret Y: exactly one`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

// TestLayerNames holds the two lists of names together: package isolate stands alone,
// and package work knows nobody.
func TestLayerNames(t *testing.T) {
	names := isolate.LayerNames()
	layers := work.Layers()
	if len(names) != len(layers) {
		t.Fatalf("%q and %q", names, layers)
	}
	for i := range names {
		if string(names[i]) != string(layers[i]) {
			t.Errorf("%q and %q", names[i], layers[i])
		}
	}
}
