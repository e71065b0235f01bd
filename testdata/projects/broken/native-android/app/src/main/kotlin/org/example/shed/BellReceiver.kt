package org.example.shed

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.util.Log

class BellReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        Log.i("shed", "the bell rings")
    }
}
