package sense

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// fakeRoot makes a root with these files; the names are paths below it.
func fakeRoot(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"sys/class/power_supply", "proc/net", "proc/pressure"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		writeFile(t, filepath.Join(root, name), text)
	}
	return root
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	// Readers must never see half a file.
	tmp := path + ".new"
	if err := os.WriteFile(tmp, []byte(text+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, path); err != nil {
		t.Fatal(err)
	}
}

// supplies writes power supplies described as
// "AC type=Mains online=1; BAT0 type=Battery status=Not_charging".
func supplies(t testing.TB, root, text string) {
	t.Helper()
	for s := range strings.SplitSeq(text, ";") {
		fields := strings.Fields(s)
		for _, f := range fields[min(1, len(fields)):] {
			name, value, _ := strings.Cut(f, "=")
			writeFile(t, filepath.Join(root, "sys/class/power_supply", fields[0], name), strings.ReplaceAll(value, "_", " "))
		}
	}
}

// needs skips a test loudly, or fails it where LULL_REQUIRE lists the feature.
func needs(t testing.TB, feature string, ok bool, reason string) {
	t.Helper()
	if ok {
		return
	}
	if slices.Contains(strings.Split(os.Getenv("LULL_REQUIRE"), ","), feature) {
		t.Fatalf("LULL_REQUIRE wants %s: %s", feature, reason)
	}
	t.Skipf("SKIPPED, %s is not tested: %s", feature, reason)
}

// patience is how long a test waits for what happens at once on an idle machine.
const patience = 30 * time.Second

// hangs is the timeout of calls in tests with a service that hangs: long enough for those
// that do not.
const hangs = 2 * callTimeout

// open starts a sensor without debounce and poll, and with patience for its services,
// unless cfg says otherwise.
func open(t testing.TB, cfg Config) *Sensor {
	t.Helper()
	if cfg.Debounce == (Debounce{}) {
		cfg.Debounce = Debounce{Network: -1, Power: -1, Storage: -1, Load: -1}
	}
	if cfg.IdleAfter == 0 {
		cfg.IdleAfter = -1
	}
	if cfg.PollEvery == 0 {
		cfg.PollEvery = -1
	}
	if cfg.callTimeout == 0 {
		cfg.callTimeout = patience
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// await waits until the facts are as wanted.
func await(t testing.TB, s *Sensor, what string, want func(f record.Facts) bool) record.Facts {
	t.Helper()
	late := time.After(patience)
	for {
		f := s.Facts()
		if want(f) {
			return f
		}
		select {
		case <-s.Changes():
		case <-late:
			t.Fatalf("waited %v for %s, have:\n%s", patience, what, table(s.Facts()))
		}
	}
}

// awaitValue waits for one value.
func awaitValue(t testing.TB, s *Sensor, sig record.Signal, value int64) record.Fact {
	t.Helper()
	return await(t, s, sig.String(), func(f record.Facts) bool { return f[sig].Value == value })[sig]
}

func table(facts record.Facts) string {
	var b strings.Builder
	for _, f := range facts {
		b.WriteString(f.Signal.String() + " " + text(f.Value) + " [" + f.Source + "] " + f.Note + "\n")
	}
	return b.String()
}

func text(v int64) string {
	switch v {
	case record.Unknown:
		return "unknown"
	case 0:
		return "no"
	case 1:
		return "yes"
	}
	return "number"
}

// check compares a reading with a value and parts of its texts.
func (r reading) check(t testing.TB, name string, value int64, source, note string) {
	t.Helper()
	if !r.ok || r.value != value || !strings.Contains(r.source, source) || !strings.Contains(r.note, note) {
		t.Errorf("%s: %s [%s] %q, want %s [%s] %q", name, text(r.value), r.source, r.note, text(value), source, note)
	}
	if r.value == record.Unknown && r.note == "" {
		t.Errorf("%s: unknown without a note", name)
	}
}
