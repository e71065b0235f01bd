package rules_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/finding"
)

// TestOldDart checks that a missing pragma is no certain mistake where only an old Flutter
// builds the app, as one without null safety, and is one where a new Flutter may.
func TestOldDart(t *testing.T) {
	const main = `-- app/lib/main.dart --
import 'package:workmanager/workmanager.dart';

void dispatcher() => Workmanager().executeTask((task, input) async => true);

void main() => Workmanager().initialize(dispatcher);
`
	for sdk, want := range map[string]finding.Certainty{">=2.7.0 <3.0.0": finding.Warning, ">=2.12.0 <3.0.0": finding.Error} {
		archive := txtar.Parse([]byte("-- app/pubspec.yaml --\nname: app\nenvironment: {sdk: '" + sdk + "'}\ndependencies: {flutter: {sdk: flutter}, workmanager: any}\n" + main))
		found := run(t, unpack(t, archive), []string{"entry-point-missing"}).Findings
		if len(found) != 1 || found[0].Certainty != want {
			t.Errorf("%s: %v, want one %s", sdk, found, want)
		}
	}
}
