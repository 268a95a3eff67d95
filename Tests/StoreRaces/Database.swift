import Clocks
import Cryptography
import Foundation
import PostgreSQLTesting
import School
import Stores
import StoresPostgreSQL
import StoresSQLite
import Testing

/// The engine that a race is run on.
enum Engine: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"

    var testDescription: String { rawValue }
}

let now = Instant(secondsSinceEpoch: 1_788_244_200)

/// A database of its own that processes can share, gone after the test.
struct SharedDatabase {
    let engine: Engine
    /// As `store-racer` wants it.
    let name: String

    /// Opens the stores, as a process that has just started does.
    func open<Result>(_ body: (StoreSet) async throws -> Result) async throws -> Result {
        let (stores, close) = try await opened()
        do {
            let result = try await body(stores)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    private func opened() async throws -> (StoreSet, () async -> Void) {
        switch engine {
        case .sqlite:
            let path = String(name.dropFirst("sqlite:".count))
            let opened = try await SQLiteStores.open(path: path, clock: ManualClock(now))
            return (opened.stores, { await opened.close() })
        case .postgresql:
            let settings = try PostgreSQLSettings(url: SecretBytes(Array(name.utf8)))
            let opened = try await PostgreSQLStores.open(settings, clock: ManualClock(now), random: SystemRandom())
            return (opened.stores, { await opened.close() })
        }
    }

    /// Puts there what every verb of `store-racer` consumes.
    func prepare() async throws {
        try await open { stores in
            let person = Person(givenName: "Camille", familyName: "Étienne", profile: .pupil)
            let active = Account(
                id: AccountID("active"), login: Login(canonical: "active"), person: person,
                stage: .active(PasswordRecord(hash: "old", changedAt: now)), mail: "camille@exemple.fr", createdAt: now)
            let waiting = Account(
                id: AccountID("waiting"), login: Login(canonical: "waiting"), person: person,
                stage: .awaitingActivation(expires: now + .days(30)), createdAt: now)
            try await stores.accounts.add([(active, nil), (waiting, SecretHash(of: "activation"))])
            try await stores.sessions.begin(
                Session(
                    id: SessionID("session"), account: active.id, createdAt: now, authenticatedAt: now, acr: "a",
                    amr: ["pwd"], door: "ent", expiresAt: now + .hours(12), device: ""))
            for (token, purpose) in [("link", LinkPurpose.resetPassword), ("proof", .verifyMail)] {
                let link = MailedLink(
                    token: SecretHash(of: token), account: active.id, purpose: purpose, mail: "camille@exemple.fr",
                    expiresAt: now + .hours(1))
                let message = OutboxMessage(
                    id: token, kind: .mail, recipient: link.mail, subject: "", body: "", expiresAt: now + .hours(1))
                try await stores.links.issue(link, message: message, now: now)
            }
            let family = CodeRedemption(
                code: "family", client: "ent", session: SessionID("session"), rememberedUntil: now + .minutes(10),
                refreshableUntil: now + .hours(12))
            _ = try await stores.codes.redeem(family, now: now)
            // One message waits, not two.
            try await stores.outbox.sent("proof", now: now)
            _ = try await stores.keys.replace(nil, manifest: [0], adding: [:], removing: [])
        }
    }
}
