package org.example.shed

import android.app.Activity

class MainActivity : Activity()
