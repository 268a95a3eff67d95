import Clocks
import Cryptography
import PostgreSQLTesting
import Stores
import StoresSQL
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("Opening")
    struct Opening {
        @Test("The password is taken from the URL, or given apart, which is stronger")
        func password() async throws {
            let server = try server()
            let database = try await server.makeDatabase("OWNER secured")
            for (url, password) in [
                (server.url(database, user: "secured:open%20sesame"), nil),
                (server.url(database, user: "secured"), "open sesame"),
                (server.url(database, user: "secured:wrong"), "open sesame"),
            ] {
                try await withStores(settings(url, password: password)) { stores in
                    try await stores.engine.tryOut { _ in }
                }
            }
        }

        @Test("A door that stays shut is told in a sentence that says what to do, without the password")
        func refused() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            try await server.sql("CREATE ROLE outsider LOGIN; REVOKE CONNECT ON DATABASE \(database) FROM PUBLIC")
            let proxy = try CuttingProxy(to: server.port)
            proxy.close()
            let doors = [
                (server.url(database, user: "secured:hunter2"), "check the user name, the password"),
                (server.url(database, user: "secured"), "asks the user secured for a password"),
                (server.url("nowhere"), "has no database nowhere: CREATE DATABASE"),
                (server.url(database, user: "nobody"), "check the user name"),
                (server.url(database, user: "outsider"), "GRANT CONNECT"),
                (proxy.url(database), "cannot be reached"),
                (server.url(database).replacing("disable", with: "require"), "cannot be reached"),
            ]
            for (url, reason) in doors {
                let error = await expect(.unavailable) { try await withStores(settings(url)) { _ in } }
                #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
                #expect(error?.reason.contains("hunter2") == false)
                #expect(error?.reason.contains("127.0.0.1") == true)
                await expect(.unavailable) { try await PostgreSQLStores.plan(settings(url)) }
                await expect(.unavailable) { try await PostgreSQLStores.facts(settings(url)) }
            }
        }

        @Test("A COMMIT waits for the disk whatever the database says, and for more when the operator wants more")
        func synchronousCommit() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            for (configured, used) in [
                ("off", "on"), ("local", "on"), ("on", "on"), ("remote_write", "remote_write"),
                ("remote_apply", "remote_apply"),
            ] {
                try await server.sql("ALTER DATABASE \(database) SET synchronous_commit = \(configured)")
                let facts = try await PostgreSQLStores.facts(settings(server.url(database)))
                #expect(facts.synchronousCommit == used)
            }
        }

        @Test("The session is set up as the engine relies on")
        func session() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            try await server.sql(
                """
                ALTER DATABASE \(database) SET default_transaction_isolation = 'serializable';
                ALTER DATABASE \(database) SET standard_conforming_strings = off;
                ALTER DATABASE \(database) SET client_encoding = 'LATIN1';
                """)
            let names = [
                "client_encoding": "UTF8", "statement_timeout": "5s", "lock_timeout": "3s",
                "idle_in_transaction_session_timeout": "10s", "transaction_isolation": "read committed",
                "standard_conforming_strings": "on", "application_name": "loge",
            ]
            try await withStores(settings(server.url(database))) { stores in
                for (name, value) in names {
                    let setting = SQLStatement("SELECT current_setting('\(name)') AS value")
                    let found = try await stores.engine.read { try $0.row(setting)?.text("value") }
                    #expect(found == value, "\(name)")
                }
            }
        }

        @Test("The facts of a server")
        func facts() async throws {
            let server = try server()
            let facts = try await PostgreSQLStores.facts(settings(server.url("postgres")))
            #expect(facts.serverVersion.hasPrefix("15."))
            #expect(facts.fsync)
            #expect(facts.fullPageWrites)
            #expect(facts.maxConnections == 400)
            #expect(!facts.isReadOnly)
            #expect(facts.sslmode == "disable")
            #expect(facts.tls == nil)
        }

        @Test("A server without a connection to spare is 'try later', and is back when it has one")
        func tooManyConnections() async throws {
            let server = try server()
            let database = try await server.makeDatabase()
            let role = database + "few"
            // One for the listener, one for the pool.
            try await server.sql(
                "CREATE ROLE \(role) LOGIN CONNECTION LIMIT 2; ALTER DATABASE \(database) OWNER TO \(role)")
            let settings = try settings(server.url(database, user: role), connections: 3, wait: .milliseconds(500))
            try await withStores(settings) { stores in
                _ = try await stores.engine.read { try $0.rows(Things.pid) }
                let latch = Latch()
                let hold = Task {
                    try await stores.engine.tryOut { session in
                        _ = try session.rows(Things.pid)
                        latch.wait()
                    }
                }
                try await eventually("the one connection is taken") { latch.isReached }
                let error = await expect(.unavailable) { try await stores.engine.read { try $0.rows(Things.pid) } }
                #expect(error?.reason.contains("no connection left") == true, "\(error?.reason ?? "")")
                latch.open()
                try await hold.value
                _ = try await stores.engine.read { try $0.rows(Things.pid) }
            }
        }
    }
}
