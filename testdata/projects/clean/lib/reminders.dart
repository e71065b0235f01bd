import 'package:flutter_local_notifications/flutter_local_notifications.dart';
import 'package:flutter_timezone/flutter_timezone.dart';
import 'package:timezone/data/latest.dart' as tz;
import 'package:timezone/timezone.dart' as tz;

final notifications = FlutterLocalNotificationsPlugin();

const _details = NotificationDetails(
  android: AndroidNotificationDetails(
    'water',
    'Watering',
    actions: [AndroidNotificationAction('done', 'Done')],
  ),
  iOS: DarwinNotificationDetails(),
);

Future<void> setUpReminders() async {
  tz.initializeTimeZones();
  final zone = await FlutterTimezone.getLocalTimezone();
  tz.setLocalLocation(tz.getLocation(zone.identifier));
  await notifications.initialize(
    const InitializationSettings(
      android: AndroidInitializationSettings('leaf'),
      iOS: DarwinInitializationSettings(),
    ),
    onDidReceiveBackgroundNotificationResponse: _onAction,
  );
  final android = notifications.resolvePlatformSpecificImplementation<AndroidFlutterLocalNotificationsPlugin>();
  await android?.requestNotificationsPermission();
  await android?.createNotificationChannel(const AndroidNotificationChannel('keeper', 'Valves'));
  await notifications.zonedSchedule(
    1,
    'Water the tomatoes',
    null,
    tz.TZDateTime.now(tz.local).add(const Duration(hours: 8)),
    _details,
    androidScheduleMode: AndroidScheduleMode.inexactAllowWhileIdle,
  );
}

@pragma('vm:entry-point')
void _onAction(NotificationResponse response) {}

Future<void> showReminder(String title, String? text) => notifications.show(2, title, text, _details);
