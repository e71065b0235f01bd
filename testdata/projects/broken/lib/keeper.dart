import 'package:flutter_background_service/flutter_background_service.dart';

/// Keeps the valves' connection open.
Future<void> startKeeper() async {
  final service = FlutterBackgroundService();
  await service.configure(
    androidConfiguration: AndroidConfiguration(
      onStart: onKeeperStart,
      isForegroundMode: true,
      foregroundServiceTypes: [AndroidForegroundType.dataSync],
      notificationChannelId: 'keeper',
    ),
    iosConfiguration: IosConfiguration(onForeground: onKeeperStart, onBackground: onKeeperFetch),
  );
}

@pragma('vm:entry-point')
void onKeeperStart(ServiceInstance service) {
  service.invoke('ready');
}

@pragma('vm:entry-point')
Future<bool> onKeeperFetch(ServiceInstance service) async => true;
