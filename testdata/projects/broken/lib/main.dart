import 'package:firebase_core/firebase_core.dart';
import 'package:firebase_messaging/firebase_messaging.dart';
import 'package:flutter/material.dart';
import 'package:hive/hive.dart';
import 'package:workmanager/workmanager.dart';

import 'background.dart';
import 'keeper.dart';
import 'reminders.dart';

/// Where the garden is. main() reads it from the settings.
late final Uri gardenServer;

Future<void> main() async {
  WidgetsFlutterBinding.ensureInitialized();
  gardenServer = Uri.parse('https://garden.example.org');
  await Firebase.initializeApp();
  Hive.init('garden');
  await Hive.openBox<String>('plants');

  FirebaseMessaging.onBackgroundMessage((message) async {
    await showReminder('The garden calls', message.data['text'] as String?);
  });

  await Workmanager().initialize(callbackDispatcher, isInDebugMode: true);
  await Workmanager().cancelAll();
  await Workmanager().registerPeriodicTask(
    'garden-weather',
    weatherTask,
    frequency: const Duration(minutes: 5),
  );
  await Workmanager().registerOneOffTask(
    'garden-upload-${DateTime.now().millisecondsSinceEpoch}',
    uploadTask,
    inputData: <String, dynamic>{'taken': DateTime.now()},
    outOfQuotaPolicy: OutOfQuotaPolicy.runAsNonExpeditedWorkRequest,
    expedited: true,
    constraints: Constraints(networkType: NetworkType.connected, requiresCharging: true),
  );

  await startKeeper();
  await setUpReminders();
  runApp(const GardenApp());
}

class GardenApp extends StatelessWidget {
  const GardenApp({super.key});

  @override
  Widget build(BuildContext context) => const MaterialApp(home: Text('Garden'));
}
