package isolate

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func plain(_ context.Context, n int) (int, error) { return n, nil }

func generic[T any](_ context.Context, v T) (T, error) { return v, nil }

func makes() func(context.Context, int) (int, error) {
	return func(_ context.Context, n int) (int, error) { return n, nil }
}

var variable = func(ctx context.Context, n int) (int, error) { return plain(ctx, n) }

type receiver struct{ n int }

func (r receiver) method(_ context.Context, n int) (int, error)     { return r.n + n, nil }
func (r *receiver) pointer(_ context.Context, n int) (int, error)   { return r.n + n, nil }
func (receiver) unused(_ context.Context, n int) (out int, _ error) { return n, nil }

func TestDoRefuses(t *testing.T) {
	n := 1
	var r receiver
	for _, test := range []struct {
		what  string
		entry Entry
		want  string // part of the error; empty is none
	}{
		{"package-level function", Do("a", plain), ""},
		{"the same through a variable", Do("a", func() func(context.Context, int) (int, error) { return plain }()), ""},
		{"names", Do("com.ex/sync-all:v1_2", plain), ""},
		{"typed name", Named[int, int]("a").Do(plain), ""},
		{"inline", Do("a", plain, Inline), ""},
		{"generic function", Do("a", generic[int]), ""},
		{"closure", Do("a", func(_ context.Context, m int) (int, error) { return n + m, nil }), "closure"},
		{"literal that captures nothing", Do("a", func(_ context.Context, m int) (int, error) { return m, nil }), "closure"},
		{"literal in which a package-level function is inlined", Do("a", func(ctx context.Context, m int) (int, error) { return plain(ctx, m) }), "closure"},
		{"returned literal", Do("a", makes()), "closure"},
		{"literal in a variable", Do("a", variable), "closure"},
		{"method value", Do("a", r.method), "method value"},
		{"method value of a pointer", Do("a", (&r).pointer), "method value"},
		{"method value without a receiver", Do("a", r.unused), "method value"},
		{"nil", Do[int, int]("a", nil), "nil"},
		{"no name", Do("", plain), "without a name"},
		{"space", Do("a b", plain), "not allowed"},
		{"begins with a dash", Do("-a", plain), "not allowed"},
		{"newline", Do("a\n", plain), "not allowed"},
		{"not ASCII", Do("ä", plain), "not allowed"},
		{"invalid UTF-8", Do("a\xff", plain), "not allowed"},
		{"too long", Do(strings.Repeat("a", 129), plain), "longer than 128"},
		{"unknown mode", Do("a", plain, Mode(7)), "mode"},
		{"not made by Do", Entry{}, "not made by"},
	} {
		var tab table
		tab.fill([]Entry{test.entry})
		err := errors.Join(tab.errs...)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.what, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want ...%s...", test.what, err, test.want)
		case len(tab.entries) == 1 != (test.want == ""):
			t.Errorf("%s: %d entries", test.what, len(tab.entries))
		}
	}
}

func TestMainCollectsAllErrors(t *testing.T) {
	var tab table
	tab.fill([]Entry{Do("a", plain), Do("a", plain), Do("", plain), Do("b", plain)})
	tab.fill(nil)
	if len(tab.errs) != 3 || len(tab.entries) != 2 {
		t.Errorf("%q, %d entries", tab.errs, len(tab.entries))
	}
}

func TestNoEntrySaysWhy(t *testing.T) {
	var tab table
	n := 1
	tab.fill([]Entry{
		Do("a", plain), Do("a", plain),
		Do("closure", func(_ context.Context, m int) (int, error) { return n + m, nil }),
	})
	for name, want := range map[string]string{
		"closure": `entry point "closure": github.com/lullwork/lull/isolate.TestNoEntrySaysWhy.func1 is a closure`,
		"b":       `"b": no such entry point: pass it to isolate.Main`,
	} {
		if err := tab.noEntry(name); !errors.Is(err, ErrNoEntry) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestChildLooksLate has a table of a child: it calls what its host has looked at, and looks at
// the rest when it is asked for something else.
func TestChildLooksLate(t *testing.T) {
	n := 1
	closure := func(_ context.Context, m int) (int, error) { return n + m, nil }
	tab := table{trusting: true}
	tab.fill([]Entry{Do("a", plain), Do("closure", closure), Do("b", closure), Do("b", plain)})
	if e, ok := tab.find("a"); !ok || e.name != "a" || len(tab.unseen) != 4 {
		t.Errorf("found %t, %d not looked at, want all 4", ok, len(tab.unseen))
	}
	if e, ok := tab.find("b"); !ok || e.mistake() != nil {
		t.Errorf("of two the one with a mistake: %v", e.mistake())
	}
	if _, ok := tab.find("closure"); ok || len(tab.errs) != 2 || len(tab.entries) != 2 {
		t.Errorf("found %t, errors %q, %d entries; want none, 2 and 2", ok, tab.errs, len(tab.entries))
	}
}

func opens(context.Context) (int, error) { return 1, nil }

func TestDeclarations(t *testing.T) {
	var r receiver
	closure := func(context.Context) (int, error) { return r.n, nil }
	for _, test := range []struct {
		what string
		list []Declaration
		want string // part of the error; empty is none
	}{
		{"provider and entry point of one name", []Declaration{Provide("a", opens), Do("a", plain)}, ""},
		{"needs, declared before and after", []Declaration{Provide("a", opens), Do("x", plain).Needs("a", "b"), Provide("b", opens)}, ""},
		{"no needs", []Declaration{Do("x", plain).Needs()}, ""},
		{"needs what is not there", []Declaration{Do("x", plain).Needs("a")}, `entry point "x" needs provider "a": no such provider`},
		{"two of one name", []Declaration{Provide("a", opens), Provide("a", opens)}, `provider "a" is registered twice`},
		{"closure", []Declaration{Provide("a", closure)}, `provider "a": github.com/lullwork/lull/isolate.TestDeclarations.func1 is a closure`},
		{"nil function", []Declaration{Provide[int]("a", nil)}, `provider "a": the function is nil`},
		{"bad name", []Declaration{Provide("a b", opens)}, `provider "a b": ' ' is not allowed`},
		{"not made by Provide", []Declaration{Provider[int]{}}, "not made by isolate.Provide"},
		{"nil", []Declaration{nil}, "a nil in the list"},
	} {
		var tab table
		tab.declare(test.list)
		err := errors.Join(tab.errs...)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want ...%s...", test.what, err, test.want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	if Retry(nil) != nil || Permanent(nil) != nil {
		t.Error("a nil error became an error")
	}
	base := errors.New("base")
	for _, test := range []struct {
		err      error
		want     Outcome
		explicit bool
	}{
		{base, Error, false},
		{Retry(base), Retried, true},
		{Permanent(base), Failure, true},
		{errors.Join(errors.New("x"), Retry(base)), Retried, true},
		{Permanent(Retry(base)), Failure, true}, // the outermost one counts
	} {
		got, explicit := judge(test.err)
		if got != test.want || explicit != test.explicit || !errors.Is(test.err, base) {
			t.Errorf("%v: %s %t", test.err, got, explicit)
		}
	}
}

func TestCrashLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"panic: early\nrest":             "panic: early",
		"I said panic: no\n":             "",
		"x\npanic: one\nx\npanic: two\n": "panic: two",
		"log\nfatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1":     "fatal error: all goroutines are asleep - deadlock!",
		"log\nSIGSEGV: segmentation violation\nPC=0x40b68c m=0 sigcode=0 addr=0x1\n": "SIGSEGV: segmentation violation",
		"PC=0x1\nlog\nPC=0x2": "",
		"runtime: out of memory: cannot allocate\nfatal error: out of memory\n": "fatal error: out of memory",
	} {
		if got := crashLine([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What go1.26 prints when a limit refuses it memory for a queue of its collector.
func TestRefusedRuntime(t *testing.T) {
	const refused = `log
SIGSEGV: segmentation violation
PC=0x42c95d m=3 sigcode=1 addr=0x0

goroutine 0 gp=0x292b7ff9d2c0 m=3 mp=0x292b7ffd7008 [idle]:
runtime.(*spanQueue).tryDrain(0x292b00000400?, 0x4350e5?, 0x55a888?)
	mgcmark_greenteagc.go:520 +0x5d fp=0x292b7ffedcb8 sp=0x292b7ffedc98 pc=0x42c95d
`
	if !refusedRuntime([]byte(refused)) {
		t.Error("not seen")
	}
	for _, change := range [][2]string{
		{"SIGSEGV", "SIGBUS"},
		{"addr=0x0", "addr=0x8"},
		{"goroutine 0 ", "goroutine 7 "},
		{"runtime.(", "main.("},
		{"PC=", "pc="},
		{refused[4:], ""},
		{refused[100:], ""},
	} {
		if other := strings.Replace(refused, change[0], change[1], 1); refusedRuntime([]byte(other)) {
			t.Errorf("seen in %q", other)
		}
	}
}

func TestRefusedThread(t *testing.T) {
	const refused = `log
runtime/cgo: pthread_create failed: Resource temporarily unavailable
SIGABRT: abort
PC=0x7f4869a3ceec m=4 sigcode=18446744073709551610
`
	if !refusedThread([]byte(refused)) {
		t.Error("not seen")
	}
	for _, change := range [][2]string{
		{"SIGABRT", "SIGSEGV"},
		{"Resource temporarily unavailable", "Operation not permitted"},
		{"runtime/cgo", "mine"},
		{"PC=", "pc="},
		{refused[4:], ""},
	} {
		if other := strings.Replace(refused, change[0], change[1], 1); refusedThread([]byte(other)) {
			t.Errorf("seen in %q", other)
		}
	}
}

func TestMergeEnv(t *testing.T) {
	got := mergeEnv([]string{"A=1", "B=2", "LULL_ISOLATE=x/y", "=C:=C:\\", ""}, []string{"A=3", "C=", "A=4"})
	if want := "B=2 =C:=C:\\ C= A=4"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSpecValidate(t *testing.T) {
	for _, test := range []struct {
		spec Spec
		want []string
	}{
		{Spec{}, []string{"exactly one of Func, Argv and Shell", "got 0"}},
		{Spec{Func: "f", Shell: "s"}, []string{"got 2"}},
		{Spec{Argv: []string{""}}, []string{"Argv[0] is empty"}},
		{Spec{Argv: []string{"a", "b\x00c"}, Env: []string{"novalue", "=x"}}, []string{"NUL", `"novalue"`, `"=x"`}},
		{Spec{Shell: "x", Input: []byte("{")}, []string{"not JSON"}},
		{Spec{Func: "f", Input: []byte(`"` + strings.Repeat("a", MaxInput) + `"`)}, []string{"too large"}},
		{Spec{Shell: "x", ResultLimit: -1, MemoryBytes: -1, Grace: -1}, []string{"ResultLimit", "MemoryBytes", "Grace"}},
	} {
		err := test.spec.validate()
		if err == nil {
			t.Errorf("%+v: no error", test.spec)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q lacks %q", err, want)
			}
		}
	}
	ok := Spec{Shell: "true"}
	if err := ok.validate(); err != nil || ok.Grace != DefaultGrace || ok.OutputLimit != DefaultOutputLimit || ok.ResultLimit != DefaultResultLimit {
		t.Errorf("%v %+v", err, ok)
	}
}

func TestStartOutcome(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Outcome
	}{
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.EAGAIN}, StartFailed},
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.ENOMEM}, StartFailed},
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.ETXTBSY}, StartFailed},
		{os.NewSyscallError("pipe2", syscall.EMFILE), StartFailed},
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.ENOENT}, NotStarted},
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.EACCES}, NotStarted},
		{&fs.PathError{Op: "fork/exec", Path: "/x", Err: syscall.ENOEXEC}, NotStarted},
		{exec.ErrNotFound, NotStarted},
	} {
		if got := startOutcome(test.err); got != test.want {
			t.Errorf("%v: %s, want %s", test.err, got, test.want)
		}
	}
}
