import Foundation

final class Lamps {
    var connected = false

    func refresh(_ done: @escaping (Bool) -> Void) {
        let url = URL(string: "https://porch.example.org/lamps")!
        URLSession.shared.dataTask(with: url) { data, _, _ in done(data != nil) }.resume()
    }

    func tidy() {}
}
