package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// What will be seen is said of the conditions that are dropped, and of no others.
func TestSeenOfDropped(t *testing.T) {
	dir := unpack(t, txtar.Parse([]byte(`-- app/lib/main.dart --
import 'package:workmanager/workmanager.dart';

void main() {
  final w = Workmanager();
  w.registerPeriodicTask('a', 'a', constraints: Constraints(requiresCharging: true, requiresDeviceIdle: true));
  w.registerPeriodicTask('b', 'b', constraints: Constraints(networkType: NetworkType.connected, requiresBatteryNotLow: false));
  w.registerProcessingTask('c', 'c', constraints: Constraints(networkType: NetworkType.unmetered, requiresCharging: true));
  w.registerProcessingTask('d', 'd', constraints: Constraints(networkType: NetworkType.connected, requiresStorageNotLow: true));
  w.registerProcessingTask('e', 'e', inputData: {'a': 1});
}
`)))
	var got []string
	for _, f := range run(t, dir, []string{"ios-constraint-dropped"}).Findings {
		got = append(got, f.Seen)
	}
	want := []string{
		"on iOS the task also runs on battery and while the phone is in use",
		"on iOS the task also runs without a network",
		"on iOS the task also runs without a network and on mobile data",
		"on iOS the task also runs with little storage left",
		"on iOS the callback gets no input",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
