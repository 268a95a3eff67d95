import Foundation

/// One `store-racer` process. Only processes started here are ever signalled, by their own process object.
final class Racer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    /// - Parameter trace: where every wait for the disk is written down.
    init(_ database: String, _ verb: String, _ count: Int, tracedTo trace: String? = nil) throws {
        let arguments = [database, verb, "\(count)"]
        if let trace {
            process.executableURL = URL(fileURLWithPath: Self.strace)
            process.arguments = ["-f", "-e", "trace=fsync,fdatasync", "-o", trace, Self.program.path] + arguments
        } else {
            process.executableURL = Self.program
            process.arguments = arguments
        }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    private static let strace = "/usr/bin/strace"

    /// Beside the tests: the package builds both into one folder.
    private static var program: URL {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "store-racer")
    }

    /// Whether this machine lets us look at the system calls of a program.
    static var canTrace: Bool {
        let trial = Process()
        trial.executableURL = URL(fileURLWithPath: strace)
        trial.arguments = ["-o", "/dev/null", "/bin/true"]
        trial.standardError = FileHandle.nullDevice
        guard (try? trial.run()) != nil else { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }

    /// How often a traced process waited for the disk so far.
    static func syncs(in trace: String) throws -> Int {
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        return lines.count { $0.contains("fsync(") || $0.contains("fdatasync(") }
    }

    /// How many uses in a row it told of, the first one being `first`, until it ended or said anything else.
    func told(from first: Int = 0) -> Int {
        var next = first
        while line() == "used \(next)" { next += 1 }
        return next
    }

    /// The next line that it prints; `nil` when it has ended.
    func line() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            unread += more
        }
    }

    /// Lets it go on.
    func go() throws { try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

    /// How many of its tasks were told that they won.
    func won() -> Int? {
        guard let line = line(), line.hasPrefix("won ") else { return nil }
        return Int(line.dropFirst(4))
    }

    /// SIGKILL: no chance to tidy up, as at a power cut.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Lets it end by itself.
    func finish() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
