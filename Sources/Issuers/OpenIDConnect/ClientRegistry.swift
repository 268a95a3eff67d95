import Foundation
public import Logging
public import ServiceLifecycle
import Settings
import Synchronization

/// The registered clients: every YAML file of one folder, picked up while the server runs. A file that cannot be read keeps
/// its last good state, and says so.
public final class ClientRegistry: Sendable {
    private struct Stamp: Hashable {
        let size: Int64
        let seconds: Int64
        let nanoseconds: Int64
        let inode: UInt64
    }

    private struct State {
        var clients: [String: Client] = [:]
        var clientOfFile: [String: Client] = [:]
        var stamps: [String: [String: Stamp]] = [:]
        var problems: [String: String] = [:]
        /// Files whose client stands in an earlier file too.
        var doubled: [String: String] = [:]
    }

    private let folder: String
    private let environment: [String: String]
    private let state = Mutex(State())

    /// The clients in `folder`.
    public init(folder: String, environment: [String: String] = [:]) {
        self.folder = folder
        self.environment = environment
    }

    /// The client of that identifier.
    public func client(_ id: String) -> Client? { state.withLock { $0.clients[id] } }

    /// All clients, in the order of their identifiers.
    public var all: [Client] { state.withLock { $0.clients.values.sorted { $0.id < $1.id } } }

    /// What is wrong with which file, one sentence each.
    public var problems: [String] {
        state.withLock { state in
            state.problems.merging(state.doubled) { first, _ in first }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Looks at the folder again. - Returns: a line for each file that was taken up, dropped or refused just now.
    @discardableResult
    public func refresh() -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
        } catch {
            // A folder that cannot be read takes nothing away: the clients in memory go on.
            return state.withLock { state in
                let line = "\(folder): the folder of the relying parties cannot be read: check that it is there"
                return state.problems.updateValue(line, forKey: "") == line ? [] : [line]
            }
        }
        return state.withLock { state in
            state.problems[""] = nil
            var lines: [String] = []
            for gone in Set(state.stamps.keys).subtracting(names).sorted() {
                state.stamps[gone] = nil
                state.clientOfFile[gone] = nil
                state.problems[gone] = nil
                lines.append("\(gone): removed")
            }
            for name in names { read(name, &state, &lines) }
            if !lines.isEmpty { rebuild(&state, &lines) }
            return lines
        }
    }

    private func read(_ name: String, _ state: inout State, _ lines: inout [String]) {
        let path = folder + "/" + name
        let watched = state.stamps[name]?.keys.map { $0 } ?? [path]
        let present = stamps(of: watched)
        guard state.stamps[name] != present else { return }
        do {
            let reading = try SettingsFile.read(path: path, environment: environment, prefix: "LOGE_PARTY") { node in
                try Client(node)
            }
            state.stamps[name] = stamps(of: reading.files)
            state.clientOfFile[name] = reading.value
            state.problems[name] = nil
            lines.append("\(name): client \(reading.value.id) taken up")
        } catch {
            state.stamps[name] = present
            state.problems[name] = "\(error)"
            lines.append("\(error)")
        }
    }

    private func rebuild(_ state: inout State, _ lines: inout [String]) {
        var clients: [String: Client] = [:]
        let known = state.doubled
        state.doubled = [:]
        for name in state.clientOfFile.keys.sorted() {
            guard let client = state.clientOfFile[name] else { continue }
            guard clients[client.id] == nil else {
                let line =
                    "\(folder)/\(name): the client_id \(client.id) stands in another file too: this one is left out"
                state.doubled[name] = line
                if known[name] != line { lines.append(line) }
                continue
            }
            clients[client.id] = client
        }
        state.clients = clients
    }

    private func stamps(of paths: [String]) -> [String: Stamp] {
        var stamps: [String: Stamp] = [:]
        for path in paths {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                stamps[path] = Stamp(size: -1, seconds: 0, nanoseconds: 0, inode: 0)
                continue
            }
            stamps[path] = Stamp(
                size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
                nanoseconds: Int64(status.st_mtim.tv_nsec), inode: UInt64(status.st_ino))
        }
        return stamps
    }
}

/// Looks at the folder of the clients while the server runs.
public struct ClientRegistryService: Service {
    private let registry: ClientRegistry
    private let interval: Duration
    private let logger: Logger

    /// A service over `registry` that looks every `interval`.
    public init(registry: ClientRegistry, interval: Duration = .milliseconds(500), logger: Logger) {
        self.registry = registry
        self.interval = interval
        self.logger = logger
    }

    /// Looks until the server stops.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for line in registry.refresh() {
                    logger.notice("relying parties: \(line)", metadata: ["event": "parties.changed"])
                }
                try await Task.sleep(for: interval)
            }
        }
    }
}
