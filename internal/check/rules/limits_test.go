package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/work"
)

// What a rule says in words is what the policy's table has.
func TestNumbersInTexts(t *testing.T) {
	minutes := func(us int64) int64 { return us / int64(time.Minute/time.Microsecond) }
	seconds := func(us int64) int64 { return us / int64(time.Second/time.Microsecond) }
	said := map[string]string{
		"period-too-short":       fmt.Sprintf("%d minutes", minutes(minPeriod())),
		"push-handler-long":      fmt.Sprintf("%d seconds", seconds(pushCut())),
		"too-many-notifications": fmt.Sprintf("keeps %d notifications", mostPending()),
		"too-many-alarms":        fmt.Sprintf("%d alarms", mostAlarms()),
		"input-not-storable":     fmt.Sprintf("%d,%03d bytes", work.MaxData/1000, work.MaxData%1000),
		"work-too-long":          fmt.Sprintf("%d seconds", seconds(refreshRun())),
		"backoff-incomplete":     fmt.Sprintf("%d s", seconds(androidLimit("default backoff"))),
	}
	for _, r := range All() {
		if want, there := said[r.Name]; there && !strings.Contains(r.Detail+r.Fix+r.Seen, want) {
			t.Errorf("%s does not say %q", r.Name, want)
		}
		delete(said, r.Name)
	}
	if len(said) > 0 {
		t.Errorf("there are no such rules: %v", said)
	}
}
