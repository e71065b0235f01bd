//go:build linux

package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/isolatetest"
)

var (
	long    = flag.Bool("long", false, "run slow tests")
	repeats = flag.Int("repeats", 200, "how often slow tests kill a tree of each kind")
)

// patience is how long a test waits for what happens at once on an idle machine.
const patience = 30 * time.Second

// Entry points of the tests.
var (
	double   = isolate.Named[int, int]("double")
	behave   = isolate.Named[string, string]("behave")
	inlined  = isolate.Named[string, string]("inlined")
	script   = isolate.Named[string, string]("script")
	produce  = isolate.Named[int, string]("produce")
	progress = isolate.Named[int, int]("progress")
	env      = isolate.Named[string, []string]("env")
	escape   = isolate.Named[escapeInput, map[string]string]("escape")
	secret   = isolate.Named[string, string]("secret")

	inlineSecret = isolate.Named[string, string]("inline-secret")
)

func TestMain(m *testing.M) {
	if os.Getenv("ISOLATE_TEST_EARLY") != "" {
		fmt.Println("no such command")
		os.Exit(2)
	}
	if os.Getenv("ISOLATE_TEST_NO_MAIN") != "" {
		os.Exit(noMain())
	}
	isolate.Main(append(isolatetest.Entries(),
		double.Do(doDouble),
		behave.Do(doBehave),
		inlined.Do(doBehave, isolate.Inline),
		script.Do(doScript),
		produce.Do(doProduce),
		progress.Do(doProgress),
		env.Do(doEnv),
		escape.Do(doEscape),
		secret.Do(doSecret),
		orphanage.Do(doOrphanage),
		waiting.Do(doWaiting),
		inlineSecret.Do(doSecret, isolate.Inline),
		worker.Do(doWorker),
		peer.Do(doPeer),
		bencher.Do(doBench),
		family.Do(doFamily),
		leaver.Do(doLeaver),
		patient.Do(doPatient),
		isolate.Do("patient.inline", doPatient, isolate.Inline),
		hesitant.Do(doHesitant),
		parter.Do(doParting),
		parterInline.Do(doParting, isolate.Inline),
		restless.Do(doRestless),
		familyInline.Do(doFamily, isolate.Inline),
		summer.Do(doSummer),
		peerInline.Do(doPeer, isolate.Inline),
		workerInline.Do(doWorker, isolate.Inline),
		Primes.Do(countPrimes),
		Adder.Do(serveAdd),
		Spin.Do(spin),
		Visit.Do(visit),
		counterPlugin, pairPlugin, lazyPlugin, brokenPlugin, loopA, loopB, loopSelf, crossA, crossB,
		panicPlugin, goexitPlugin, crashPlugin, slowPlugin, badClosePlugin, latePlugin, nilPlugin,
		usesPlugins.Do(doUsePlugins, isolate.Inline),
		usesInChild.Do(doUsePlugins),
		listed.Do(doUsePlugins, isolate.Inline).Needs("pair", "lazy"),
		unlucky.Do(doUsePlugins).Needs("pair", "broken", "loop-a", "panic", "goexit", "nil"),
		crasher.Do(doUsePlugins).Needs("counter", "crash"),
		sleeper.Do(doUsePlugins).Needs("slow"),
		closer.Do(doUsePlugins).Needs("bad-close"),
		needsNothing.Do(doUsePlugins).Needs(),
	)...)
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // children built with -race would stay a second
	// Tests wait for other processes more than they compute. The command line comes later and wins.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	if input := os.Getenv("ISOLATE_TEST_ESCAPE"); input != "" {
		os.Exit(escapeMain(input))
	}
	if mode := os.Getenv("ISOLATE_TEST_PARENT"); mode != "" {
		switch mode {
		case "family":
			os.Exit(familyMain())
		case "unprivileged":
			os.Exit(unprivilegedMain())
		case "poor":
			os.Exit(poorMain())
		}
		os.Exit(parentMain(mode))
	}
	os.Exit(m.Run())
}

func doDouble(_ context.Context, n int) (int, error) { return 2 * n, nil }

func doEnv(_ context.Context, prefix string) ([]string, error) {
	var found []string
	for _, kv := range os.Environ() {
		if strings.HasPrefix(kv, prefix) {
			found = append(found, kv)
		}
	}
	return found, nil
}

func doSecret(ctx context.Context, name string) (string, error) {
	value, ok := isolate.Secret(ctx, name)
	if !ok {
		return "", fmt.Errorf("no secret %s", name)
	}
	return string(value), nil
}

func doProduce(_ context.Context, n int) (string, error) { return strings.Repeat("x", n), nil }

func doProgress(ctx context.Context, n int) (int, error) {
	for i := range n {
		if err := isolate.Progress(ctx, i+1); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// doScript runs a shell script inside a function's isolate.
func doScript(ctx context.Context, text string) (string, error) {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", text)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return "", cmd.Run()
}

var (
	sink  [][]byte
	spins int
)

// doBehave misbehaves as it is told.
func doBehave(ctx context.Context, how string) (string, error) {
	switch how {
	case "ok":
		return "fine", nil
	case "error":
		return "", errors.New("plain error")
	case "retry":
		return "", fmt.Errorf("wrapped: %w", isolate.Retry(errors.New("try later")))
	case "permanent":
		return "", isolate.Permanent(errors.New("never"))
	case "panic":
		panic("boom\nsecond line")
	case "panic elsewhere":
		go func() { panic("stray") }()
		select {}
	case "nil":
		var p *int
		return strconv.Itoa(*p), nil
	case "goexit":
		runtime.Goexit()
	case "exit 0":
		os.Exit(0)
	case "exit 3":
		os.Exit(3)
	case "race":
		n, done := 0, make(chan struct{})
		go func() {
			n++
			close(done)
		}()
		n++
		<-done
		return strconv.Itoa(n), nil
	case "log.Fatal":
		log.SetFlags(0)
		log.Print("opening the model")
		log.Fatal("no such model")
	case "abort":
		signal.Reset(syscall.SIGTERM)
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGABRT)
		select {}
	case "unmarshalable":
		return string([]byte{0xff}), nil
	case "flood":
		for chunk := bytes.Repeat([]byte("y\n"), 4096); ; {
			_, _ = os.Stdout.Write(chunk)
		}
	case "frame":
		// A stranger on the report pipe.
		_, _ = os.NewFile(4, "report").Write([]byte{0xff, 0xff, 0xff, 0xff, 1})
		select {}
	case "nonsense over the link":
		for fd := 5; fd < 64; fd++ { // a pipe, or the socket beside the ring
			if to, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); strings.HasPrefix(to, "socket:") || fd == 6 && strings.HasPrefix(to, "pipe:") {
				_, _ = syscall.Write(fd, []byte{0xff, 0xff, 0xff})
				_, _ = syscall.Write(fd, []byte{0xff, 0xff, 0xff})
			}
		}
		select {}
	case "wrong frame":
		_ = frame.NewWriter(os.NewFile(4, "report")).Send(frame.Ready{Version: 1, Found: true})
		select {}
	case "frame of the init process":
		_ = frame.NewWriter(os.NewFile(4, "report")).Send(frame.Exited{})
		select {}
	case "two results":
		w := frame.NewWriter(os.NewFile(4, "report"))
		_ = w.Send(frame.Complete{Outcome: "success", Result: []byte("1")})
		_ = w.Send(frame.Complete{Outcome: "success", Result: []byte("2")})
		select {}
	case "stays after its result":
		_ = frame.NewWriter(os.NewFile(4, "report")).Send(frame.Complete{Outcome: "success", Result: []byte("1")})
		select {}
	case "unknown outcome":
		_ = frame.NewWriter(os.NewFile(4, "report")).Send(frame.Complete{Outcome: "signalled"})
		os.Exit(0)
	case "out of somebody's memory":
		return "", isolate.WithOutcome(isolate.OutOfMemory, errors.New("the guest had no more"))
	case "stopped by nobody":
		return "", isolate.WithOutcome(isolate.Stopped, errors.New("it says so"))
	case "frame of the future":
		_, _ = os.NewFile(4, "report").Write([]byte{3, 0, 0, 0, 0xf0, 1, 2})
		return "fine", nil
	case "memory":
		for {
			b := make([]byte, 4<<20)
			for i := range b {
				b[i] = 1
			}
			sink = append(sink, b)
		}
	case "spin":
		for {
			spins++
		}
	case "spin until asked":
		for ctx.Err() == nil {
			spins++
		}
		return "", context.Cause(ctx)
	case "open files":
		for {
			if _, err := os.Open(os.DevNull); err != nil { // kept open
				return "", err
			}
		}
	case "big file":
		return "", os.WriteFile(filepath.Join(os.TempDir(), "lull-big-file"), make([]byte, 1<<20), 0o600)
	case "segv":
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSEGV)
		select {}
	case "deadlock":
		m := map[int]int{}
		for range 4 {
			go func() {
				for {
					m[1]++
				}
			}()
		}
		select {}
	case "connect":
		_, err := net.Dial("tcp", "127.0.0.1:9")
		return "", err
	case "hang":
		select {}
	case "int 0x80":
		return "", otherCalls()
	case "wait":
		fmt.Println("ready")
		<-ctx.Done()
		return "", context.Cause(ctx)
	case "finish":
		fmt.Println("ready")
		<-ctx.Done()
		reason, deadline, ok := isolate.Stopping(ctx)
		if !ok || time.Until(deadline) <= 0 {
			return "", errors.New("not stopping")
		}
		return reason, nil
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("ignoring")
		for {
			time.Sleep(time.Hour)
		}
	}
	return "", isolate.Permanent(errors.New("unknown behaviour " + how))
}

// skipOrFail skips, or fails if LULL_REQUIRE names the feature.
func skipOrFail(t testing.TB, feature, why string) {
	t.Helper()
	for want := range strings.SplitSeq(os.Getenv("LULL_REQUIRE"), ",") {
		if want == feature {
			t.Fatalf("%s is required by LULL_REQUIRE, but: %s", feature, why)
		}
	}
	t.Skipf("SKIPPED, not tested: %s (set LULL_REQUIRE=%s to make this a failure)", why, feature)
}

func newSpawner(t testing.TB, cfg isolate.Config) *isolate.Spawner {
	t.Helper()
	if cfg.Instance == "" {
		cfg.Instance = "test" + strconv.Itoa(os.Getpid()) + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
	}
	s, err := isolate.NewSpawner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return s
}

func start(t testing.TB, s *isolate.Spawner, spec isolate.Spec) *isolate.Process {
	t.Helper()
	p, err := s.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wait waits for the end of a run, but not for ever.
func wait(t testing.TB, p *isolate.Process) isolate.Exit {
	t.Helper()
	select {
	case <-p.Done():
		return p.Wait()
	case <-time.After(patience):
		t.Fatalf("run %s is not over", p.ID())
		panic("unreachable")
	}
}

// logFile is an output log in which a test waits for a line: runs signal that they are
// ready by writing, so no test sleeps.
func logFile(t testing.TB) string { return filepath.Join(t.TempDir(), "out.log") }

func awaitText(t testing.TB, file, text string) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if data, _ := os.ReadFile(file); bytes.Contains(data, []byte(text)) {
			return
		}
	}
	data, _ := os.ReadFile(file)
	t.Fatalf("%q did not appear in the output %q", text, data)
}

// marked lists the living processes whose environment holds text.
func marked(text string) []string { return processesWith("environ", text) }

// processesWith lists the processes whose file in /proc holds text.
func processesWith(file, text string) []string {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var found []string
	for _, dir := range dirs {
		data, err := os.ReadFile(dir + "/" + file)
		if err == nil && bytes.Contains(data, []byte(text)) && dir != "/proc/"+strconv.Itoa(os.Getpid()) {
			cmd, _ := os.ReadFile(dir + "/cmdline")
			found = append(found, filepath.Base(dir)+" "+string(bytes.ReplaceAll(cmd, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// groupsNamed lists the cgroups whose name begins with prefix.
func groupsNamed(prefix string) []string {
	out, _ := exec.Command("find", "/sys/fs/cgroup", "-type", "d", "-name", prefix+"*").Output()
	return strings.Fields(string(out))
}

// parentMain is a host process that a test kills: it starts runs, says their instance,
// and waits for its own end.
func parentMain(mode string) int {
	cfg := isolate.Config{Instance: os.Getenv("ISOLATE_TEST_INSTANCE"), Tier: isolate.Tier(os.Getenv("ISOLATE_TEST_TIER"))}
	s, err := isolate.NewSpawner(cfg)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	const tree = `setsid sh -c 'setsid sleep 600 & sleep 600' & setsid sleep 600 & echo ready; wait`
	spec := isolate.Spec{Shell: tree, OutputLog: os.Getenv("ISOLATE_TEST_LOG")}
	if box := strings.TrimPrefix(mode, "boxed "); box != mode {
		mode, spec.Sandbox = box, &isolate.Sandbox{NoNetwork: true}
	}
	if mode == "func" {
		spec.Shell, spec.Func, spec.Input = "", script.Name(), []byte(strconv.Quote(tree))
	}
	if mode == "shim" {
		spec.MemoryBytes = 512 << 20
	}
	if _, err := s.Start(spec); err != nil {
		fmt.Println(err)
		return 1
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// goroutineCount waits a little for goroutines that are about to end.
func goroutineCount() int {
	n := runtime.NumGoroutine()
	for range 50 {
		time.Sleep(time.Millisecond)
		n = min(n, runtime.NumGoroutine())
	}
	return n
}
