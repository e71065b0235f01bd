package population

import (
	"errors"
	"testing"

	"github.com/lullwork/lull/internal/sim/scenario"
)

// TestSettingsBeforePhones: what is wrong with the second platform is known before any
// phone of the first is simulated.
func TestSettingsBeforePhones(t *testing.T) {
	c := Config{Plan: example(t), Devices: 64, Days: 1, Settle: -1}
	c.Platforms = []string{scenario.Android, scenario.IOS}
	c.Set.IOS = []Override{{Name: "thetta0", Value: "1"}}
	c.Progress = func(done, of int) { t.Errorf("%d of %d phones are simulated", done, of) }
	var wrong *SettingError
	if _, err := Run(t.Context(), c); !errors.As(err, &wrong) {
		t.Errorf("got %v", err)
	}
}
