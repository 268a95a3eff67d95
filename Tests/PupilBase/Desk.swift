import Clocks
import Cryptography
import Foundation
import Phones
import PostgreSQLTesting
import PupilBase
import SchoolFiles
import Stores
import StoresPostgreSQL
import StoresSQL
import StoresSQLite
import Testing

let september = Instant(secondsSinceEpoch: 1_757_900_000)

/// The engine that a test runs on.
enum Engine: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"

    var testDescription: String { rawValue }
}

/// An empty base on an engine, with a folder for files: gone after the test.
final class Desk: Sendable {
    let engine: any SQLEngine
    let stores: StoreSet
    let folder: String

    private init(engine: any SQLEngine, stores: StoreSet, folder: String) {
        self.engine = engine
        self.stores = stores
        self.folder = folder
    }

    static func with(_ kind: Engine, _ body: (Desk) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "loge-base-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        switch kind {
        case .sqlite:
            let opened = try await SQLiteStores.open(path: folder + "/portal.sqlite", clock: ManualClock(september))
            try await finishing(opened.close) {
                try await body(Desk(engine: opened.tables, stores: opened.stores, folder: folder))
            }
        case .postgresql:
            let server = try #require(ServerTrait.server)
            let settings = try PostgreSQLSettings(
                url: SecretBytes(Array(server.url(try await server.makeDatabase()).utf8)))
            let opened = try await PostgreSQLStores.open(
                settings, clock: ManualClock(september), random: SystemRandom())
            try await finishing(opened.close) {
                try await body(Desk(engine: opened.tables, stores: opened.stores, folder: folder))
            }
        }
    }

    private static func finishing(_ close: () async -> Void, _ body: () async throws -> Void) async throws {
        do {
            try await body()
            await close()
        } catch {
            await close()
            throw error
        }
    }

    /// Writes files into a folder of their own. - Returns: the folder.
    func write(_ files: [String: String]) throws -> String {
        let path = folder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, content) in files {
            try Data(content.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
        }
        return path
    }

    static var options: BaseImport.Options {
        var options = BaseImport.Options()
        options.phones = PhoneRules(fiction: .admittedForDemonstration)
        return options
    }

    /// Imports files.
    @discardableResult
    func bring(
        _ files: [String: String], at now: Instant = september, _ change: (inout BaseImport.Options) -> Void = { _ in }
    ) async throws -> ImportReport {
        try await bring(paths: [try write(files)], at: now, change)
    }

    @discardableResult
    func bring(
        paths: [String], at now: Instant = september, _ change: (inout BaseImport.Options) -> Void = { _ in }
    ) async throws -> ImportReport {
        var options = Self.options
        change(&options)
        let exports = try RegisterExports.recognise(paths)
        let reports = try await BaseImport(on: engine, options: options).perform(exports, now: now) { _ in }
        return try #require(reports.last)
    }

    func undo(at now: Instant = september) async throws -> Int64 {
        try await BaseImport(on: engine, options: Self.options).undo(now: now)
    }

    /// Every row that holds, table by table: what an undone import must leave as it was.
    func rows() async throws -> [String: [String]] {
        try await engine.read { db in
            var all: [String: [String]] = [:]
            for table in [
                "base_schools", "base_classes", "base_people", "base_mobiles", "base_places", "base_functions",
                "base_links", "base_joins", "base_doubles",
            ] {
                let rows = try db.rows(SQLStatement("SELECT * FROM \(table) WHERE ended = 0"))
                all[table] = rows.map { "\($0.values)" }.sorted()
            }
            return all
        }
    }
}

/// Starts a server before the tests and removes it after the last one.
struct ServerTrait: SuiteTrait, TestScoping {
    @TaskLocal static var server: PostgreSQLServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.$server.withValue(server, operation: function))
        } catch {
            result = .failure(error)
        }
        await server.remove()
        try result.get()
    }
}

extension Trait where Self == ServerTrait {
    static var server: ServerTrait { ServerTrait() }
}

/// Everything that needs both engines: one server for all of it.
@Suite("Pupil base", .server, .timeLimit(.minutes(10)))
struct PupilBaseTests {}
