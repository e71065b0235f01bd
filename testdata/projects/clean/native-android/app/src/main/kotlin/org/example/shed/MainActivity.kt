package org.example.shed

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import androidx.work.ExistingWorkPolicy
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.WorkManager

class MainActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        startForegroundService(Intent(this, DoorService::class.java))
        Bell(this).set(System.currentTimeMillis() + 3_600_000)
        val reading = OneTimeWorkRequestBuilder<ReadingWorker>().build()
        WorkManager.getInstance(this).enqueueUniqueWork("reading", ExistingWorkPolicy.KEEP, reading)
    }
}
