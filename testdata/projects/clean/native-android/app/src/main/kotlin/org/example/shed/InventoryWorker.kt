package org.example.shed

import android.content.Context
import android.util.Log
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import kotlinx.coroutines.delay
import java.io.IOException

class InventoryWorker(context: Context, parameters: WorkerParameters) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result =
        try {
            count()
            Log.i("shed", "$id counted")
            Result.success()
        } catch (e: IOException) {
            Log.w("shed", "$id stopped", e)
            if (runAttemptCount < 5) Result.retry() else Result.failure()
        }

    private suspend fun count() {
        delay(1_000)
    }
}
