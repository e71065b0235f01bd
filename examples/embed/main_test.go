package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

func TestMain(m *testing.M) {
	isolate.Main(Index.Do(index))
	os.Exit(m.Run())
}

func TestEmbed(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	var first, second strings.Builder
	if err := run(t.Context(), &first, state); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`(?m)^attempt 1 of index\.log\.slog: crashed: panic: a bug in a goroutine`,
		`(?m)^attempt 1 of index\.runtime\.debug: crashed: `,
		`(?m)^attempt 2 of index\.runtime\.debug: crashed: .*no more attempts: 2 failed$`,
		`(?m)^archive/tar +\d+ +\d+ +\d+ +Package tar implements access to tar archives\.$`,
		`(?m)^log/slog +\d+ +\d+ +\d+ +Package slog provides structured logging`,
		`(?m)^runtime/debug +- +- +- +FAILED: panic: .*no more attempts: 2 failed$`,
	} {
		if !regexp.MustCompile(want).MatchString(first.String()) {
			t.Errorf("the output does not match %s", want)
		}
	}
	for _, p := range packages {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(p) + ` +[1-9]\d* +[1-9]\d* +[1-9]\d* +Package `).MatchString(first.String()) {
			t.Errorf("no page of %s", p)
		}
	}
	// Nothing runs again.
	if err := run(t.Context(), &second, state); err != nil {
		t.Fatal(err)
	}
	if _, index, _ := strings.Cut(first.String(), "PACKAGE"); second.String() != "PACKAGE"+index {
		t.Errorf("the second start says\n%s", second.String())
	}
	if t.Failed() {
		t.Logf("the first start says\n%s", first.String())
	}
}
