package org.example.shed

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.util.Log

class BellReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action == Intent.ACTION_BOOT_COMPLETED) {
            Bell(context).set(System.currentTimeMillis() + 3_600_000)
            return
        }
        Log.i("shed", "the bell rings")
    }
}
