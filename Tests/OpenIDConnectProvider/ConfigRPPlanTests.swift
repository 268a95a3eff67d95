import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

/// The modules of `oidcc-client-config-certification-test-plan`, each under its own name; `idtoken-sig-none` stands with the
/// Basic plan, which has it too.
@Suite("OpenID Foundation, Config RP plan")
struct ConfigRPPlanTests {
    @Test("oidcc-client-test-discovery-openid-config")
    func discovery() async throws {
        let journey = try Journey()
        let start = try await journey.relyingParty.start()
        #expect(start.url.hasPrefix("https://op.example/authorize?"))
        #expect(journey.provider.requests("/.well-known/openid-configuration").count == 1)
        #expect(try await journey.signIn().subject == "alice")
        #expect(journey.provider.requests("/.well-known/openid-configuration").count == 1, "kept for its lifetime")
        journey.clock.advance(by: .hours(1))
        #expect(try await journey.signIn().subject == "alice")
        #expect(journey.provider.requests("/.well-known/openid-configuration").count == 2, "and no longer")
    }

    @Test("oidcc-client-test-discovery-jwks-uri-keys")
    func keysFromJWKSURI() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        let elsewhere = OutboundResponse.json(try JWKSet([keys.p256.published()]).json())
        try journey.provider.spoilThrowing { behaviour in
            // The usual place holds a wrong key; the right one is where the metadata says.
            behaviour.publishedKeys = [try keys.otherP256.published(keyID: keys.p256.keyID)]
            behaviour.editMetadata = { $0["jwks_uri"] = "https://op.example/keys/signing" }
            behaviour.answers["/keys/signing"] = .success(elsewhere)
        }
        #expect(try await journey.signIn().subject == "alice")
        #expect(journey.provider.requests("/keys/signing").count == 1)
        #expect(journey.provider.requests("/jwks").isEmpty)
    }

    @Test("oidcc-client-test-discovery-issuer-mismatch")
    func issuerMismatch() async throws {
        let variants: [JSONValue?] = [
            "https://evil.example", "https://op.example/", "https://op.example/x", "http://op.example",
            "https://OP.example", "https://op.example:443", "", nil, ["https://op.example"],
        ]
        for variant in variants {
            let journey = try Journey()
            journey.provider.spoil { $0.editMetadata = { $0["issuer"] = variant } }
            await #expect(throws: ProviderError(.metadataIssuerMismatch, ""), "\(String(describing: variant))") {
                try await journey.relyingParty.start()
            }
            // A refused document is not kept: once it is right again, people get in.
            journey.provider.spoil { $0.editMetadata = { _ in } }
            journey.clock.advance(by: .seconds(5))
            #expect(try await journey.signIn().subject == "alice")
        }
    }

    @Test("oidcc-client-test-signing-key-rotation")
    func keyRotation() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        journey.provider.spoil { $0.signer = keys.otherP256 }
        #expect(try await journey.signIn().subject == "alice")
        #expect(journey.provider.requests("/jwks").count == 2)
    }

    @Test("oidcc-client-test-signing-key-rotation-just-before-signing")
    func keyRotationJustBeforeSigning() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        let start = try await journey.relyingParty.start()
        let callback = try CallbackParameters(parsing: journey.provider.authorize(start.url))
        journey.provider.spoil { $0.signer = keys.otherP256 }
        #expect(try await journey.relyingParty.finish(callback, pending: start.pending).subject == "alice")
    }

    @Test("JW-10: refetching on unknown kid is rate-limited and fails closed")
    func refetchIsRateLimited() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        // Published: the old key. Signed: by one that is never published.
        let stranger = TokenSigningKey(keyID: "never-seen", algorithm: .es256, key: try .generate(.p256))
        try journey.provider.spoilThrowing { behaviour in
            behaviour.publishedKeys = [try keys.p256.published()]
            behaviour.signer = stranger
        }
        for _ in 0..<5 { await journey.expectRefusal(.idTokenKey) { try await journey.signIn() } }
        #expect(journey.provider.requests("/jwks").count == 2, "one fetch out of turn, however many unknown kids")
        journey.clock.advance(by: .seconds(29))
        await journey.expectRefusal(.idTokenKey) { try await journey.signIn() }
        #expect(journey.provider.requests("/jwks").count == 2)
        journey.clock.advance(by: .seconds(1))
        await journey.expectRefusal(.idTokenKey) { try await journey.signIn() }
        #expect(journey.provider.requests("/jwks").count == 3)
        journey.provider.spoil { $0.signer = keys.p256 }
        #expect(try await journey.signIn().subject == "alice", "the known key was never lost")
    }

    @Test("One fetch serves all who wait for it")
    func singleFlight() async throws {
        let journey = try Journey()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<32 { group.addTask { _ = try await journey.signIn() } }
            try await group.waitForAll()
        }
        #expect(journey.provider.requests("/.well-known/openid-configuration").count == 1)
        #expect(journey.provider.requests("/jwks").count == 1)
    }

    @Test("A rotation in the midst of many sign-ons fails none of them")
    func rotationUnderLoad() async throws {
        let keys = try TestKeys.get()
        let journey = try Journey()
        #expect(try await journey.signIn().subject == "alice")
        journey.provider.spoil { $0.signer = keys.otherP256 }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<32 { group.addTask { try await journey.signIn().subject } }
            for try await subject in group { #expect(subject == "alice") }
        }
        #expect(journey.provider.requests("/jwks").count == 2)
    }

    @Test("Endpoints must be https, and metadata must offer what the configuration needs")
    func metadataBattery() async throws {
        typealias Edit = @Sendable (inout EvilProvider.Members) -> Void
        let cases: [(ProviderError.Code, Edit)] = [
            (.endpointInsecure, { $0["token_endpoint"] = "http://op.example/token" }),
            (.endpointInsecure, { $0["authorization_endpoint"] = "http://op.example/authorize" }),
            (.endpointInsecure, { $0["jwks_uri"] = "http://127.0.0.1/jwks" }),
            (.endpointInsecure, { $0["userinfo_endpoint"] = "http://op.example/userinfo" }),
            (.endpointInsecure, { $0["end_session_endpoint"] = "http://op.example/end" }),
            (.metadataMalformed, { $0["token_endpoint"] = nil }),
            (.metadataMalformed, { $0["authorization_endpoint"] = "javascript:alert(1)" }),
            (.metadataMalformed, { $0["authorization_endpoint"] = "https://op.example/a#b" }),
            (.metadataMalformed, { $0["jwks_uri"] = ["https://op.example/jwks"] }),
            (.metadataMalformed, { $0["jwks_uri"] = "file:///etc/passwd" }),
            (.metadataMalformed, { $0["authorization_response_iss_parameter_supported"] = "true" }),
            (.metadataMalformed, { $0["response_types_supported"] = "code" }),
            (.metadataUnsuitable, { $0["response_types_supported"] = ["id_token"] }),
            (.metadataUnsuitable, { $0["token_endpoint_auth_methods_supported"] = ["private_key_jwt"] }),
            (.metadataUnsuitable, { $0["id_token_signing_alg_values_supported"] = ["HS256", "none"] }),
            (.metadataUnsuitable, { $0["userinfo_endpoint"] = nil }),
        ]
        #expect(try await Journey().signIn().subject == "alice")
        for (index, (code, edit)) in cases.enumerated() {
            let journey = try Journey()
            journey.provider.spoil { $0.editMetadata = edit }
            await #expect(throws: ProviderError(code, ""), "case \(index)") { try await journey.relyingParty.start() }
        }
    }
}
