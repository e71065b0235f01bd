package org.example.shed

import android.app.Application
import androidx.work.Constraints
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import java.util.concurrent.TimeUnit

class ShedApp : Application() {
    override fun onCreate() {
        super.onCreate()
        val works = WorkManager.getInstance(this)
        val connected = Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build()
        val inventory = PeriodicWorkRequestBuilder<InventoryWorker>(1, TimeUnit.HOURS)
            .setConstraints(connected)
            .build()
        works.enqueueUniquePeriodicWork("inventory", ExistingPeriodicWorkPolicy.UPDATE, inventory)
        val report = OneTimeWorkRequestBuilder<InventoryWorker>()
            .setInitialDelay(10, TimeUnit.MINUTES)
            .setConstraints(connected)
            .build()
        works.enqueueUniqueWork("report", ExistingWorkPolicy.KEEP, report)
    }
}
