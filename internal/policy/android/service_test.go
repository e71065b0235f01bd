package android_test

import (
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestServicePermissions asks for services as apps that are built for one level of the
// API or another, and that declare one permission or another.
func TestServicePermissions(t *testing.T) {
	const general, sync = android.ForegroundService, android.ForegroundServiceDataSync
	for _, c := range []struct {
		target  int
		held    android.Permission
		mode    string
		refused bool
	}{
		{27, 0, "data-sync", false},
		{28, 0, "data-sync", true},
		{28, 0, "other", true},
		{28, general, "data-sync", false},
		{33, general, "", false},
		{34, general, "", true},
		{34, general, "data-sync", true},
		{34, general, "other", false},
		{34, general | sync, "data-sync", false},
		{34, sync, "data-sync", true},
	} {
		p := profile(t, "16", "")
		p.Target, p.Permissions = c.target, c.held
		s := android.NewSystem(p, chance.New(1))
		facts := record.NewFacts()
		for _, k := range []core.SenseKind{core.SenseInstalled, core.SenseAppOpened} {
			s.Sense(0, core.Sense{Kind: k}, &facts)
		}
		spec := &record.Spec{Task: "s", Phone: work.Traits{Kind: work.KindService, Mode: c.mode}}
		err := s.Admit(0, core.Job{Work: &record.Work{ID: "s", Seq: 1}, Spec: spec}, &facts)
		if (err != nil) != c.refused {
			t.Errorf("target %d, permissions %b, type %q: %v", c.target, c.held, c.mode, err)
		}
	}
}
