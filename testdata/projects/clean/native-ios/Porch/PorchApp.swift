import BackgroundTasks
import UIKit
import os

@main
final class PorchApp: UIResponder, UIApplicationDelegate {
    private let lamps = Lamps.shared
    private let log = Logger(subsystem: "org.example.porch", category: "background")

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        BGTaskScheduler.shared.register(forTaskWithIdentifier: "org.example.porch.refresh", using: .main) { task in
            self.refresh(task as! BGAppRefreshTask)
        }
        BGTaskScheduler.shared.register(forTaskWithIdentifier: "org.example.porch.tidy", using: .main) { task in
            self.tidy(task as! BGProcessingTask)
        }
        return true
    }

    func application(
        _ application: UIApplication,
        handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        lamps.listen(completionHandler)
    }

    func applicationDidEnterBackground(_ application: UIApplication) {
        submitRefresh()
        submitTidy()
    }

    private func submitRefresh() {
        let request = BGAppRefreshTaskRequest(identifier: "org.example.porch.refresh")
        request.earliestBeginDate = Date(timeIntervalSinceNow: 3600)
        submit(request)
    }

    private func submitTidy() {
        let request = BGProcessingTaskRequest(identifier: "org.example.porch.tidy")
        request.requiresExternalPower = true
        submit(request)
    }

    private func submit(_ request: BGTaskRequest) {
        do {
            try BGTaskScheduler.shared.submit(request)
        } catch {
            log.error("\(request.identifier) was refused: \(error)")
        }
    }

    private func refresh(_ task: BGAppRefreshTask) {
        submitRefresh()
        let work = Task {
            let ok = await lamps.refresh()
            task.setTaskCompleted(success: ok)
        }
        task.expirationHandler = { work.cancel() }
    }

    private func tidy(_ task: BGProcessingTask) {
        submitTidy()
        let work = Task {
            await lamps.tidy()
            task.setTaskCompleted(success: !Task.isCancelled)
        }
        task.expirationHandler = { work.cancel() }
    }
}
