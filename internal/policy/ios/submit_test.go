package ios

import (
	"strings"
	"testing"
)

func TestTooMany(t *testing.T) {
	for pending, want := range map[int64]string{
		1:  "1 refresh request is pending, and an app may have no more: cancel it, ",
		10: "10 refresh requests are pending, and an app may have no more: cancel one, ",
	} {
		if got := tooMany("refresh", pending).Error(); !strings.Contains(got, want) {
			t.Errorf("%d: %s", pending, got)
		}
	}
}
