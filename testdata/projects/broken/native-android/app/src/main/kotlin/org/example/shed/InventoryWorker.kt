package org.example.shed

import android.content.Context
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import kotlinx.coroutines.delay

class InventoryWorker(context: Context, parameters: WorkerParameters) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result {
        try {
            count()
        } catch (e: Exception) {
            return Result.success()
        }
        return Result.success()
    }

    private suspend fun count() {
        delay(1_000)
        error("the scales are off")
    }
}
