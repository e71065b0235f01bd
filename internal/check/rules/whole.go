package rules

import (
	"path"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/plugins"
)

func wholeRules() []*Rule {
	return []*Rule{
		{
			Name: "no-run-record", IDs: []string{"X02"}, Group: Whole, Certainty: finding.Hint,
			Title:  "background work leaves no record of its runs",
			Detail: "Nobody sees a background run, and nobody sees one that did not happen. Without a record that outlives the process, *has it run?* cannot be answered on a user's phone.",
			Seen:   "reports of users that it does not work, with nothing to look at",
			Fix:    "Write start, end and outcome of each run to a file or a database; `lull init` writes such a log",
			Source: []string{"https://developer.android.com/topic/performance/vitals"},
			Example: Example{
				Lang: "dart",
				Bad:  "executeTask((task, input) async {\n  await sync();\n  return true;\n});\n",
				Good: "executeTask((task, input) async {\n  await runLog.add('started', task);\n  await sync();\n  await runLog.add('ended', task);\n  return true;\n});\n",
			},
			Check: noRunRecord,
		},
		{
			Name: "callback-untested", IDs: []string{"X03"}, Group: Whole, Certainty: finding.Hint,
			Title:  "no test starts the background function",
			Detail: "Its isolate has nothing of what main() prepares. A test that calls it alone finds what is missing; a run of the app does not, because there everything has been prepared.",
			Seen:   "what it misses is found by users",
			Fix:    "Add a test that calls the function's work without main(); `lull init` writes one",
			Source: []string{"https://docs.flutter.dev/testing/integration-tests"},
			Example: Example{
				Lang: "dart",
				Bad:  "// test/widget_test.dart only\n",
				Good: "// integration_test/background_test.dart\ntestWidgets('sync runs alone', (t) async => expect(await sync(), isTrue));\n",
			},
			Check: callbackUntested,
		},
	}
}

// records are names of what writes something that outlives a run.
var records = []string{
	"writeAsString", "writeAsStringSync", "writeAsBytes", "openWrite", "insert", "rawInsert", "put", "add", "setString", "setInt", "setStringList",
	"recordError", "captureException", "captureMessage", "logEvent", "addLog", "Logger", "Talker", "FirebaseCrashlytics", "Sentry",
	"post", "into", "writeTxn", "setData", "saveLog", "insertLogs",
}

func noRunRecord(p *Pass) {
	for _, e := range p.alone() {
		if e.Job != plugins.OnSchedule && e.Job != plugins.OnFetch && e.Job != plugins.OnAlarm {
			continue
		}
		kept := false
		for _, name := range records {
			if kept = len(e.Reach().Mentions(name)) > 0; kept {
				break
			}
		}
		if kept {
			continue
		}
		f := p.Report(p.Node(e.Call.Unit, e.Arg), "%s writes nothing that tells whether it has run", e.name())
		f.Subject = e.name()
		return
	}
}

func callbackUntested(p *Pass) {
	var names []string
	var one *entry
	for _, e := range p.alone() {
		if e.To.Decl == nil || e.Job != plugins.OnSchedule && e.Job != plugins.OnFetch && e.Job != plugins.OnAlarm {
			continue
		}
		if one == nil {
			one = e
		}
		for _, f := range append(p.chain(e), e.To.Func) {
			if f.Decl != nil {
				names = append(names, f.Decl.Name)
			}
		}
	}
	if one == nil || p.testsMention(names) {
		return
	}
	f := p.Report(p.Name(one.To.Func.File, one.To.Decl), "no test calls %s or what it runs", one.To.Decl.Name)
	f.Subject = one.To.Decl.Name
}

// testsMention tells whether some test has one of the names.
func (p *Pass) testsMention(names []string) bool {
	for _, u := range p.dart().Units() {
		if !inTests(u) {
			continue
		}
		for _, name := range names {
			if len(u.Uses(name)) > 0 {
				return true
			}
		}
	}
	if p.Files == nil {
		return false
	}
	for _, dir := range []string{"test", "integration_test"} {
		for _, file := range p.Files.Under(path.Join(p.Project.Dir, dir)) {
			if !strings.HasSuffix(file, ".dart") {
				continue
			}
			text, err := p.Files.Read(file)
			if err != nil {
				continue
			}
			for _, name := range names {
				if strings.Contains(string(text), name) {
					return true
				}
			}
		}
	}
	return false
}
