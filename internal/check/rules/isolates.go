package rules

import "github.com/lullwork/lull/internal/check/finding"

const (
	isolatesDoc = "https://docs.flutter.dev/perf/isolates"
	isolateAPI  = "https://api.dart.dev/dart-isolate/"
)

func isolateRules() []*Rule {
	return []*Rule{
		{
			Name: "isolate-without-messenger", IDs: []string{"P05"}, Group: Isolates, Certainty: finding.Error,
			Title:    "plugin call in a spawned isolate without a messenger",
			Detail:   "An isolate that Dart code starts has no connection to the platform. Since Flutter 3.7 it gets one by BackgroundIsolateBinaryMessenger.ensureInitialized with a token of the root isolate.",
			Seen:     "the call throws in the isolate: BackgroundIsolateBinaryMessenger.instance value is invalid",
			Fix:      "Send RootIsolateToken.instance into the isolate and call `BackgroundIsolateBinaryMessenger.ensureInitialized(token)` first",
			Versions: []string{"Flutter >=3.7; before, no plugin works there"},
			Source:   []string{isolatesDoc},
			Lint:     "saropa_lints: avoid_shared_prefs_in_isolate",
			Example: Example{
				Lang: "dart",
				Bad:  "Isolate.run(() async {\n  final prefs = await SharedPreferences.getInstance();\n});\n",
				Good: "final token = RootIsolateToken.instance!;\nIsolate.run(() async {\n  BackgroundIsolateBinaryMessenger.ensureInitialized(token);\n  final prefs = await SharedPreferences.getInstance();\n});\n",
			},
			Check: isolateWithoutMessenger,
		},
		{
			Name: "root-token-in-isolate", IDs: []string{"P06"}, Group: Isolates, Certainty: finding.Error,
			Title:  "the root isolate's token is asked for inside of a spawned isolate",
			Detail: "RootIsolateToken.instance is null everywhere but in the root isolate.",
			Seen:   "a null error in the isolate",
			Fix:    "Read the token before spawning and send it in",
			Source: []string{"https://api.flutter.dev/flutter/dart-ui/RootIsolateToken-class.html"},
			Example: Example{
				Lang: "dart",
				Bad:  "Isolate.run(() {\n  BackgroundIsolateBinaryMessenger.ensureInitialized(RootIsolateToken.instance!);\n});\n",
				Good: "final token = RootIsolateToken.instance!;\nIsolate.run(() {\n  BackgroundIsolateBinaryMessenger.ensureInitialized(token);\n});\n",
			},
			Check: rootTokenInIsolate,
		},
		{
			Name: "ui-in-isolate", IDs: []string{"P07"}, Group: Isolates, Certainty: finding.Error,
			Title:  "assets or widgets in a spawned isolate",
			Detail: "rootBundle and the bindings of Flutter work in the root isolate only.",
			Seen:   "the call throws in the isolate: the binding has not been initialized",
			Fix:    "Load the asset before spawning and send its bytes in",
			Source: []string{isolatesDoc},
			Example: Example{
				Lang: "dart",
				Bad:  "Isolate.run(() async => parse(await rootBundle.loadString('a.json')));\n",
				Good: "final text = await rootBundle.loadString('a.json');\nIsolate.run(() => parse(text));\n",
			},
			Check: uiInIsolate,
		},
		{
			Name: "platform-stream-in-isolate", IDs: []string{"P08"}, Group: Isolates, Certainty: finding.Warning,
			Title:  "stream of the platform in a spawned isolate",
			Detail: "A spawned isolate can ask the platform and gets its answers. Messages that it has not asked for, such as those of an event channel or of a snapshot listener, never arrive there.",
			Seen:   "the stream stays silent",
			Fix:    "Ask once in the isolate, or listen in the root isolate and send the values in",
			Source: []string{isolatesDoc},
			Example: Example{
				Lang: "dart",
				Bad:  "Isolate.spawn((_) => channel.receiveBroadcastStream().listen(use), null);\n",
				Good: "channel.receiveBroadcastStream().listen(port.send);\n",
			},
			Check: platformStreamInIsolate,
		},
		{
			Name: "database-shared", IDs: []string{"C01"}, Group: Isolates, Certainty: finding.Warning,
			Title:  "one database open in the app and in the background",
			Detail: "Hive and ObjectBox keep what they have read in the memory of one isolate. Opened by a second one at the same time, each writes over what the other has written.",
			Seen:   "values come back or vanish; at worst the file is broken",
			Fix:    "Let one side write only, hand the data over in a file or by a port, or use a database for several isolates",
			Source: []string{wmRepo + "/issues/113", wmRepo + "/issues/456"},
			Example: Example{
				Lang: "dart",
				Bad:  "// in main() and in the task\nfinal box = await Hive.openBox('items');\n",
				Good: "// in the task\nawait File(path).writeAsString(json); // main() reads it into the box\n",
			},
			Check: databaseShared,
		},
		{
			Name: "capturing-closure", IDs: []string{"C02"}, Group: Isolates, Certainty: finding.Hint,
			Title:  "closure for an isolate that takes more along than it says",
			Detail: "A closure is sent with everything that it captures; `this` brings the whole object and all that hangs on it. A port, a socket, a controller or a plugin's object among it cannot be sent.",
			Seen:   "Illegal argument in isolate message, on the day somebody adds such a field; until then, slow copies",
			Fix:    "Hand a top-level or static function over, with plain arguments",
			Source: []string{"dart-lang/sdk#51594", "dart-lang/sdk#36983", isolateAPI + "Isolate/run.html"},
			Lint:   "df_safer_dart_lints: sendable parameters",
			Example: Example{
				Lang: "dart",
				Bad:  "Future<int> count() => Isolate.run(() => _parse(text).length); // captures this\n",
				Good: "Future<int> count() {\n  final t = text;\n  return Isolate.run(() => parse(t).length);\n}\n",
			},
			Check: capturingClosure,
		},
		{
			Name: "large-bytes-copied", IDs: []string{"C03"}, Group: Isolates, Certainty: finding.Hint,
			Title:  "the bytes of a file are copied to another isolate",
			Detail: "send copies what it is given, in the sender's time. TransferableTypedData hands bytes over without a copy.",
			Seen:   "a pause of the sender, twice the memory",
			Fix:    "Send `TransferableTypedData.fromList([bytes])` and materialize it, or read the file in the isolate",
			Source: []string{isolateAPI + "TransferableTypedData-class.html"},
			Lint:   "saropa_lints: avoid_large_isolate_communication",
			Example: Example{
				Lang: "dart",
				Bad:  "port.send(await file.readAsBytes());\n",
				Good: "port.send(TransferableTypedData.fromList([await file.readAsBytes()]));\n",
			},
			Check: largeBytesCopied,
		},
		{
			Name: "listener-after-spawn", IDs: []string{"C04"}, Group: Isolates, Certainty: finding.Warning,
			Title:  "listener added to an isolate that already runs",
			Detail: "An isolate may be done before the listener is added. Then there is no message, and whoever waits for it waits for ever.",
			Seen:   "sometimes the app hangs, more often on fast phones",
			Fix:    "Give `onExit` and `onError` to Isolate.spawn, or spawn it paused",
			Source: []string{isolateAPI + "Isolate/addOnExitListener.html"},
			Example: Example{
				Lang: "dart",
				Bad:  "final iso = await Isolate.spawn(run, port.sendPort);\niso.addOnExitListener(done.sendPort);\n",
				Good: "await Isolate.spawn(run, port.sendPort, onExit: done.sendPort);\n",
			},
			Check: listenerAfterSpawn,
		},
		{
			Name: "port-leak", IDs: []string{"C05"}, Group: Isolates, Certainty: finding.Warning,
			Title:  "a port that stays open",
			Detail: "An open ReceivePort keeps its isolate alive. In a background function it also takes the place of the app's own port, if it is registered under the same name.",
			Seen:   "the app gets no more messages after a background run; isolates pile up",
			Fix:    "Close the port when it is done with; register a port in the app's own isolate only",
			Source: []string{isolateAPI + "RawReceivePort/keepIsolateAlive.html", "https://api.flutter.dev/flutter/dart-ui/IsolateNameServer-class.html"},
			Lint:   "saropa_lints: require_isolate_kill",
			Example: Example{
				Lang: "dart",
				Bad:  "final port = ReceivePort();\nawait Isolate.spawn(run, port.sendPort);\nport.listen(use);\n",
				Good: "final port = ReceivePort();\nawait Isolate.spawn(run, port.sendPort);\nuse(await port.first);\n",
			},
			Check: portLeak,
		},
		{
			Name: "code-after-exit", IDs: []string{"C06"}, Group: Isolates, Certainty: finding.Warning,
			Title:  "code that has to run after Isolate.exit",
			Detail: "Isolate.exit never returns and runs nothing more: no finally, no pending await.",
			Seen:   "files stay open, locks stay taken",
			Fix:    "Clean up before Isolate.exit",
			Source: []string{isolateAPI + "Isolate/exit.html"},
			Example: Example{
				Lang: "dart",
				Bad:  "try {\n  Isolate.exit(port, result);\n} finally {\n  file.closeSync();\n}\n",
				Good: "file.closeSync();\nIsolate.exit(port, result);\n",
			},
			Check: codeAfterExit,
		},
	}
}
