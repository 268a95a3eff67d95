import Foundation
public import Logging
public import ServiceLifecycle
import Settings
public import Stores
import Synchronization

/// Where the files of the relying parties are.
public enum RelyingPartySource: Sendable, CustomStringConvertible {
    /// In a folder of this machine.
    case folder(String)
    /// In the database that the nodes share.
    case database

    /// The place, for an operator.
    public var description: String {
        switch self {
        case .folder(let path): path
        case .database: "the database"
        }
    }
}

/// The registered clients: every YAML file of one folder, or of the shared database, picked up while the server runs. A
/// file that cannot be read keeps its last good state, and says so.
public final class ClientRegistry: Sendable {
    private struct Stamp: Hashable {
        let size: Int64
        let seconds: Int64
        let nanoseconds: Int64
        let inode: UInt64
    }

    /// What tells one version of a file from another.
    private enum Version: Hashable {
        /// The file and those that it names, such as secrets.
        case files([String: Stamp])
        /// The text in the database.
        case text(String)
    }

    private struct State {
        var clients: [String: Client] = [:]
        var clientOfFile: [String: Client] = [:]
        var versions: [String: Version] = [:]
        var problems: [String: String] = [:]
        /// Files whose client stands in an earlier file too.
        var doubled: [String: String] = [:]
        /// The files behind the client that was read last.
        var filesRead: [String]?
        /// The change of the database seen last.
        var revision: Int64?
    }

    private let source: RelyingPartySource
    private let store: (any RelyingPartyStore)?
    private let environment: [String: String]
    private let state = Mutex(State())

    /// The clients of `source`.
    ///
    /// - Parameter store: the database's; needed for nothing else than ``RelyingPartySource/database``.
    public init(
        _ source: RelyingPartySource, store: (any RelyingPartyStore)?, environment: [String: String] = [:]
    ) {
        self.source = source
        self.store = store
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

    /// Looks again. - Returns: a line for each file that was taken up, dropped or refused just now.
    @discardableResult
    public func refresh() async -> [String] {
        switch source {
        case .folder(let folder): return refresh(folder)
        case .database: return await refresh(store)
        }
    }

    private func refresh(_ folder: String) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
        } catch {
            return unreadable("\(folder): the folder of the relying parties cannot be read: check that it is there")
        }
        return state.withLock { state in
            var lines = Self.begin(with: names, &state)
            for name in names { read(folder + "/" + name, name, &state, &lines) }
            if !lines.isEmpty { rebuild(&state, &lines) }
            return lines
        }
    }

    private func refresh(_ store: (any RelyingPartyStore)?) async -> [String] {
        guard let store else { return unreadable("the relying parties lie in a database that is not open") }
        do {
            let revision = try await store.revision()
            let isKnown = state.withLock { state in
                // It can be read again, whether or not anything has changed.
                state.problems[""] = nil
                return state.revision == revision
            }
            guard !isKnown else { return [] }
            let files = try await store.files()
            return state.withLock { state in
                var lines = Self.begin(with: files.map(\.name), &state)
                for file in files where state.versions[file.name] != .text(file.content) {
                    take(file.name, .text(file.content), &state, &lines) {
                        try SettingsFile.read(text: file.content, name: file.name) { try Client($0) }
                    }
                }
                if !lines.isEmpty { rebuild(&state, &lines) }
                // Only now, and the earlier number: a change that came in between is read again the next time.
                state.revision = revision
                return lines
            }
        } catch {
            return unreadable("the relying parties cannot be read from the database: \(error)")
        }
    }

    /// A source that cannot be read takes nothing away: the clients in memory go on.
    private func unreadable(_ line: String) -> [String] {
        state.withLock { state in state.problems.updateValue(line, forKey: "") == line ? [] : [line] }
    }

    private static func begin(with names: [String], _ state: inout State) -> [String] {
        state.problems[""] = nil
        var lines: [String] = []
        for gone in Set(state.versions.keys).subtracting(names).sorted() {
            state.versions[gone] = nil
            state.clientOfFile[gone] = nil
            state.problems[gone] = nil
            lines.append("\(gone): removed")
        }
        return lines
    }

    private func read(_ path: String, _ name: String, _ state: inout State, _ lines: inout [String]) {
        let watched: [String] =
            if case .files(let stamps)? = state.versions[name] { Array(stamps.keys) } else { [path] }
        let present = Version.files(stamps(of: watched))
        guard state.versions[name] != present else { return }
        take(name, present, &state, &lines) {
            try SettingsFile.read(path: path, environment: environment, prefix: "LOGE_PARTY") { try Client($0) }
        }
        if state.problems[name] == nil, let files = state.filesRead { state.versions[name] = .files(stamps(of: files)) }
    }

    private func take(
        _ name: String, _ version: Version, _ state: inout State, _ lines: inout [String],
        _ reading: () throws -> SettingsReading<Client>
    ) {
        state.versions[name] = version
        do {
            let reading = try reading()
            state.filesRead = reading.files
            state.clientOfFile[name] = reading.value
            state.problems[name] = nil
            lines.append("\(name): client \(reading.value.id) taken up")
        } catch {
            state.problems[name] = "\(error)"
            lines.append("\(error)")
        }
    }

    private func rebuild(_ state: inout State, _ lines: inout [String]) {
        let place = if case .folder(let folder) = source { folder + "/" } else { "" }
        var clients: [String: Client] = [:]
        let known = state.doubled
        state.doubled = [:]
        for name in state.clientOfFile.keys.sorted() {
            guard let client = state.clientOfFile[name] else { continue }
            guard clients[client.id] == nil else {
                let line =
                    "\(place)\(name): the client_id \(client.id) stands in another file too: this one is left out"
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
                for line in await registry.refresh() {
                    logger.notice("relying parties: \(line)", metadata: ["event": "parties.changed"])
                }
                try await Task.sleep(for: interval)
            }
        }
    }
}
