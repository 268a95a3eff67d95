import Clocks
import Cryptography
import JOSE
import Outbound
import Testing

@testable import OpenIDConnectProvider

/// One relying party and one provider, and the way of one browser between them.
struct Journey {
    let clock: ManualClock
    let provider: EvilProvider
    let relyingParty: RelyingParty

    init(
        issuer: String = EvilProvider.issuer, signer: TokenSigningKey? = nil,
        _ configure: (inout ProviderConfiguration) -> Void = { _ in }
    ) throws {
        let clock = ManualClock(try #require(Instant(rfc3339: "2026-09-01T06:00:00Z")))
        let provider = try EvilProvider(issuer: issuer, clock: clock, signer: signer)
        var configuration = ProviderConfiguration.test(issuer: issuer)
        if let signer { configuration.idTokenAlgorithms = [signer.algorithm] }
        configure(&configuration)
        self.clock = clock
        self.provider = provider
        relyingParty = try RelyingParty(
            configuration: configuration, http: provider, spentStates: SpentStatesInMemory(clock: clock), clock: clock,
            random: SystemRandom())
    }

    /// Signs in from the start to the end.
    func signIn(_ options: AuthorizationOptions = AuthorizationOptions()) async throws -> VerifiedIdentity {
        let start = try await relyingParty.start(options)
        let callback = try CallbackParameters(parsing: provider.authorize(start.url))
        return try await relyingParty.finish(callback, pending: start.pending)
    }

    /// A sign-in that works, and then the same spoilt, which is refused for the reason given. Without the first half a test
    /// would also pass when nothing works at all.
    func expectRefusal(
        _ code: ProviderError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        spoiling spoil: (inout EvilProvider.Behaviour) throws -> Void
    ) async throws {
        let control = try await signIn()
        #expect(control.subject == "alice", comment, sourceLocation: sourceLocation)
        try provider.spoilThrowing(spoil)
        await expectRefusal(code, comment, sourceLocation: sourceLocation) { try await signIn() }
    }

    /// An attempt that is refused for the reason given.
    func expectRefusal(
        _ code: ProviderError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ attempt: () async throws -> VerifiedIdentity
    ) async {
        do {
            let identity = try await attempt()
            Issue.record(
                "\(identity.subject) was let in; \(comment ?? "")", sourceLocation: sourceLocation)
        } catch let error as ProviderError {
            #expect(error.code == code, comment ?? "\(error)", sourceLocation: sourceLocation)
            for canary in [EvilProvider.secret, EvilProvider.accessToken, "canary", "code-", "eyJ"] {
                #expect(!error.description.contains(canary), sourceLocation: sourceLocation)
                #expect(!error.publicSentence.contains(canary), sourceLocation: sourceLocation)
            }
        } catch {
            Issue.record("\(error)", sourceLocation: sourceLocation)
        }
    }
}

extension EvilProvider {
    func spoilThrowing(_ change: (inout Behaviour) throws -> Void) throws {
        var failure: (any Error)?
        spoil { behaviour in
            do { try change(&behaviour) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

extension ProviderConfiguration {
    static func test(issuer: String = EvilProvider.issuer) -> ProviderConfiguration {
        ProviderConfiguration(
            issuer: issuer, clientID: EvilProvider.clientID,
            authentication: .secretBasic(SecretBytes(utf8: EvilProvider.secret)), redirectURI: EvilProvider.redirectURI)
    }
}

/// The parameters of an authorization request, each of which must stand there once.
func parameters(of url: String) throws -> [String: String] {
    let query = try #require(url.split(separator: "?", maxSplits: 1).last.map(String.init))
    let fields = try #require(FormEncoding.decode(query))
    var parameters: [String: String] = [:]
    for (name, value) in fields {
        #expect(parameters.updateValue(value, forKey: name) == nil, "\(name) stands there twice")
    }
    return parameters
}
