import Clocks
import Foundation
import Stores
import StoresConformance
import Testing

@testable import StoresSQLite

/// The suite that every engine passes. Two pools are open on one file: what a pool keeps to itself would show.
@Suite("Stores in SQLite: conformance", .timeLimit(.minutes(2)))
struct ConformanceTests {
    @Test(arguments: ConformanceCheck.all)
    func conforms(_ check: ConformanceCheck) async throws {
        try await withTemporaryFolder { folder in
            let one = try await SQLiteStores.open(path: folder + "/loge.sqlite", clock: ManualClock(testStart))
            let other = try await SQLiteStores.open(path: folder + "/loge.sqlite", clock: ManualClock(testStart))
            let result: Result<Void, any Error>
            do {
                result = .success(try await check.run(on: StorePair(one.stores, other.stores)))
            } catch {
                result = .failure(error)
            }
            await one.close()
            await other.close()
            try result.get()
        }
    }

    @Test("The suite has its size")
    func size() {
        // A list that lost an entry in an edit would go unnoticed.
        #expect(ConformanceCheck.all.count >= 50)
        #expect(Set(ConformanceCheck.all.map(\.description)).count == ConformanceCheck.all.count)
    }
}

let testStart = Instant(secondsSinceEpoch: 1_788_244_200)

/// Lends a folder of its own, and removes it.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loge-stores-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
