package lull_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

// asPhone opens a state as iOS or Android.
func asPhone(dir, as string) lull.Config {
	return lull.Config{
		Store: sqlite.File(filepath.Join(dir, "work.db")), Device: lulltest.NewDevice(), Phone: lull.Phone{Setup: platform.Setup{Name: as, Seed: 1}},
	}
}

func codes(rs []work.Reason) (out []work.Code) {
	for _, r := range rs {
		out = append(out, r.Code)
	}
	return out
}

// TestPhone shows that a state keeps what it ran as, and why explains with that one's
// gates, beside an engine and without one.
func TestPhone(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	eng, err := lull.Open(ctx, asPhone(dir, platform.IOS))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []core.SenseKind{core.SenseInstalled, core.SenseAppOpened} {
		if err := eng.Sense(ctx, lull.Sense{Kind: k}); err != nil {
			t.Fatal(err)
		}
	}
	q := noop.Request(1)
	q.Phone = work.Traits{Kind: work.KindRefresh, Identifier: "com.ex.noop"}
	id, err := eng.EnqueueUnique(ctx, work.Unique{Name: "com.ex.noop", Policy: work.Replace}, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Phone.Identifier = "com.ex.other"
	var no *core.Refusal
	if _, err := eng.Enqueue(ctx, q); !errors.As(err, &no) || no.Name != "tooManyPendingTaskRequests" {
		t.Errorf("a second refresh: %v", err)
	}
	why, err := eng.Why(ctx, id)
	if got := codes(why.Reasons); err != nil || !slices.Contains(got, "too_early") || !slices.Contains(got, "app_in_foreground") {
		t.Errorf("held by %v, %v", got, err)
	}
	if err := eng.Sense(ctx, lull.Sense{Kind: core.SenseAppSwiped}); err != nil {
		t.Fatal(err)
	}
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := lull.Browse(ctx, sqlite.File(filepath.Join(dir, "work.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if as, err := r.Platform(ctx); as != platform.IOS || err != nil {
		t.Errorf("it ran as %q, %v", as, err)
	}
	why, err = r.Why(ctx, id, false)
	if got := codes(why.Reasons); err != nil || !slices.Equal(got, []work.Code{core.NotPending}) || why.Work.State != work.Cancelled {
		t.Errorf("%s, held by %v, %v", why.Work.State, got, err)
	}

	for _, as := range []string{"", platform.Android} {
		_, err := lull.Open(ctx, asPhone(dir, as))
		var w *work.Error
		if !errors.Is(err, lull.ErrOtherPlatform) || !errors.As(err, &w) || w.Hint == "" {
			t.Errorf("opened as %q: %v", as, err)
		}
	}
	stored := asPhone(dir, "")
	stored.Phone.Stored = true
	if eng, err = lull.Open(ctx, stored); err != nil {
		t.Fatal(err)
	}
	if _, err := eng.Enqueue(ctx, q); err != nil {
		t.Errorf("as what it ran: %v", err)
	}
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPhoneOfHost shows that the host has no phone, and that its state is no phone's.
func TestPhoneOfHost(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	eng, err := lull.Open(ctx, asPhone(dir, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := eng.Sense(ctx, lull.Sense{Kind: core.SenseAppOpened}); !errors.Is(err, work.ErrUnsupported) {
		t.Errorf("an app on the host: %v", err)
	}
	run, stop := context.WithCancel(ctx)
	stop()
	if err := errors.Join(eng.Run(run), eng.Close()); err != nil {
		t.Fatal(err)
	}
	if eng, err = lull.Open(ctx, asPhone(dir, "")); err != nil {
		t.Fatal(err)
	}
	if _, err := eng.Enqueue(ctx, noop.Request(1)); err != nil {
		t.Fatal(err)
	}
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := lull.Open(ctx, asPhone(dir, platform.IOS)); !errors.Is(err, lull.ErrOtherPlatform) {
		t.Errorf("opened as iOS: %v", err)
	}
	if _, err := lull.Open(ctx, asPhone(t.TempDir(), "palm")); err == nil {
		t.Error("opened as a Palm")
	}
}
