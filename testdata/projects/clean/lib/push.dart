import 'package:firebase_core/firebase_core.dart';
import 'package:firebase_messaging/firebase_messaging.dart';

import 'reminders.dart';

@pragma('vm:entry-point')
Future<void> onPush(RemoteMessage message) async {
  await Firebase.initializeApp();
  await showReminder('The garden calls', message.data['text'] as String?);
}
