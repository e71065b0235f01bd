import 'dart:convert';
import 'dart:io';

import 'package:path_provider/path_provider.dart';

/// Appends what a run did to a file, a line each.
Future<void> logRun(String task, String what) async {
  try {
    final folder = await getApplicationSupportDirectory();
    final line = jsonEncode({'at': DateTime.now().toIso8601String(), 'task': task, 'what': what});
    await File('${folder.path}/runs.jsonl').writeAsString('$line\n', mode: FileMode.append, flush: true);
  } catch (e) {
    stderr.writeln('no run log: $e'); // and no reason for the run to fail
  }
}
