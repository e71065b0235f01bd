package org.example.garden

import io.flutter.embedding.android.FlutterActivity

class MainActivity : FlutterActivity()
