import Clocks
import Cryptography
import Foundation
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

@Suite("RFC 9700 for relying parties: the sign-on belongs to this browser and this provider")
struct BrowserBindingTests {
    /// A callback with these fields, for the pending sign-on of `start`.
    private func finish(
        _ journey: Journey, _ pending: PendingAuthorization?, _ fields: [(name: String, value: String)]
    ) async throws -> VerifiedIdentity {
        try await journey.relyingParty.finish(
            CallbackParameters(parsing: FormEncoding.encode(fields)), pending: pending)
    }

    @Test("OA-30: state, nonce and verifier are 256 random bits each, fresh for each sign-on")
    func freshValues() async throws {
        let journey = try Journey()
        var seen: Set<String> = []
        for _ in 0..<50 {
            let start = try await journey.relyingParty.start()
            let sent = try parameters(of: start.url)
            #expect(sent["state"] == start.pending.state)
            #expect(sent["nonce"] == start.pending.nonce)
            #expect(sent["code_challenge_method"] == "S256")
            #expect(sent["code_challenge"] == Base64URL.encode(SHA256.hash(start.pending.codeVerifier)))
            #expect(!start.url.contains(start.pending.codeVerifier))
            for value in [start.pending.state, start.pending.nonce, start.pending.codeVerifier] {
                #expect(value.utf8.count == 43)
                #expect(seen.insert(value).inserted)
            }
        }
    }

    @Test("OA-30: a sign-on is finished once, also by whoever kept its cookie, also by 64 at once")
    func spentOnce() async throws {
        let journey = try Journey()
        let start = try await journey.relyingParty.start()
        let callback = try CallbackParameters(parsing: journey.provider.authorize(start.url))
        let codes = await withTaskGroup(of: ProviderError.Code?.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    do throws(ProviderError) {
                        _ = try await journey.relyingParty.finish(callback, pending: start.pending)
                        return nil
                    } catch { return error.code }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .stateSpent } == 63)
        #expect(journey.provider.requests("/token").count == 1, "the code was not even sent again")
    }

    @Test("OA-30: a sign-on lives ten minutes, to the second, and none comes from the future")
    func lifetime() async throws {
        for (wait, code) in [
            (Duration.seconds(599), nil), (.seconds(600), .pendingExpired), (.days(1), .pendingExpired),
            (.seconds(-60), nil), (.seconds(-62), .pendingExpired),
        ] as [(Duration, ProviderError.Code?)] {
            let journey = try Journey()
            let start = try await journey.relyingParty.start()
            let query = try journey.provider.authorize(start.url)
            journey.clock.advance(by: wait)
            let attempt = {
                try await journey.relyingParty.finish(CallbackParameters(parsing: query), pending: start.pending)
            }
            if let code {
                await journey.expectRefusal(code, "\(wait)") { try await attempt() }
                #expect(journey.provider.requests("/token").isEmpty)
            } else {
                #expect(try await attempt().subject == "alice")
            }
        }
    }

    @Test("OA-30: the state must be there and be this sign-on's")
    func states() async throws {
        let journey = try Journey()
        let start = try await journey.relyingParty.start()
        let other = try await journey.relyingParty.start()
        for state in ["", "x", other.pending.state, start.pending.state + "x", String(start.pending.state.dropLast())] {
            await journey.expectRefusal(.stateMismatch, "\(state)") {
                try await finish(
                    journey, start.pending, [("code", "c"), ("state", state), ("iss", EvilProvider.issuer)])
            }
        }
        await journey.expectRefusal(.stateMismatch) {
            try await finish(journey, start.pending, [("code", "c"), ("iss", EvilProvider.issuer)])
        }
        #expect(journey.provider.requests("/token").isEmpty)
        let callback = try CallbackParameters(parsing: journey.provider.authorize(start.url))
        #expect(try await journey.relyingParty.finish(callback, pending: start.pending).subject == "alice")
    }

    @Test("OA-30, OA-31: a sign-on at one provider is not finished at another")
    func otherProvider() async throws {
        let journey = try Journey()
        let elsewhere = try Journey(issuer: "https://other.example")
        let start = try await elsewhere.relyingParty.start()
        let query = try elsewhere.provider.authorize(start.url)
        await journey.expectRefusal(.pendingElsewhere) {
            try await journey.relyingParty.finish(CallbackParameters(parsing: query), pending: start.pending)
        }
        #expect(journey.provider.requests("/token").isEmpty, "no code was carried to the wrong provider")
        let identity = try await elsewhere.relyingParty.finish(
            CallbackParameters(parsing: query), pending: start.pending)
        #expect(identity.issuer == "https://other.example")
    }

    @Test("OA-31: iss of another, or missing where the provider always names itself, is refused (RFC 9207)")
    func mixUp() async throws {
        for issuer in ["https://evil.example", "https://op.example/", "HTTPS://op.example", ""] {
            try await Journey().expectRefusal(.issuerMismatch, "\(issuer)") {
                $0.editCallback = { fields in fields[2].value = issuer }
            }
        }
        try await Journey().expectRefusal(.issuerMissing) { $0.editCallback = { fields in fields.removeLast() } }
        // A provider that does not promise it may leave it out; a wrong one is wrong there too.
        for (remove, code) in [(true, nil), (false, .issuerMismatch)] as [(Bool, ProviderError.Code?)] {
            let journey = try Journey()
            journey.provider.spoil {
                $0.editMetadata = { $0["authorization_response_iss_parameter_supported"] = nil }
                $0.editCallback = { fields in
                    if remove { fields.removeLast() } else { fields[2].value = "https://evil.example" }
                }
            }
            if let code {
                await journey.expectRefusal(code) { try await journey.signIn() }
            } else {
                #expect(try await journey.signIn().subject == "alice")
            }
        }
    }

    @Test("OA-31: an error answer of another issuer is not believed either")
    func mixUpByError() async throws {
        let journey = try Journey()
        let start = try await journey.relyingParty.start()
        await journey.expectRefusal(.issuerMismatch) {
            try await finish(
                journey, start.pending,
                [("error", "access_denied"), ("state", start.pending.state), ("iss", "https://evil.example")])
        }
        await journey.expectRefusal(.stateMismatch) {
            try await finish(
                journey, start.pending, [("error", "access_denied"), ("state", "x"), ("iss", EvilProvider.issuer)])
        }
    }

    @Test("OA-32: a code of another session is of no use here: PKCE, and the nonce")
    func injectedCode() async throws {
        // The attacker's code arrives in the victim's browser with the victim's state.
        let journey = try Journey()
        let attacker = try await journey.relyingParty.start()
        let stolen = try #require(
            FormEncoding.decode(journey.provider.authorize(attacker.url))?.first { $0.name == "code" }?.value)
        let victim = try await journey.relyingParty.start()
        await journey.expectRefusal(.tokenRefused, "the verifier is the victim's, the challenge the attacker's") {
            try await finish(
                journey, victim.pending,
                [("code", stolen), ("state", victim.pending.state), ("iss", EvilProvider.issuer)])
        }
        // A provider that forgets PKCE is caught by the nonce.
        try await Journey().expectRefusal(.idTokenNonce) { $0.editClaims = { $0["nonce"] = "the attacker's" } }
    }

    @Test("OA-35: a callback in a browser that started nothing is refused, and nothing is sent")
    func loginCSRF() async throws {
        let journey = try Journey()
        let attacker = try await journey.relyingParty.start()
        let query = try journey.provider.authorize(attacker.url)
        await journey.expectRefusal(.pendingMissing) {
            try await journey.relyingParty.finish(CallbackParameters(parsing: query), pending: nil)
        }
        let victim = try await journey.relyingParty.start()
        await journey.expectRefusal(.stateMismatch) {
            try await journey.relyingParty.finish(CallbackParameters(parsing: query), pending: victim.pending)
        }
        #expect(journey.provider.requests("/token").isEmpty)
        let own = try CallbackParameters(parsing: query)
        #expect(try await journey.relyingParty.finish(own, pending: attacker.pending).subject == "alice")
    }

    @Test("Parameters that stand there twice, cannot be read or are too long are refused")
    func parameterPollution() throws {
        #expect(throws: Never.self) { try CallbackParameters(parsing: "code=a&state=b&iss=c&x=1&x=2") }
        #expect(throws: Never.self) { try CallbackParameters(parsing: "") }
        for query in [
            "code=a&code=b", "state=a&state=a", "iss=a&%69ss=b", "error=a&error=", "code=%", "code=%4", "code=%zz",
            "code=%ff%fe", "state=%C0%AF", "x=" + String(repeating: "a", count: 8192),
        ] {
            #expect(throws: ProviderError(.parametersMalformed, ""), "\(query.prefix(40))") {
                try CallbackParameters(parsing: query)
            }
        }
    }

    @Test("A callback without a code, or with one that is no code, is refused")
    func codes() async throws {
        for code in ["", "a\nb", "é", "\u{0}"] {
            let journey = try Journey()
            let start = try await journey.relyingParty.start()
            await journey.expectRefusal(.codeMissing) {
                try await finish(
                    journey, start.pending,
                    [("code", code), ("state", start.pending.state), ("iss", EvilProvider.issuer)])
            }
            #expect(journey.provider.requests("/token").isEmpty)
        }
    }

    @Test("Error answers become reasons of ours, and none of the provider's words is passed on")
    func errorAnswers() async throws {
        let cases: [(String, ProviderError.Code, ProviderError.Advice)] = [
            ("access_denied", .declined, .declined), ("login_required", .interactionRequired, .startAgain),
            ("consent_required", .interactionRequired, .startAgain),
            ("server_error", .providerUnavailable, .comeBackLater),
            ("temporarily_unavailable", .providerUnavailable, .comeBackLater),
            ("invalid_request", .requestRefused, .askForHelp), ("invalid_acr", .requestRefused, .askForHelp),
            ("", .requestRefused, .askForHelp), ("<script>canary</script>", .requestRefused, .askForHelp),
            ("canary\r\nSet-Cookie: a=b", .requestRefused, .askForHelp),
            (String(repeating: "e", count: 5000), .requestRefused, .askForHelp),
        ]
        for (error, code, advice) in cases {
            let journey = try Journey()
            let start = try await journey.relyingParty.start()
            let fields = [
                ("error", error), ("error_description", "canary"), ("state", start.pending.state),
                ("iss", EvilProvider.issuer),
            ]
            await journey.expectRefusal(code, "\(error.prefix(30))") {
                try await finish(journey, start.pending, fields)
            }
            #expect(ProviderError(code, "").advice == advice)
        }
    }

    @Test("The pending sign-on survives its cookie, and never prints itself")
    func pendingRoundTrip() async throws {
        let journey = try Journey()
        var options = AuthorizationOptions()
        options.returnTo = "/classe?x=1"
        options.maxAge = .minutes(5)
        let start = try await journey.relyingParty.start(options)
        let text = try JSONEncoder().encode(start.pending)
        #expect(text.count < 400)
        let again = try JSONDecoder().decode(PendingAuthorization.self, from: text)
        #expect(again == start.pending)
        var dumped = "\(start.pending)" + String(reflecting: start.pending)
        dump(start.pending, to: &dumped)
        for secret in [start.pending.state, start.pending.nonce, start.pending.codeVerifier] {
            #expect(!dumped.contains(secret))
            #expect(!start.pending.label.contains(secret))
        }
        let query = try journey.provider.authorize(start.url)
        #expect(try CallbackParameters(parsing: query).label == start.pending.label)
        let identity = try await journey.relyingParty.finish(CallbackParameters(parsing: query), pending: again)
        #expect(identity.returnTo == "/classe?x=1")
    }

    @Test("The memory of spent sign-ons forgets what has expired, and is never overrun")
    func spentMemory() async throws {
        let clock = ManualClock(Instant(secondsSinceEpoch: 1_000_000))
        let memory = SpentStatesInMemory(capacity: 3, clock: clock)
        for byte in UInt8(1)...3 {
            #expect(await memory.spend([byte], until: clock.now() + .seconds(Int64(byte) * 10)))
            #expect(await !memory.spend([byte], until: clock.now() + .seconds(60)))
        }
        #expect(await !memory.spend([4], until: clock.now() + .seconds(60)), "full: nobody passes")
        clock.advance(by: .seconds(15))
        #expect(await memory.spend([4], until: clock.now() + .seconds(60)))
        #expect(await !memory.spend([2], until: clock.now() + .seconds(60)), "what has not expired is not forgotten")
    }
}
