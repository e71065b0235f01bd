//go:build linux

package isolate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lullwork/lull/isolate"
)

// given tells what a spawner gives of a layer.
func given(s *isolate.Spawner, name isolate.LayerName) isolate.Layer {
	all := s.Layers()
	return all[slices.IndexFunc(all, func(l isolate.Layer) bool { return l.Name == name })]
}

// needLayer skips, loudly, unless the host gives a layer.
func needLayer(t *testing.T, s *isolate.Spawner, name isolate.LayerName) {
	t.Helper()
	if l := given(s, name); l.Given != isolate.Yes {
		skipOrFail(t, string(name), fmt.Sprintf("%s is %s here: %s", name, l.Given, l.Why))
	}
}

// TestEscape tries every way out, in a function and in a program, with each means of
// tree kill. What a layer must refuse is tried without a sandbox too, where that does
// no harm: a trick that never works shows nothing.
func TestEscape(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := place{Outside: t.TempDir(), Inside: t.TempDir(), Host: os.Getpid(), Proc: "/proc/" + strconv.Itoa(os.Getpid())}
	if err := outside(p.Outside); err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tcp.Close() }()
	p.TCP = tcp.Addr().String()
	sock, err := net.Listen("unix", p.Outside+"/sock")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sock.Close() }()

	for _, name := range []string{"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs"} {
		if unix.Access(name, unix.W_OK) == nil {
			p.Cgroup = name
		}
	}
	cannot := map[string]string{}
	if p.Cgroup == "" {
		cannot[leaveCgroup] = "there is none that may be written"
	}
	if unix.Access("/etc/shadow", unix.R_OK) != nil {
		cannot[readShadow] = "only root may"
	}
	for name, got := range tryAll(p, true) {
		if why := cannot[name]; got != "" && why != "" {
			t.Logf("SKIPPED, not tested: %s: %s", name, why)
			continue
		}
		if got != "" {
			t.Errorf("%s: without a sandbox it fails with %s: as a test it is worth nothing", name, got)
		}
	}
	for _, tier := range tiers {
		t.Run(string(tier), func(t *testing.T) {
			s, _ := forced(t, tier)
			at := p
			if tier == isolate.TierNamespace {
				at.Host = 0
			}
			input, err := json.Marshal(escapeInput{Place: at})
			if err != nil {
				t.Fatal(err)
			}
			for kind, spec := range map[string]isolate.Spec{
				"function": {Func: escape.Name(), Input: input},
				"program":  {Argv: []string{self}, Env: []string{"ISOLATE_TEST_ESCAPE=" + string(input)}},
			} {
				t.Run(kind, func(t *testing.T) {
					spec.Sandbox = &isolate.Sandbox{Write: []string{p.Inside}, NoNetwork: true}
					e := wait(t, start(t, s, spec))
					got := map[string]string{}
					if err := json.Unmarshal(e.Result, &got); e.Outcome != isolate.Success || err != nil {
						t.Fatalf("%s %v\n%s", e, err, e.Tail)
					}
					tellEscapes(t, s, e, got)
				})
			}
		})
	}
}

func tellEscapes(t *testing.T, s *isolate.Spawner, e isolate.Exit, got map[string]string) {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for _, x := range escapes() {
		answer, tried := got[x.name]
		result := "refused (" + answer + ")"
		if answer == "" {
			result = "works"
		}
		l := isolate.Layer{Name: "must work", Given: isolate.Yes}
		if x.layer != "" {
			l = given(s, x.layer)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.name, l.Name, result)
		switch {
		case !tried:
			t.Errorf("%s was not tried", x.name)
		case l.Given != isolate.Yes:
			t.Logf("SKIPPED, not tested: %s: the host gives %s of %s: %s", x.name, l.Given, l.Name, l.Why)
		case x.layer == "" && answer != "":
			t.Errorf("%s: %s, but it must work", x.name, answer)
		case x.layer != "" && !slices.Contains([]string{"EACCES", "EPERM", "EROFS", "ENOSYS", "EXDEV", "ESRCH"}, answer):
			t.Errorf("%s: %q, but %s must refuse it", x.name, answer, x.layer)
		case x.layer != "" && !slices.ContainsFunc(e.Layers, func(told string) bool {
			return strings.HasPrefix(told, string(x.layer)+": ") && !strings.Contains(told, "not enforced")
		}):
			t.Errorf("%s was refused, and the record %q does not tell of %s", x.name, e.Layers, x.layer)
		}
	}
	_ = w.Flush()
	t.Logf("%q\n%s", e.Layers, text.String())
}

func TestNetworkStaysWithoutNoNetwork(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	input, err := json.Marshal(escapeInput{Place: place{Proc: "/proc/self", TCP: l.Addr().String(), Inside: t.TempDir()}, TameOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	e := wait(t, start(t, s, isolate.Spec{Func: escape.Name(), Input: input, Sandbox: &isolate.Sandbox{}}))
	got := map[string]string{}
	if err := json.Unmarshal(e.Result, &got); err != nil {
		t.Fatal(e, err)
	}
	if got["connect"] != "" || got["listen"] != "" {
		t.Error(got)
	}
}

func TestSandboxOfAShell(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	needLayer(t, s, isolate.LayerFiles)
	dir := t.TempDir()
	if err := outside(dir); err != nil {
		t.Fatal(err)
	}
	e := wait(t, start(t, s, isolate.Spec{
		Dir: dir, Sandbox: &isolate.Sandbox{Read: []string{"program"}},
		Shell: `cat secret && echo escaped; ./program && echo "program ran"; echo x > "$TMPDIR/x" && cat "$TMPDIR/x"; echo 3 > "$LULL_OUTPUT"; date > /dev/null && id -un`,
	}))
	if e.Outcome != isolate.Success || strings.Contains(string(e.Tail), "escaped") || !strings.Contains(string(e.Tail), "program ran\nx\n") || string(e.Result) != "3" {
		t.Errorf("%s %s\n%s", e, e.Result, e.Tail)
	}
	// The run's own folder is gone.
	e = wait(t, start(t, s, isolate.Spec{Shell: `mkdir "$TMPDIR/a"; ln -s / "$TMPDIR/a/root"; echo "$TMPDIR"`, Sandbox: &isolate.Sandbox{}}))
	if _, err := os.Stat(strings.TrimSpace(string(e.Tail))); !errors.Is(err, os.ErrNotExist) || len(e.Tail) < 5 {
		t.Errorf("%s %q %v", e, e.Tail, err)
	}
}

func TestSandboxMistakes(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	e := wait(t, start(t, s, isolate.Spec{Shell: "true", Dir: "/tmp", Sandbox: &isolate.Sandbox{Read: []string{"no/such"}, Write: []string{"/no/such"}}}))
	for _, want := range []string{"/tmp/no/such does not exist", "/no/such does not exist", "make it first"} {
		if e.Outcome != isolate.NotStarted || !strings.Contains(e.Message, want) {
			t.Errorf("%s lacks %q", e, want)
		}
	}
	for want, spec := range map[string]isolate.Spec{
		"is no path":               {Shell: "true", Sandbox: &isolate.Sandbox{Write: []string{""}}},
		"is no name of a variable": {Shell: "true", EnvAllow: []string{"A=B"}},
		`unknown layer "speed"`:    {Shell: "true", Require: []isolate.LayerName{"speed"}},
		`secrets: "" is no name`:   {Shell: "true", Secrets: map[string][]byte{"": nil}},
		`value of "k" holds a NUL`: {Shell: "true", Secrets: map[string][]byte{"k": []byte("hush\x00hush")}},
		"value too large":          {Shell: "true", Secrets: map[string][]byte{"k": make([]byte, isolate.MaxSecrets)}},
		"OpenFiles 15":             {Shell: "true", OpenFiles: 15},
		"must not be negative":     {Shell: "true", OpenFiles: -1},
		"Nice 20":                  {Shell: "true", Nice: 20},
	} {
		if _, err := s.Start(spec); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}

func TestEnvAllow(t *testing.T) {
	t.Setenv("ISOLATE_KEEP", "kept")
	t.Setenv("ISOLATE_DROP", "dropped")
	s := newSpawner(t, isolate.Config{})
	for name, spec := range map[string]isolate.Spec{
		"program":           {Shell: "env"},
		"program, confined": {Shell: "env", Sandbox: &isolate.Sandbox{}},
		"function":          {Func: env.Name(), Input: []byte(`""`)},
	} {
		spec.EnvAllow, spec.Env = []string{"ISOLATE_KEEP", "PATH"}, []string{"ISOLATE_GIVEN=given"}
		e := wait(t, start(t, s, spec))
		got := string(e.Tail) + string(e.Result)
		for text, want := range map[string]bool{"ISOLATE_KEEP=kept": true, "ISOLATE_GIVEN=given": true, "ISOLATE_DROP": false, "HOME=": false} {
			if strings.Contains(got, text) != want {
				t.Errorf("%s: %q in the environment: %t, want %t\n%s", name, text, !want, want, got)
			}
		}
	}
	e := wait(t, start(t, s, isolate.Spec{Shell: "env", EnvAllow: []string{}}))
	if strings.Contains(string(e.Tail), "ISOLATE_KEEP") || !slices.Contains(e.Layers, "environment: allow-list") {
		t.Errorf("%q %s", e.Layers, e.Tail)
	}
}

func TestSecrets(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	secrets := map[string][]byte{"TOKEN": []byte("hush=hush\nhush"), "empty": nil}
	const look = `tr '\0' '|' <&"$LULL_SECRETS_FD"; cat /proc/self/environ /proc/self/cmdline | grep -c hush; true > /dev/fd/4 && echo more`
	for name, spec := range map[string]isolate.Spec{
		"program":          {Shell: look},
		"program, limited": {Shell: look, OpenFiles: 64},
		"program, boxed":   {Shell: look, Sandbox: &isolate.Sandbox{Read: []string{"/proc"}}},
		"function":         {Func: secret.Name(), Input: []byte(`"TOKEN"`)},
		"function, boxed":  {Func: secret.Name(), Input: []byte(`"TOKEN"`), Sandbox: &isolate.Sandbox{}},
		"inline":           {Func: inlineSecret.Name(), Input: []byte(`"TOKEN"`)},
	} {
		t.Run(name, func(t *testing.T) {
			spec.Secrets = secrets
			e := wait(t, start(t, s, spec))
			switch {
			case e.Outcome != isolate.Success && spec.Func != "":
				t.Error(e)
			case spec.Func != "" && string(e.Result) != `"hush=hush\nhush"`:
				t.Errorf("got %s", e.Result)
			case spec.Func == "" && !strings.HasPrefix(string(e.Tail), "TOKEN=hush=hush\nhush|empty=|0\n"):
				t.Errorf("got %s\n%q", e, e.Tail)
			case strings.Contains(string(e.Tail), "more\n"):
				t.Errorf("there is one descriptor more: %q", e.Tail)
			case name != "inline" && !slices.ContainsFunc(e.Layers, func(l string) bool { return strings.HasPrefix(l, "secrets: ") }):
				t.Error(e.Layers)
			}
		})
	}
	e := wait(t, start(t, s, isolate.Spec{Func: secret.Name(), Input: []byte(`"TOKEN"`)}))
	if e.Outcome != isolate.Error || !strings.Contains(e.Message, "no secret") {
		t.Error(e)
	}
	// Nobody can change what others will read.
	e = wait(t, start(t, s, isolate.Spec{Shell: `echo x >> /proc/self/fd/3; tr '\0' '|' <&3`, Secrets: map[string][]byte{"k": []byte("v")}}))
	if !strings.HasSuffix(string(e.Tail), "k=v|") {
		t.Errorf("%q", e.Tail)
	}
}

func TestRequire(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	for _, l := range s.Layers() {
		for kind, spec := range map[string]isolate.Spec{
			"program": {Shell: "true"}, "function": {Func: double.Name(), Input: []byte("1")}, "inline": {Func: inlined.Name(), Input: []byte(`"ok"`)},
		} {
			spec.Require = []isolate.LayerName{l.Name}
			p, err := s.Start(spec)
			if l.Given != isolate.Yes || kind == "inline" {
				if !errors.Is(err, isolate.ErrCannotEnforce) || !strings.Contains(err.Error(), string(l.Name)) || kind != "inline" && !strings.Contains(err.Error(), l.Why) {
					t.Errorf("%s %s: %v", kind, l.Name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %s: %v", kind, l.Name, err)
			} else if e := wait(t, p); e.Outcome != isolate.Success {
				t.Errorf("%s %s: %s", kind, l.Name, e)
			}
		}
	}
	weak := newSpawner(t, isolate.Config{Tier: isolate.TierGroup})
	if _, err := weak.Start(isolate.Spec{Shell: "true", Require: []isolate.LayerName{isolate.LayerTreeKill, isolate.LayerDisk}}); err == nil ||
		!strings.Contains(err.Error(), "tree-kill: ") || !strings.Contains(err.Error(), "disk: not offered") {
		t.Error(err)
	}
}

// TestLayers prints the table, and checks that nothing is claimed or missing without a
// reason.
func TestLayers(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	began := time.Now()
	all := s.Layers()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for i, l := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Name, l.Given, l.Means, l.Why)
		if l.Name != isolate.LayerNames()[i] {
			t.Errorf("%d is %s", i, l.Name)
		}
		if (l.Given == isolate.No) == (l.Means != "") || (l.Given == isolate.Yes) == (l.Why != "") {
			t.Errorf("odd %+v", l)
		}
	}
	_ = w.Flush()
	t.Logf("found in %v\n%s", time.Since(began), text.String())
}
