package nearest_test

import (
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core/nearest"
)

func TestWord(t *testing.T) {
	words := []string{"charging", "network", "battery-low", "idle"}
	for word, want := range map[string]string{
		"chargin": "charging", "Charging": "charging", "netwerk": "network", "battery_low": "battery-low",
		"x": "", "elephant": "", "": "", strings.Repeat("charging", 20): "",
	} {
		if got := nearest.Word(word, words); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	short := []string{"ios", "android"}
	for word, want := range map[string]string{"ois": "ios", "iso": "ios", "foo": "", "host": "", "androod": "android"} {
		if got := nearest.Word(word, short); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := nearest.Word("chargin", make([]string, 2000)); got != "" {
		t.Errorf("of too many words it chose %q", got)
	}
}
