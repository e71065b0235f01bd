package org.example.shed

import android.content.Context
import android.util.Log
import androidx.hilt.work.HiltWorker
import androidx.work.CoroutineWorker
import androidx.work.WorkerParameters
import dagger.assisted.Assisted
import dagger.assisted.AssistedInject
import javax.inject.Inject

class Scales @Inject constructor() {
    fun read(): Int = 0
}

@HiltWorker
class ReadingWorker @AssistedInject constructor(
    @Assisted context: Context,
    @Assisted parameters: WorkerParameters,
    private val scales: Scales,
) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result {
        Log.i("shed", "$id read ${scales.read()}")
        return Result.success()
    }
}
