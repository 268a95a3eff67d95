import Cryptography
import PostgreSQLTesting
import Testing

@testable import StoresPostgreSQL

extension PostgreSQLTests {
    @Suite("Settings")
    struct Settings {
        @Test(
            "A URL is told without its password",
            arguments: [
                (
                    "postgresql://loge:hunter2@db.example:6432/portal?sslmode=verify-full",
                    "portal at db.example:6432, user loge, sslmode verify-full"
                ),
                ("host=db.example user=loge password=hunter2", "loge at db.example:5432, user loge, sslmode prefer"),
                ("postgresql://loge@/portal?host=/run/pg", "portal at /run/pg, user loge, sslmode prefer"),
            ])
        func described(_ url: String, _ description: String) throws {
            let settings = try settings(url)
            #expect(settings.description == description)
            #expect(!String(reflecting: settings).contains("hunter2"))
            var dumped = ""
            dump(settings, to: &dumped)
            #expect(!dumped.contains("hunter2"))
        }

        @Test(
            "A connection that others could read is warned of, one within the machine is not",
            arguments: [
                ("postgresql://db.example/loge", true), ("postgresql://db.example/loge?sslmode=require", true),
                ("postgresql://db.example/loge?sslmode=verify-ca", true),
                ("postgresql://db.example/loge?sslmode=verify-full", false),
                ("postgresql://localhost/loge", false), ("postgresql://127.0.0.1/loge", false),
                ("postgresql://[::1]/loge", false), ("postgresql:///loge?host=/run/postgresql", false),
                ("postgresql://localhost,db.example/loge", true), ("host=a hostaddr=10.0.0.1", true),
                ("postgresql://127.0.0.1.example/loge", true), ("service=somewhere", true),
            ])
        func warned(_ url: String, _ isWarned: Bool) throws {
            let warning = try settings(url).warning
            #expect((warning != nil) == isWarned)
            #expect(warning?.contains("verify-full") != false)
        }

        @Test(
            "What cannot be read is refused in a sentence that quotes nothing",
            arguments: [
                ("postgresql://u:hunter2@h/d?nonsense=hunter2", "names an option"),
                ("host=h password=a hunter2", "must be postgresql://"), ("postgresql://u:hunter2%zz@h/d", "%25"),
                ("hunter2", "must be postgresql://"), ("", "is empty"), ("hunter2=1", "names an option"),
                ("postgresql://u:hunter2%00@h/d", "%25"),
            ])
        func mistakes(_ url: String, _ reason: String) throws {
            let mistake = #expect(throws: PostgreSQLSettings.Mistake.self) { try settings(url) }
            #expect(mistake?.description.contains(reason) == true, "\(mistake?.description ?? "")")
            #expect(mistake?.description.contains("hunter2") == false)
        }

        @Test("Numbers out of bounds are refused")
        func bounds() throws {
            for count in [0, -1, 1001] {
                #expect(throws: PostgreSQLSettings.Mistake.self) { try settings("postgresql://", connections: count) }
            }
            #expect(throws: PostgreSQLSettings.Mistake.self) { try settings("postgresql://", wait: .zero) }
            #expect(throws: PostgreSQLSettings.Mistake.self) { try settings("postgresql://", statementTimeout: .zero) }
            #expect(throws: PostgreSQLSettings.Mistake.self) { try settings("postgresql://", password: "a\0b") }
            #expect(try settings("postgresql://", connections: 1000).connections == 1000)
        }
    }
}
