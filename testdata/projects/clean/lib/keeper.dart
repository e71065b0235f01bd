import 'package:flutter_background_service/flutter_background_service.dart';

/// Keeps the valves' connection open while somebody waters.
Future<void> startKeeper() async {
  final service = FlutterBackgroundService();
  await service.configure(
    androidConfiguration: AndroidConfiguration(
      onStart: onKeeperStart,
      autoStart: false,
      autoStartOnBoot: false,
      isForegroundMode: true,
      foregroundServiceTypes: [AndroidForegroundType.connectedDevice],
      notificationChannelId: 'keeper',
    ),
    iosConfiguration: IosConfiguration(onForeground: onKeeperStart, autoStart: false),
  );
}

@pragma('vm:entry-point')
void onKeeperStart(ServiceInstance service) {
  service.on('stop').listen((_) => service.stopSelf());
  service.invoke('ready');
}
