import Accounts
import Clocks
import Cryptography
import Foundation
import HTTPTypes
import JOSE
import LogeTesting
import OpenIDConnectIssuer
import School
import SignOn
import Stores
import Testing

/// Refresh tokens (RFC 6749 §6, RFC 9700 §4.14): rotated, bounded, and gone as soon as anything that they rest on is.
@Suite("OA-13: refresh tokens")
struct RefreshTokenTests {
    private let party = TestParty.conformance

    private func begun(
        _ portal: TestPortal, scope: String = "openid profile"
    ) async throws -> (browser: TestBrowser, attempt: AuthorizationAttempt, code: String, tokens: JSONAnswer) {
        let browser = portal.browser()
        let attempt = party.attempt(["scope": scope])
        let code = try await portal.code(for: attempt, in: browser)
        return (browser, attempt, code, try await portal.redeem(code, of: attempt))
    }

    private func token(_ answer: JSONAnswer) throws -> String { try #require(answer["refresh_token"]?.string) }

    @Test("OA-13: each use gives a new token; the one before comes again within the grace, and gets the same one")
    func grace() async throws {
        try await withPortal { portal in
            let first = try token(try await begun(portal).tokens)
            let answer = try await portal.refresh(first, as: party)
            let second = try token(answer)
            #expect(second != first)
            portal.clock.advance(by: .seconds(30))
            // The answer was lost: on another node, after a restart, the same.
            try await portal.withNeighbour { neighbour in
                let again = try await neighbour.refresh(first, as: party)
                #expect(again["refresh_token"]?.string == second)
                #expect(again.accessToken != answer.accessToken)
                #expect(try await portal.userInfo(again.accessToken).status == 200)
            }
            #expect(try await portal.userInfo(answer.accessToken).status == 200)
            #expect(try await portal.refresh(second, as: party).status == 200)
        }
    }

    @Test("OA-13: reuse after the grace, or after the successor was used, ends the family, also after a restart")
    func reuse() async throws {
        for waits in [true, false] {
            try await withPortal { portal in
                let first = try token(try await begun(portal).tokens)
                let answer = try await portal.refresh(first, as: party)
                let second = try token(answer)
                let last =
                    if waits { second } else { try token(try await portal.refresh(second, as: party)) }
                if waits { portal.clock.advance(by: .seconds(31)) }
                #expect(try await portal.userInfo(answer.accessToken).status == 200)
                let refused = try await portal.refresh(first, as: party)
                HiddenChecks.refusal(refused, "invalid_grant")
                #expect(refused["error_description"]?.string?.contains("used before") == true)
                #expect(try await portal.userInfo(answer.accessToken).error == "invalid_token")
                try await portal.withNeighbour { neighbour in
                    for token in [first, second, last] {
                        HiddenChecks.refusal(try await neighbour.refresh(token, as: party), "invalid_grant")
                    }
                }
            }
        }
    }

    @Test("OA-13: the family has an absolute end, that of its session at the latest; no refresh moves it")
    func absoluteEnd() async throws {
        try await withPortal { portal in
            var token = try token(try await begun(portal).tokens)
            for _ in 0..<11 {
                portal.clock.advance(by: .hours(1))
                token = try self.token(try await portal.refresh(token, as: party))
            }
            portal.clock.advance(by: .hours(1) - .seconds(1))
            token = try self.token(try await portal.refresh(token, as: party))
            portal.clock.advance(by: .seconds(1))
            HiddenChecks.refusal(try await portal.refresh(token, as: party), "invalid_grant")
        }
    }

    @Test("OA-13, BR-08: the new ID token speaks of the same sign-on; scope narrows and never widens")
    func content() async throws {
        try await withPortal { portal in
            let begun = try await begun(portal)
            let first = try await portal.claims(of: begun.tokens.idToken, for: begun.attempt)
            portal.clock.advance(by: .minutes(20))
            let token = try token(begun.tokens)
            for scope in ["openid email", "openid profile email", "profile", "", "openid \"", "openid offline_access"] {
                let refused = try await portal.refresh(token, as: party, [("scope", scope)])
                HiddenChecks.refusal(refused, "invalid_scope")
            }
            let answer = try await portal.refresh(token, as: party, [("scope", "openid")])
            let second = try await HiddenChecks.tokens(answer, of: begun.attempt, in: portal, isRefreshed: true)
            for name in ["sub", "auth_time", "acr", "amr", "sid"] { #expect(second[name] == first[name], "\(name)") }
            #expect(second["nonce"] == nil)
            #expect(answer["scope"] == "openid")
            #expect(try await portal.userInfo(answer.accessToken)["name"] == nil)
            // What was granted stays granted: the next one may ask for all of it again.
            let wide = try await portal.refresh(try self.token(answer), as: party)
            #expect(wide["scope"] == "openid profile")
            #expect(try await portal.userInfo(wide.accessToken)["name"] == "Camille Martin")
        }
    }

    /// What ends a family from outside.
    enum Ending: String, CaseIterable, CustomTestStringConvertible {
        case logout, password, lock, clientRemoved, grantWithdrawn, notAdmitted, codeReplayed, revoked

        var testDescription: String { rawValue }

        /// What the client is told.
        var error: String {
            switch self {
            case .clientRemoved: "invalid_client"
            case .grantWithdrawn: "unauthorized_client"
            default: "invalid_grant"
            }
        }
    }

    @Test("OA-13, BR-07: ended by logout, another password, a lock, a disabled client …", arguments: Ending.allCases)
    func ended(_ ending: Ending) async throws {
        try await withPortal { portal in
            let begun = try await begun(portal)
            // The positive control: it works until then.
            let token = try token(try await portal.refresh(try token(begun.tokens), as: party))
            portal.clock.advance(by: .seconds(1))
            let account = try await portal.account("camille.martin")
            let file = portal.folder + "/parties/conformance.yaml"
            let yaml = try String(contentsOfFile: file, encoding: .utf8)
            switch ending {
            case .logout:
                for session in try await portal.stores.sessions.sessions(of: account.id, now: portal.clock.now()) {
                    _ = try await portal.stores.sessions.end(session.id, now: portal.clock.now())
                    portal.directory.apply(.session(session.id))
                }
            case .password:
                guard case .active(let record) = account.stage else { throw MissingPart(description: "a password") }
                #expect(
                    try await portal.stores.accounts.changePassword(
                        of: account.id, from: record.hash, to: "another", now: portal.clock.now()))
                portal.directory.apply(.account(account.id))
            case .lock:
                _ = try await portal.administration.lock(
                    account.login.description, reason: "essai", now: portal.clock.now())
                portal.directory.apply(.account(account.id))
            case .clientRemoved: try FileManager.default.removeItem(atPath: file)
            case .grantWithdrawn:
                try yaml.replacing(", refresh_token", with: "").write(toFile: file, atomically: true, encoding: .utf8)
            case .notAdmitted:
                try (yaml + "profiles: [National_ENS]\n").write(toFile: file, atomically: true, encoding: .utf8)
            case .codeReplayed:
                HiddenChecks.refusal(try await portal.redeem(begun.code, of: begun.attempt), "invalid_grant")
            case .revoked:
                #expect(try await portal.ask("/oidc/revoke", [("token", token)], as: party).status == 200)
            }
            await portal.clients.refresh()
            let before = try portal.rows()
            HiddenChecks.refusal(try await portal.refresh(token, as: party), ending.error)
            #expect(try portal.rows() == before)
        }
    }

    @Test("JW-06: what is no refresh token of this client is refused, and no row is written")
    func strangers() async throws {
        try await withPortal { portal in
            let begun = try await begun(portal)
            let token = try token(begun.tokens)
            let unused = try await portal.code(for: party.attempt(), in: begun.browser)
            let before = try portal.rows()
            var bad = ["", "x", token + "A", String(token.dropLast()), begun.code, unused]
            bad += [begun.tokens.accessToken, begun.tokens.idToken, String(repeating: "a", count: 9000)]
            for index in stride(from: 0, to: token.utf8.count, by: 37) {
                var bytes = Array(token.utf8)
                bytes[index] = bytes[index] == 0x41 ? 0x42 : 0x41
                bad.append(String(decoding: bytes, as: UTF8.self))
            }
            for text in bad { HiddenChecks.refusal(try await portal.refresh(text, as: party), "invalid_grant") }
            HiddenChecks.refusal(
                try await portal.token([("grant_type", "refresh_token")], as: party), "invalid_request")
            HiddenChecks.refusal(
                try await portal.refresh(token, as: party, [("refresh_token", token)]), "invalid_request")
            HiddenChecks.refusal(try await portal.redeem(token, of: begun.attempt), "invalid_grant")
            #expect(try await portal.userInfo(token).error == "invalid_token")
            #expect(try portal.rows() == before)
            #expect(try await portal.refresh(token, as: party).status == 200)
        }
    }

    @Test("OA-13: of 64 who bring one token at once, all have one and the same successor")
    func race() async throws {
        try await withPortal { portal in
            let token = try token(try await begun(portal).tokens)
            let answers = try await withThrowingTaskGroup(of: JSONAnswer.self) { group in
                for _ in 0..<64 { group.addTask { try await portal.refresh(token, as: party) } }
                return try await group.reduce(into: [JSONAnswer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(Set(answers.compactMap { $0["refresh_token"]?.string }).count == 1)
            #expect(Set(answers.map(\.accessToken)).count == 64)
        }
    }

    @Test("a client that is not registered for it gets none, and may use none")
    func unregistered() async throws {
        try await withPortal { portal in
            let tokens = try await portal.tokens(for: TestParty.ent.attempt(), in: portal.browser())
            #expect(tokens["refresh_token"] == nil)
            let token = try token(try await begun(portal).tokens)
            HiddenChecks.refusal(try await portal.refresh(token, as: .ent), "unauthorized_client")
        }
    }
}
