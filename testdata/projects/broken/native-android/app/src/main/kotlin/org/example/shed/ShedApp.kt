package org.example.shed

import android.app.Application
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.OutOfQuotaPolicy
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import java.util.concurrent.TimeUnit

class ShedApp : Application() {
    override fun onCreate() {
        super.onCreate()
        val works = WorkManager.getInstance(this)
        val inventory = PeriodicWorkRequestBuilder<InventoryWorker>(5, TimeUnit.MINUTES).build()
        works.enqueueUniquePeriodicWork(
            "inventory",
            ExistingPeriodicWorkPolicy.CANCEL_AND_REENQUEUE,
            inventory,
        )
        val report = OneTimeWorkRequestBuilder<InventoryWorker>()
            .setExpedited(OutOfQuotaPolicy.RUN_AS_NON_EXPEDITED_WORK_REQUEST)
            .setInitialDelay(10, TimeUnit.MINUTES)
            .build()
        works.enqueueUniqueWork("report", ExistingWorkPolicy.APPEND, report)
    }
}
