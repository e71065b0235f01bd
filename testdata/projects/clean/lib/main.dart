import 'dart:io';

import 'package:firebase_core/firebase_core.dart';
import 'package:firebase_messaging/firebase_messaging.dart';
import 'package:flutter/material.dart';
import 'package:workmanager/workmanager.dart';

import 'background.dart';
import 'keeper.dart';
import 'push.dart';
import 'reminders.dart';

Future<void> main() async {
  WidgetsFlutterBinding.ensureInitialized();
  await Firebase.initializeApp();
  FirebaseMessaging.onBackgroundMessage(onPush);

  await Workmanager().initialize(callbackDispatcher);
  if (Platform.isIOS) {
    // How often it runs is for iOS to say; without a network the handler gives up.
    await Workmanager().registerPeriodicTask(weatherTask, weatherTask, initialDelay: const Duration(hours: 1));
  } else {
    final connected = Constraints(networkType: NetworkType.connected);
    await Workmanager().registerPeriodicTask(
      weatherTask,
      weatherTask,
      frequency: const Duration(hours: 1),
      constraints: connected,
    );
    await Workmanager().registerOneOffTask(
      uploadTask,
      uploadTask,
      inputData: <String, dynamic>{'taken': DateTime.now().toIso8601String()},
      constraints: connected,
    );
  }

  await setUpReminders();
  await startKeeper();
  runApp(const GardenApp());
}

class GardenApp extends StatelessWidget {
  const GardenApp({super.key});

  @override
  Widget build(BuildContext context) => const MaterialApp(home: Text('Garden'));
}
