package android_test

import (
	"fmt"
	"testing"

	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// TestStartTakesQuotaFromOthers lets four jobs become ready at one instant, with quota for
// one. The library runs none of them in process.
func TestStartTakesQuotaFromOthers(t *testing.T) {
	p := opened(t, profiles(t), "13", "",
		android.Setting{Name: "quota.active.jobs", Value: "1"}, android.Setting{Name: "process.freeze", Value: "never"},
		android.Setting{Name: "doze.light", Value: "no"}, android.Setting{Name: "doze.deep", Value: "no"})
	p.leave(minute)
	p.facts(2*minute, map[record.Signal]int64{record.Connected: 0})
	for i := range 4 {
		task := fmt.Sprint("t", i)
		p.takes[task] = minute
		p.must(3*minute, work.Request{Task: task, Needs: work.Constraints{ContentURIs: 1, Network: work.Connected}})
	}
	p.facts(4*minute, map[record.Signal]int64{record.Connected: 1})
	if len(p.runs) != 1 {
		t.Errorf("%d jobs run: %v", len(p.runs), p.runs)
	}
}
