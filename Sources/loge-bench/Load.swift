import Foundation
import Synchronization

/// Work repeated on several threads for a while.
enum Load {
    /// How often `body` came to its end in a second.
    ///
    /// - Parameters:
    ///   - threads: how many work at once.
    ///   - seconds: for how long.
    ///   - make: makes the worker of a thread; the worker does its work once at each call.
    static func perSecond(
        threads: Int, seconds: Double, _ make: @escaping @Sendable (Int) throws -> (() throws -> Void)
    ) throws -> Double {
        let counts = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        let start = ContinuousClock.now
        let deadline = start.advanced(by: .seconds(seconds))
        let group = DispatchGroup()
        for index in 0..<threads {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    let work = try make(index)
                    var count = 0
                    while ContinuousClock.now < deadline {
                        try work()
                        count += 1
                    }
                    counts.withLock { $0.append(count) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        group.wait()
        let elapsed = start.duration(to: .now)
        if let failure = failures.withLock({ $0.first }) { throw BenchError("a worker failed: \(failure)") }
        let total = counts.withLock { $0.reduce(0, +) }
        return Double(total) / (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    }
}

/// A measurement that could not be made; nothing is printed in its place.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
