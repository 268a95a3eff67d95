import Foundation
import Synchronization

/// Stands between a client and a PostgreSQL server on the loopback, passes on every byte, and cuts the line where it is
/// told to: what a network does once in a while, on purpose.
public final class CuttingProxy: Sendable {
    /// Where the line is cut.
    public enum Cut: Sendable {
        /// Nowhere.
        case never
        /// Before the server gets the command.
        case before(String)
        /// After the server carried the command out, before the client hears of it.
        case after(String)
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let server: Int
    private let listener: Int32
    private let state = Mutex((cut: Cut.never, cuts: 0, seen: [String: Int]()))

    /// A proxy in front of the server on port `server`.
    public init(to server: Int) throws {
        self.server = server
        (listener, port) = try Loopback.listen()
        Thread { [self] in accept() }.start()
    }

    /// The URL of a database, through the proxy.
    public func url(_ database: String) -> String {
        "postgresql://postgres@127.0.0.1:\(port)/\(database)?sslmode=disable"
    }

    /// Cuts the line once, at the next simple query that begins like that.
    public func cut(_ cut: Cut) { state.withLock { $0.cut = cut } }

    /// How often the line was cut.
    public var cuts: Int { state.withLock { $0.cuts } }

    /// How often the simple query `command` went by.
    public func count(_ command: String) -> Int { state.withLock { $0.seen[command] ?? 0 } }

    /// Takes no more connections. Those that are open end with their clients.
    public func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { break }
            guard let upstream = Loopback.connect(port: server) else {
                Foundation.close(client)
                continue
            }
            let line = Line(client: client, server: upstream)
            Thread { [self] in
                upload(line)
                line.end()
            }.start()
            Thread {
                while let bytes = Line.read(upstream), !line.isMute, Line.write(bytes, to: client) {}
                line.end()
            }.start()
        }
        Foundation.close(listener)
    }

    /// Passes on what the client says, message by message: after the first one, each is a letter and a length.
    private func upload(_ line: Line) {
        var buffer: [UInt8] = []
        var isStart = true
        while let bytes = Line.read(line.client) {
            buffer += bytes
            var passed = 0
            while let length = Self.length(buffer.dropFirst(passed), isStart: isStart) {
                let message = buffer[(buffer.startIndex + passed)..<(buffer.startIndex + passed + length)]
                guard obey(message, isStart: isStart, line) else { return }
                isStart = false
                passed += length
            }
            buffer.removeFirst(passed)
        }
    }

    /// Passes a message on, unless the line is to be cut there. - Returns: whether the line goes on.
    private func obey(_ message: ArraySlice<UInt8>, isStart: Bool, _ line: Line) -> Bool {
        var command = ""
        if !isStart, message.first == UInt8(ascii: "Q") {
            command = String(decoding: message.dropFirst(5).dropLast(), as: UTF8.self)
        }
        let (isBefore, isAfter) = state.withLock { state in
            state.seen[command, default: 0] += 1
            var result = (false, false)
            switch state.cut {
            case .before(let name) where command.hasPrefix(name): result.0 = true
            case .after(let name) where command.hasPrefix(name): result.1 = true
            default: return result
            }
            state.cut = .never
            state.cuts += 1
            return result
        }
        if isBefore { return false }
        if isAfter { line.mute() }
        guard Line.write(Array(message), to: line.server) else { return false }
        // The server answers when it has carried it out; the other thread reads the answer, and ends the line.
        return !isAfter || Line.waitForEnd(line)
    }

    private static func length(_ bytes: ArraySlice<UInt8>, isStart: Bool) -> Int? {
        let letter = isStart ? 0 : 1
        guard bytes.count >= letter + 4 else { return nil }
        let length = letter + bytes.dropFirst(letter).prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return bytes.count >= length ? length : nil
    }
}

/// Two sockets, closed together once both directions have ended.
private final class Line: Sendable {
    let client: Int32
    let server: Int32
    private let state = Mutex((isMute: false, ends: 0))

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    var isMute: Bool { state.withLock { $0.isMute } }
    func mute() { state.withLock { $0.isMute = true } }

    func end() {
        let isLast = state.withLock { state in
            state.ends += 1
            return state.ends == 2
        }
        // Wakes the other direction; the descriptors stay ours until both have ended.
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
        guard isLast else { return }
        Foundation.close(client)
        Foundation.close(server)
    }

    /// Returns, with "no", when the answer has been read.
    static func waitForEnd(_ line: Line) -> Bool {
        while line.state.withLock({ $0.ends == 0 }) { usleep(1000) }
        return false
    }

    static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let rest = Array(bytes[sent...])
            let count = unsafe send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
