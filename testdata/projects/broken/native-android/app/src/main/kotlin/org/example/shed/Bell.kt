package org.example.shed

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent

class Bell(private val context: Context) {
    private val alarms = context.getSystemService(AlarmManager::class.java)

    fun set(at: Long) {
        val ring = PendingIntent.getBroadcast(context, 1, Intent(context, BellReceiver::class.java), PendingIntent.FLAG_UPDATE_CURRENT)
        alarms.setExactAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, at, ring)
    }
}
