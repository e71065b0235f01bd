package org.example.shed

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.Service
import android.content.Intent
import android.os.IBinder

class DoorService : Service() {
    override fun onBind(intent: Intent?): IBinder? = null

    override fun onCreate() {
        val channel = NotificationChannel(CHANNEL, "Door", NotificationManager.IMPORTANCE_LOW)
        getSystemService(NotificationManager::class.java).createNotificationChannel(channel)
    }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        startForeground(1, Notification.Builder(this, CHANNEL).setContentTitle("Door").build())
        stopSelf(startId)
        return START_NOT_STICKY
    }

    override fun onTimeout(startId: Int, fgsType: Int) = stopSelf()

    private companion object {
        const val CHANNEL = "door"
    }
}
