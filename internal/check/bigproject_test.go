package check_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bigProject writes a Flutter app of that many Dart files, always the same, and returns its
// folder and the size of its Dart. Files have the sizes that apps have: half of them are below
// 3 KB, one in fifty is generated and large. One in forty has background work, most of it right.
func bigProject(tb testing.TB, files int) (dir string, size int64) {
	tb.Helper()
	dir = tb.TempDir()
	g := &generator{Rand: rand.New(rand.NewPCG(5, uint64(files))), files: files}
	write := func(path, text string) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	for path, text := range platformFiles {
		write(path, text)
	}
	for i := range files {
		text := g.file(i)
		size += int64(len(text))
		write(pathOf(i), text)
	}
	return dir, size
}

// generator makes Dart.
type generator struct {
	*rand.Rand
	strings.Builder
	files int
}

func pathOf(i int) string {
	if i == 0 {
		return "lib/main.dart"
	}
	return fmt.Sprintf("lib/feature%d/part%d.dart", i%60, i)
}

func (g *generator) file(i int) string {
	g.Reset()
	g.imports(i)
	switch {
	case i == 0:
		g.WriteString(mainFile)
	case i%50 == 7:
		g.messages(i, 300+g.IntN(700))
	case i%50 == 9:
		for k := range 40 {
			g.model(i, k)
		}
	case i%40 == 3:
		g.worker(i)
		g.screen(i)
	default:
		for k := range 1 + g.IntN(2) {
			g.model(i, k)
		}
		for range g.IntN(4) {
			g.store(i)
		}
		if g.IntN(2) == 0 {
			g.screen(i)
		}
	}
	return g.String()
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(g, format, args...) }

func (g *generator) imports(i int) {
	g.WriteString("import 'dart:async';\n\nimport 'package:flutter/material.dart';\nimport 'package:http/http.dart' as http;\n")
	if i%40 == 3 || i == 0 {
		g.WriteString("import 'package:workmanager/workmanager.dart';\n")
	}
	for range 2 + g.IntN(6) {
		g.printf("import 'package:big/%s';\n", strings.TrimPrefix(pathOf(1+g.IntN(g.files)), "lib/"))
	}
	g.WriteString("\n")
}

var words = strings.Fields(`account address amount answer author basket board button cache category channel city colour comment
	contact country course date delivery device discount draft email entry event field folder friend game group image invoice item
	label level limit line list location message method model month name note number offer option order owner page payment person
	phone photo place player price product profile project rating reader record region report request result review room route
	score section series session setting share shop size source stage state status step store street style subject team text
	theme time title token topic total track trip type unit user value version video view week year zone`)

func (g *generator) word() string { return words[g.IntN(len(words))] }

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// model is a class of fields that reads and writes JSON.
func (g *generator) model(i, k int) {
	name := fmt.Sprintf("%s%dx%d", title(g.word()), i, k)
	var fields []string
	for n := range 4 + g.IntN(8) {
		fields = append(fields, fmt.Sprintf("%s%d", g.word(), n))
	}
	g.printf("/// What a %s of the service holds; see the notes of the API on it.\n@immutable\nclass %s {\n  const %s({\n", g.word(), name, name)
	for _, f := range fields {
		g.printf("    required this.%s,\n", f)
	}
	g.printf("  });\n\n  factory %s.fromJson(Map<String, dynamic> json) => %s(\n", name, name)
	for _, f := range fields {
		g.printf("        %s: json['%s'] as String? ?? '',\n", f, f)
	}
	g.WriteString("      );\n\n")
	for _, f := range fields {
		g.printf("  final String %s;\n", f)
	}
	g.WriteString("\n  Map<String, dynamic> toJson() => {\n")
	for _, f := range fields {
		g.printf("        '%s': %s,\n", f, f)
	}
	g.printf("      };\n\n  %s copyWith({", name)
	for _, f := range fields {
		g.printf("String? %s, ", f)
	}
	g.printf("}) {\n    return %s(\n", name)
	for _, f := range fields {
		g.printf("      %s: %s ?? this.%s,\n", f, f, f)
	}
	g.WriteString("    );\n  }\n}\n\n")
}

// store is a class that asks a service.
func (g *generator) store(i int) {
	name := fmt.Sprintf("%sStore%d", title(g.word()), i)
	g.printf("class %s extends ChangeNotifier {\n  %s(this._client);\n\n  final http.Client _client;\n  final Map<String, String> _cache = {};\n\n", name, name)
	for range 2 + g.IntN(4) {
		w, v := g.word(), g.word()
		g.printf(`  /// Loads the %[1]s; what is known already is not asked for again.
  Future<String?> load%[2]s%[4]d(String id, {int page = %[5]d}) async {
    final known = _cache['%[1]s/$id'];
    if (known != null && page == 0) {
      return known;
    }
    try {
      final response = await _client.get(Uri.parse('https://api.example.org/v2/%[1]s/${Uri.encodeComponent(id)}?page=$page'));
      if (response.statusCode != 200) {
        throw StateError('%[1]s: status ${response.statusCode}');
      }
      for (final %[3]s in response.body.split('\n').where((line) => line.isNotEmpty)) {
        _cache['%[1]s/$id'] = %[3]s.trim();
      }
      notifyListeners();
    } on TimeoutException catch (error, stack) {
      debugPrint('%[1]s took too long: $error\n$stack');
      return null;
    }
    return _cache['%[1]s/$id'];
  }

`, w, title(w), v, g.IntN(1000), g.IntN(9))
	}
	g.WriteString("}\n\n")
}

// screen is a widget with a large build method.
func (g *generator) screen(i int) {
	name := fmt.Sprintf("%sScreen%d", title(g.word()), i)
	g.printf("class %[1]s extends StatefulWidget {\n  const %[1]s({super.key});\n\n  @override\n  State<%[1]s> createState() => _%[1]sState();\n}\n\n", name)
	g.printf("class _%[1]sState extends State<%[1]s> {\n  bool _busy = false;\n\n  @override\n  Widget build(BuildContext context) {\n    return Scaffold(\n", name)
	g.printf("      appBar: AppBar(title: const Text('%s of the %s')),\n      body: ListView(\n        children: [\n", g.word(), g.word())
	for range 3 + g.IntN(12) {
		g.printf(`          Padding(
            padding: const EdgeInsets.symmetric(horizontal: %d, vertical: 4),
            child: ListTile(
              title: Text('%s: ${_busy ? 'wait' : '%s'}', style: Theme.of(context).textTheme.bodyMedium),
              onTap: () async {
                setState(() => _busy = true);
                await Future<void>.delayed(const Duration(milliseconds: %d));
                if (mounted) setState(() => _busy = false);
              },
            ),
          ),
`, g.IntN(32), g.word(), g.word(), g.IntN(900))
	}
	g.WriteString("        ],\n      ),\n    );\n  }\n}\n\n")
}

// messages is what a generator makes of translations.
func (g *generator) messages(i, n int) {
	g.printf("// ignore_for_file: type=lint\nclass Messages%d extends Localizations {\n", i)
	for k := range n {
		g.printf("  @override\n  String get %s%d => 'The %s of the %s is in “%s”, not in the %s.';\n\n", g.word(), k, g.word(), g.word(), g.word(), g.word())
	}
	g.WriteString("}\n")
}

// worker schedules background work.
func (g *generator) worker(i int) {
	w := g.word()
	g.printf(`const %[1]sTask%[2]d = 'org.example.big.%[1]s%[2]d';

Future<void> schedule%[3]s%[2]d() async {
  await Workmanager().registerPeriodicTask(
    %[1]sTask%[2]d,
    %[1]sTask%[2]d,
    frequency: const Duration(minutes: %[4]d),
    existingWorkPolicy: ExistingPeriodicWorkPolicy.keep,
    constraints: Constraints(networkType: NetworkType.connected),
  );
}

Future<bool> run%[3]s%[2]d(Map<String, dynamic>? input) async {
  final client = http.Client();
  try {
    final response = await client.get(Uri.parse('https://api.example.org/v2/%[1]s'));
    return response.statusCode == 200;
  } finally {
    client.close();
  }
}

`, w, i, title(w), 10+g.IntN(50))
}

const mainFile = `const syncTask = 'org.example.big.sync';

@pragma('vm:entry-point')
void callbackDispatcher() {
  Workmanager().executeTask((task, input) async {
    switch (task) {
      case syncTask:
        final response = await http.get(Uri.parse('https://api.example.org/v2/sync'));
        return response.statusCode == 200;
      default:
        return false;
    }
  });
}

Future<void> main() async {
  WidgetsFlutterBinding.ensureInitialized();
  await Workmanager().initialize(callbackDispatcher);
  await Workmanager().registerPeriodicTask(syncTask, syncTask, frequency: const Duration(hours: 1));
  runApp(const MaterialApp());
}
`

var platformFiles = map[string]string{
	"pubspec.yaml": "name: big\nenvironment:\n  sdk: ^3.5.0\ndependencies:\n  flutter:\n    sdk: flutter\n  http: ^1.2.0\n  workmanager: ^0.9.0\n",
	"pubspec.lock": `packages:
  workmanager:
    dependency: "direct main"
    description:
      name: workmanager
      url: "https://pub.dev"
    source: hosted
    version: "0.9.0"
sdks:
  dart: ">=3.5.0 <4.0.0"
  flutter: ">=3.32.0"
`,
	"android/app/src/main/AndroidManifest.xml": `<manifest xmlns:android="http://schemas.android.com/apk/res/android">
  <uses-permission android:name="android.permission.INTERNET"/>
  <application android:label="big"><activity android:name=".MainActivity" android:exported="true"/></application>
</manifest>
`,
	"android/app/build.gradle": "plugins {\n    id \"com.android.application\"\n}\nandroid {\n    namespace = \"org.example.big\"\n" +
		"    compileSdk = 35\n    defaultConfig {\n        minSdk = 23\n        targetSdk = 35\n    }\n}\n",
	"ios/Runner/Info.plist": `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>UIBackgroundModes</key><array><string>processing</string></array>
<key>BGTaskSchedulerPermittedIdentifiers</key><array><string>org.example.big.sync</string></array>
</dict></plist>
`,
	"ios/Runner/AppDelegate.swift": `import Flutter
import UIKit
import workmanager_apple

@main
@objc class AppDelegate: FlutterAppDelegate {
  override func application(_ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]?) -> Bool {
    GeneratedPluginRegistrant.register(with: self)
    WorkmanagerPlugin.registerPeriodicTask(withIdentifier: "org.example.big.sync", frequency: NSNumber(value: 3600))
    return super.application(application, didFinishLaunchingWithOptions: options)
  }
}
`,
}
