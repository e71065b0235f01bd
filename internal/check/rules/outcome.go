package rules

import "github.com/lullwork/lull/internal/check/finding"

const (
	wmWorker = "workmanager_android: BackgroundWorker.kt"
	bfAPI    = "https://pub.dev/documentation/background_fetch/latest/"
)

func outcomeRules() []*Rule {
	return []*Rule{
		{
			Name: "error-escapes", IDs: []string{"W07"}, Group: Scheduling, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "an error leaves the handler of a task",
			Detail: "On Android a handler that throws ends its run as failed, and a failed one-off task is not tried again: only `false` asks for a retry. A lost network is enough.",
			Seen:   "one error and the work is over: no retry, no backoff; the periodic one waits for its next period",
			Fix:    "Catch errors around the work, log them, and return false for those that may heal",
			Source: []string{wmRepo + "/blob/main/docs/task-status.mdx", wmWorker},
			Example: Example{
				Lang: "dart",
				Bad:  "Workmanager().executeTask((task, input) async {\n  await upload();\n  return true;\n});\n",
				Good: "Workmanager().executeTask((task, input) async {\n  try {\n    await upload();\n    return true;\n  } catch (e) {\n    log('upload: $e');\n    return false;\n  }\n});\n",
			},
			Check: errorEscapes,
		},
		{
			Name: "error-swallowed", IDs: []string{"W06"}, Group: Scheduling, Certainty: finding.Warning,
			Title:  "errors of background work disappear",
			Detail: "A catch that does nothing, or that goes on to report success, hides every failure: the system does not try again, and nobody learns of it.",
			Seen:   "work that fails each time looks as if it went well",
			Fix:    "Log the error, and return false where the plugin takes a result",
			Source: []string{wmWorker, wmRepo + "/blob/main/docs/task-status.mdx"},
			Example: Example{
				Lang: "dart",
				Bad:  "try {\n  await upload();\n} catch (_) {}\nreturn true;\n",
				Good: "try {\n  await upload();\n  return true;\n} catch (e) {\n  log('upload: $e');\n  return false;\n}\n",
			},
			Check: errorSwallowed,
		},
		{
			Name: "retry-never-heals", IDs: []string{"W08"}, Group: Scheduling, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "a retry for an error that stays",
			Detail: "`false` asks for a retry, with a growing pause and without an end. Data that cannot be read today cannot be read tomorrow, and the plugin does not tell which attempt it is.",
			Seen:   "retries for as long as the app is installed, up to five hours apart",
			Fix:    "Give up by returning true, with a log, or count attempts yourself",
			Source: []string{wmWorker},
			Example: Example{
				Lang: "dart",
				Bad:  "} on FormatException {\n  return false;\n}\n",
				Good: "} on FormatException catch (e) {\n  log('given up: $e');\n  return true;\n}\n",
			},
			Check: retryNeverHeals,
		},
		{
			Name: "unknown-task-succeeds", IDs: []string{"W19"}, Group: Scheduling, Certainty: finding.Hint,
			Title:  "a task with a name that nobody knows is reported as done",
			Detail: "A default branch that returns true hides names that are misspelt, renamed by an update, or given by iOS.",
			Seen:   "the work does nothing, and counts as a success",
			Fix:    "Log the name and return false in the default branch",
			Source: []string{wmRepo + "/blob/main/docs/quickstart.mdx"},
			Example: Example{
				Lang: "dart",
				Bad:  "default:\n  return true;\n",
				Good: "default:\n  log('unknown task $task');\n  return false;\n",
			},
			Check: unknownTaskSucceeds,
		},
		{
			Name: "work-too-long", IDs: []string{"W20"}, Group: Scheduling, Certainty: finding.Warning,
			Title:  "work that is longer than a run may be",
			Detail: "Android stops a run after ten minutes, iOS a refresh after about 30 seconds. What waits longer, or never ends, is stopped each time.",
			Seen:   "the run ends in the middle, and is tried again from the start",
			Fix:    "Do a part in each run and remember how far it came",
			Source: []string{wmRepo + "/issues/478", "https://developer.apple.com/documentation/backgroundtasks/bgapprefreshtask"},
			Lint:   "saropa_lints: avoid_long_running_isolates",
			Example: Example{
				Lang: "dart",
				Bad:  "while (true) {\n  await poll();\n  await Future.delayed(Duration(minutes: 1));\n}\n",
				Good: "await poll();\nreturn true;\n",
			},
			Check: workTooLong,
		},
		{
			Name: "result-missing", IDs: []string{"W22"}, Group: Scheduling, Certainty: finding.Warning,
			Title:  "a way through the handler without a result",
			Detail: "The handler of executeTask tells by a bool whether the task has done its work. No result counts as false, so that the work is tried again and again.",
			Seen:   "work that has succeeded is repeated after 30 s, a minute, and so on",
			Fix:    "Return true or false on every way",
			Source: []string{wmImpl},
			Lint:   "saropa_lints: require_workmanager_result_return",
			Example: Example{
				Lang: "dart",
				Bad:  "executeTask((task, input) async {\n  if (task == 'sync') return sync();\n});\n",
				Good: "executeTask((task, input) async {\n  if (task == 'sync') return sync();\n  return false;\n});\n",
			},
			Check: resultMissing,
		},
		{
			Name: "not-awaited", IDs: []string{"W17"}, Group: Scheduling, Certainty: finding.Warning,
			Title:  "background work that nobody waits for",
			Detail: "When the handler is done, its engine is destroyed. What it has started without await is cut off wherever it is then; its errors are not caught either. A worker of WorkManager, or a job whose onStartJob returns false, is done in the same way when it returns: Android may end its process then.",
			Seen:   "sometimes it happens, sometimes not, more often not on slow phones",
			Fix:    "Await it",
			Source: []string{wmWorker + " stopEngine"},
			Lint:   "Dart: unawaited_futures, discarded_futures (off by default)",
			Example: Example{
				Lang: "dart",
				Bad:  "executeTask((task, input) async {\n  notify();\n  return true;\n});\n",
				Good: "executeTask((task, input) async {\n  await notify();\n  return true;\n});\n",
			},
			Check: notAwaited,
		},
		{
			Name: "fetch-not-finished", Group: Scheduling, Certainty: finding.Warning,
			Title:  "a way through a fetch callback without BackgroundFetch.finish",
			Detail: "The system waits for finish. An app that does not call it uses all of its time at each fetch; iOS then starts it less often, and may stop it.",
			Seen:   "fewer and fewer fetches; on iOS the app may be ended",
			Fix:    "Call `BackgroundFetch.finish(taskId)` in a finally",
			Source: []string{bfAPI},
			Example: Example{
				Lang: "dart",
				Bad:  "void onFetch(String taskId) async {\n  await sync();\n  BackgroundFetch.finish(taskId);\n}\n",
				Good: "void onFetch(String taskId) async {\n  try {\n    await sync();\n  } finally {\n    BackgroundFetch.finish(taskId);\n  }\n}\n",
			},
			Check: fetchNotFinished,
		},
		{
			Name: "background-service-start", Group: Services, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:    "foreground service started from the background",
			Detail:   "Since Android 12 an app in the background may not start a foreground service, but for a few exemptions: an exact alarm, a high-priority push, a tap of the user. Scheduled work is none of them. Without the foreground a service may not start in the background since Android 8: startService throws.",
			Seen:     "ForegroundServiceStartNotAllowedException in the background; the service does not run",
			Fix:      "Start the service while the app is visible, or do the work in the task itself",
			Versions: []string{"Android 12 (API 31) and later"},
			Source:   []string{"https://developer.android.com/develop/background-work/services/fgs/restrictions-bg-start"},
			Example: Example{
				Lang: "dart",
				Bad:  "executeTask((task, input) async {\n  await FlutterBackgroundService().startService();\n  return true;\n});\n",
				Good: "executeTask((task, input) async {\n  await sync();\n  return true;\n});\n",
			},
			Check: backgroundServiceStart,
		},
		{
			Name: "periodic-for-time-critical", IDs: []string{"X01"}, Group: Whole, Certainty: finding.Warning,
			Title:  "periodic work for something that has to happen at a time",
			Detail: "Periodic work runs some time in its period, later under Doze, and on iOS when the system sees fit, or never. What has to happen at a time of day, or every few seconds, does not fit.",
			Seen:   "reminders come late or not at all, on some phones never",
			Fix:    "Schedule a local notification or an exact alarm for the time, or send a push message",
			Source: []string{periodicDoc, "https://developer.apple.com/documentation/backgroundtasks"},
			Example: Example{
				Lang: "dart",
				Bad:  "// each hour\nif (now.difference(DateTime(now.year, now.month, now.day, 8, 0)).inMinutes.abs() < 30) {\n  await remind();\n}\n",
				Good: "await plugin.zonedSchedule(1, title, body, nextEight(), details, matchDateTimeComponents: DateTimeComponents.time);\n",
			},
			Check: periodicForTimeCritical,
		},
		{
			Name: "periodic-for-widget", IDs: []string{"W25"}, Group: Scheduling, Certainty: finding.Hint,
			Title:  "periodic work that keeps a home-screen widget fresh",
			Detail: "Widgets have a schedule of their own: a timeline on iOS, updatePeriodMillis or a worker of the widget on Android. A Flutter engine started for it costs more and runs less often, on iOS perhaps never.",
			Seen:   "the widget shows old data for hours or days",
			Fix:    "Give the widget a timeline on iOS, and let it load its data itself; push what is urgent",
			Source: []string{"https://developer.apple.com/documentation/widgetkit/keeping-a-widget-up-to-date"},
			Example: Example{
				Lang: "dart",
				Bad:  "executeTask((task, input) async {\n  await HomeWidget.updateWidget(name: 'Today');\n  return true;\n});\n",
				Good: "// Swift: a TimelineProvider with entries for the next hours\nawait HomeWidget.saveWidgetData('days', json); // when the app has new data\n",
			},
			Check: periodicForWidget,
		},
		{
			Name: "timer-as-scheduler", IDs: []string{"W21"}, Group: Scheduling, Certainty: finding.Hint,
			Title:  "Timer.periodic with a period of a scheduler",
			Detail: "A timer lives in the process. A phone suspends or ends an app in the background within minutes, and the timer with it.",
			Seen:   "it works while the app is open, and stops with the screen",
			Fix:    "Register periodic work, or catch up when the app is resumed",
			Source: []string{"https://developer.android.com/develop/background-work/background-tasks"},
			Lint:   "saropa_lints: require_workmanager_for_background",
			Example: Example{
				Lang: "dart",
				Bad:  "Timer.periodic(const Duration(hours: 1), (_) => sync());\n",
				Good: "Workmanager().registerPeriodicTask('sync', 'sync', frequency: const Duration(hours: 1));\n",
			},
			Check: timerAsScheduler,
		},
	}
}
