import BackgroundTasks
import UIKit

@main
final class PorchApp: UIResponder, UIApplicationDelegate {
    private let lamps = Lamps.shared

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        BGTaskScheduler.shared.register(forTaskWithIdentifier: "org.example.porch.refresh", using: nil) { task in
            self.refresh(task as! BGAppRefreshTask)
        }
        return true
    }

    func application(
        _ application: UIApplication,
        handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        lamps.done = completionHandler
    }

    func applicationDidEnterBackground(_ application: UIApplication) {
        BGTaskScheduler.shared.register(forTaskWithIdentifier: "org.example.porch.tidy", using: nil) { task in
            task.expirationHandler = { task.setTaskCompleted(success: false) }
            self.lamps.tidy()
            task.setTaskCompleted(success: true)
        }
        let request = BGAppRefreshTaskRequest(identifier: "org.example.porch.refresh")
        request.earliestBeginDate = Date(timeIntervalSinceNow: 3600)
        try? BGTaskScheduler.shared.submit(request)
        let tidy = BGProcessingTaskRequest(identifier: "org.example.porch.tidy")
        try? BGTaskScheduler.shared.submit(tidy)
    }

    private func refresh(_ task: BGAppRefreshTask) {
        guard lamps.connected else { return }
        lamps.refresh { ok in
            task.setTaskCompleted(success: ok)
        }
    }
}
