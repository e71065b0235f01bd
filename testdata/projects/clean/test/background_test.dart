import 'package:flutter_test/flutter_test.dart';
import 'package:garden/background.dart';

void main() {
  test('the dispatcher starts without what main() has set up', () {
    TestWidgetsFlutterBinding.ensureInitialized();
    expect(callbackDispatcher, returnsNormally);
  });
}
