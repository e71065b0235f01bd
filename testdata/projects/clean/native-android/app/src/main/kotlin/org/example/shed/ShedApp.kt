package org.example.shed

import android.app.Application
import androidx.hilt.work.HiltWorkerFactory
import androidx.work.Configuration
import androidx.work.Constraints
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import dagger.hilt.android.HiltAndroidApp
import java.util.concurrent.TimeUnit
import javax.inject.Inject

@HiltAndroidApp
class ShedApp : Application(), Configuration.Provider {
    @Inject lateinit var factory: HiltWorkerFactory

    override val workManagerConfiguration: Configuration
        get() = Configuration.Builder().setWorkerFactory(factory).build()

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
