import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

@Suite("OA-36: a provider that is slow, down or talks nonsense")
struct UpstreamWeatherTests {
    private static let origin = Result { try OutboundOrigin(parsing: EvilProvider.issuer) }

    private static func faults() throws -> [(String, Result<OutboundResponse, OutboundError>)] {
        let origin = try origin.get()
        func answer(_ status: Int, _ types: [String], _ body: String) -> Result<OutboundResponse, OutboundError> {
            .success(OutboundResponse(status: status, contentTypes: types, body: Array(body.utf8)))
        }
        return [
            ("slow", .failure(.timedOut(origin))), ("down", .failure(.unreachable(origin))),
            ("expired certificate", .failure(.untrustedPeer(origin))),
            ("10 MB", .failure(.answerTooLarge(limit: 262_144))),
            ("redirect", answer(302, [], "")), ("not found", answer(404, ["text/html"], "<h1>canary</h1>")),
            ("broken", answer(500, ["application/json"], "{\"canary\":1}")),
            ("busy", answer(503, ["application/json"], "{}")),
            ("HTML", answer(200, ["text/html"], "<h1>canary</h1>")), ("no media type", answer(200, [], "{}")),
            ("two media types", answer(200, ["application/json", "text/html"], "{}")),
            ("empty", answer(200, ["application/json"], "")),
            ("malformed", answer(200, ["application/json"], "{\"canary\":")),
            (
                "not UTF-8",
                .success(
                    OutboundResponse(status: 200, contentTypes: ["application/json"], body: [0x7B, 0xFF, 0x7D]))
            ),
            ("an array", answer(200, ["application/json"], "[]")),
            ("deep", answer(200, ["application/json"], String(repeating: "[", count: 10_000))),
        ]
    }

    @Test(
        "Every endpoint in every weather: a clean refusal with its reason, nothing let through, and people get in afterwards",
        arguments: [
            ("/.well-known/openid-configuration", [.metadataUnavailable, .metadataMalformed]),
            ("/jwks", [.keysUnavailable, .keysMalformed]),
            ("/token", [.tokenUnavailable, .tokenMalformed]),
            ("/userinfo", [.userinfoUnavailable, .userinfoMalformed]),
        ] as [(String, Set<ProviderError.Code>)])
    func weather(path: String, codes: Set<ProviderError.Code>) async throws {
        #expect(try await Journey().signIn().subject == "alice", "the control")
        for (name, fault) in try Self.faults() {
            let journey = try Journey()
            journey.provider.spoil { $0.answers[path] = fault }
            do {
                _ = try await journey.signIn()
                Issue.record("\(path), \(name): somebody was let in")
            } catch let error as ProviderError {
                #expect(codes.contains(error.code), "\(path), \(name): \(error)")
                #expect([.comeBackLater, .askForHelp].contains(error.advice))
                for canary in ["canary", EvilProvider.secret, EvilProvider.accessToken, "code-1"] {
                    #expect(!error.description.contains(canary))
                }
            }
            journey.provider.spoil { $0.answers = [:] }
            journey.clock.advance(by: .seconds(5))
            #expect(try await journey.signIn().subject == "alice", "\(path), \(name): afterwards")
        }
    }

    @Test("A provider that is down is asked once in five seconds, not once for each person")
    func pauseAfterFailure() async throws {
        let journey = try Journey()
        let origin = try Self.origin.get()
        journey.provider.spoil { $0.answers["/.well-known/openid-configuration"] = .failure(.timedOut(origin)) }
        for _ in 0..<20 { await journey.expectRefusal(.metadataUnavailable) { try await journey.signIn() } }
        #expect(journey.provider.requestCount == 1)
        journey.clock.advance(by: .milliseconds(4999))
        await journey.expectRefusal(.metadataUnavailable) { try await journey.signIn() }
        #expect(journey.provider.requestCount == 1)
        journey.clock.advance(by: .milliseconds(1))
        await journey.expectRefusal(.metadataUnavailable) { try await journey.signIn() }
        #expect(journey.provider.requestCount == 2)
    }

    @Test("Documents past their lifetime are not used when new ones cannot be had")
    func nothingStale() async throws {
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        let start = try await journey.relyingParty.start()
        let origin = try Self.origin.get()
        journey.provider.spoil { $0.answers["/jwks"] = .failure(.unreachable(origin)) }
        #expect(try await journey.signIn().subject == "alice", "within its lifetime the key set is at hand")
        journey.clock.advance(by: .hours(1))
        await journey.expectRefusal(.keysUnavailable) { try await journey.signIn() }
        await journey.expectRefusal(.pendingExpired) {
            let callback = try CallbackParameters(parsing: journey.provider.authorize(start.url))
            return try await journey.relyingParty.finish(callback, pending: start.pending)
        }
    }

    @Test("Refusals by the token endpoint")
    func tokenRefusals() async throws {
        for (status, error) in [(400, "invalid_grant"), (401, "invalid_client"), (400, "canary words")] {
            try await Journey().expectRefusal(.tokenRefused, "\(error)") {
                $0.answers["/token"] = .success(.error(error, status: status))
            }
        }
        try await Journey().expectRefusal(.tokenRefused, "no JSON at all") {
            $0.answers["/token"] = .success(
                OutboundResponse(status: 400, contentTypes: ["text/html"], body: Array("canary".utf8)))
        }
    }

    @Test("Token answers that are not those of RFC 6749 §5.1")
    func tokenAnswers() async throws {
        typealias Edit = @Sendable (inout EvilProvider.Members) -> Void
        let edits: [(String, ProviderError.Code, Edit)] = [
            ("no id_token", .tokenMalformed, { $0["id_token"] = nil }),
            ("an id_token that is no text", .tokenMalformed, { $0["id_token"] = ["x"] }),
            ("no access_token", .tokenMalformed, { $0["access_token"] = nil }),
            ("an empty access_token", .tokenMalformed, { $0["access_token"] = "" }),
            ("an access_token with a header in it", .tokenMalformed, { $0["access_token"] = "a\r\nX: y" }),
            ("no token_type", .tokenMalformed, { $0["token_type"] = nil }),
            ("another token_type", .tokenMalformed, { $0["token_type"] = "MAC" }),
            ("an id_token that is none", .idTokenMalformed, { $0["id_token"] = "canary" }),
            ("an empty id_token", .idTokenMalformed, { $0["id_token"] = "" }),
            ("an encrypted id_token", .idTokenMalformed, { $0["id_token"] = "e30.e30.e30.e30.e30" }),
        ]
        for (name, code, edit) in edits {
            try await Journey().expectRefusal(code, "\(name)") { $0.editTokenAnswer = edit }
        }
        for type in ["bearer", "BEARER"] {
            let journey = try Journey()
            journey.provider.spoil { $0.editTokenAnswer = { $0["token_type"] = .string(type) } }
            #expect(try await journey.signIn().subject == "alice", "letter case does not matter (RFC 6749 §5.1)")
        }
    }
}
