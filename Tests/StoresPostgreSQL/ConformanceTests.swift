import PostgreSQLTesting
import Stores
import StoresConformance
import StoresSQL
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    /// The suite that every engine passes. Two nodes are open on one database: what a node keeps to itself would show.
    @Suite("Conformance")
    struct Conformance {
        @Test(arguments: ConformanceCheck.all)
        func conforms(_ check: ConformanceCheck) async throws {
            let server = try server()
            let database = try settings(server.url(try await server.makeDatabase()))
            try await withStores(database, migrations: Migration.all) { one in
                try await withStores(database, migrations: Migration.all) { other in
                    try await check.run(on: StorePair(one.stores, other.stores))
                }
            }
        }
    }
}
