import 'package:flutter_background_service/flutter_background_service.dart';

import 'run_log.dart';

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
    iosConfiguration: IosConfiguration(onForeground: onKeeperStart, onBackground: onKeeperFetch),
  );
}

@pragma('vm:entry-point')
void onKeeperStart(ServiceInstance service) {
  service.on('stop').listen((_) => service.stopSelf());
  service.invoke('ready');
}

@pragma('vm:entry-point')
Future<bool> onKeeperFetch(ServiceInstance service) async {
  await logRun('keeper', 'fetched');
  return true;
}
