import Synchronization

/// Counters and gauges of the process, in the text form of Prometheus (version 0.0.4).
public final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct RequestKind: Hashable {
        let role: String
        let route: String
        let status: Int
    }

    private let counters = Mutex<[Series: Int]>([:])
    private let requests = Mutex<[RequestKind: Int]>([:])
    private let gauges = Mutex<[(String, @Sendable () -> Double)]>([])
    private let readCounters = Mutex<[(String, @Sendable () -> Int)]>([])
    private let histograms = Mutex<[(name: String, bounds: [Double], read: @Sendable () -> [Int])]>([])

    /// An empty registry.
    public init() {}

    /// Adds one to the counter of that name and these labels. Label values must come from a bounded set.
    public func count(_ name: String, _ labels: [String: String] = [:]) {
        let text = labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        counters.withLock { $0[Series(name: name, labels: text), default: 0] += 1 }
    }

    /// Counts one answered request. On the path of every request: nothing is formatted here.
    func countRequest(role: String, route: String, status: Int) {
        requests.withLock { $0[RequestKind(role: role, route: route, status: status), default: 0] += 1 }
    }

    /// Shows what `read` says under that name at each look.
    public func gauge(_ name: String, _ read: @escaping @Sendable () -> Double) {
        gauges.withLock { $0.append((name, read)) }
    }

    /// Shows the counter that `read` says under that name at each look.
    public func counter(_ name: String, _ read: @escaping @Sendable () -> Int) {
        readCounters.withLock { $0.append((name, read)) }
    }

    /// Shows a histogram at each look, without its sum.
    ///
    /// - Parameters:
    ///   - bounds: the upper bounds of the buckets, rising.
    ///   - read: how many fell into each bucket, and beyond the last bound.
    public func histogram(_ name: String, bounds: [Double], _ read: @escaping @Sendable () -> [Int]) {
        histograms.withLock { $0.append((name, bounds, read)) }
    }

    /// Everything, a line each.
    public func text() -> String {
        var lines: [String] = []
        var last = ""
        var counted = counters.withLock { $0 }
        for (kind, count) in requests.withLock({ $0 }) {
            let labels =
                "role=\"\(Self.escaped(kind.role))\",route=\"\(Self.escaped(kind.route))\",status=\"\(kind.status)\""
            counted[Series(name: "loge_http_requests_total", labels: labels)] = count
        }
        for (series, value) in counted.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            if series.name != last { lines.append("# TYPE \(series.name) counter") }
            last = series.name
            lines.append(
                series.labels.isEmpty ? "\(series.name) \(value)" : "\(series.name){\(series.labels)} \(value)")
        }
        for (name, read) in gauges.withLock({ $0 }) {
            lines.append("# TYPE \(name) gauge")
            lines.append("\(name) \(read())")
        }
        for (name, read) in readCounters.withLock({ $0 }) {
            lines.append("# TYPE \(name) counter")
            lines.append("\(name) \(read())")
        }
        for histogram in histograms.withLock({ $0 }) { lines += Self.lines(histogram) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ histogram: (name: String, bounds: [Double], read: @Sendable () -> [Int])) -> [String] {
        let counts = histogram.read()
        var lines = ["# TYPE \(histogram.name) histogram"]
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? "\(histogram.bounds[index])" : "+Inf"
            lines.append("\(histogram.name)_bucket{le=\"\(bound)\"} \(total)")
        }
        lines.append("\(histogram.name)_count \(total)")
        return lines
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
