import Logging
import Synchronization

/// Everything that a portal logged, at every level: one text for each line, with all its metadata.
public final class TestLog: Sendable {
    private let kept = Mutex<[String]>([])

    /// An empty log.
    public init() {}

    /// The lines, in order.
    public var lines: [String] { kept.withLock { $0 } }

    /// The lines since there were `count`.
    public func lines(after count: Int) -> [String] { Array(lines.dropFirst(count)) }

    var logger: Logger { Logger(label: "test") { [self] _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let told = metadata.merging(event.metadata ?? [:]) { $1 }
            let pairs = told.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            log.kept.withLock { $0.append("\(event.level): \(event.message)\(pairs)") }
        }
    }
}
