import Foundation

final class Lamps: NSObject, URLSessionDelegate {
    static let shared = Lamps()
    var done: (() -> Void)?

    func refresh() async -> Bool {
        let url = URL(string: "https://porch.example.org/lamps")!
        do {
            _ = try await URLSession.shared.data(from: url)
            return true
        } catch {
            return false
        }
    }

    /// The films of the night. iOS goes on with them when the app is not there.
    private lazy var films = URLSession(configuration: .background(withIdentifier: "org.example.porch.films"), delegate: self, delegateQueue: nil)

    func load(_ film: URL) {
        films.downloadTask(with: film).resume()
    }

    func listen(_ whenDone: @escaping () -> Void) {
        done = whenDone
        films.getAllTasks { _ in }
    }

    func urlSessionDidFinishEvents(forBackgroundURLSession session: URLSession) {
        done?()
    }

    func tidy() async {}
}
