import Clocks
import Cryptography
import JOSE
import Outbound

/// The discovery document and the key set of one issuer. There is one of these for each issuer, so that no issuer's key can
/// ever be looked up for another (JW-10).
struct ProviderDocuments: Sendable {
    private let metadataDocument: RemoteDocument<ProviderMetadata>
    private let keyDocument: RemoteDocument<JWKSet>

    init(configuration: ProviderConfiguration, http: any OutboundHTTP, clock: any WallClock) {
        let metadataDocument = RemoteDocument(lifetime: configuration.documentLifetime, clock: clock) {
            () async throws(ProviderError) in try await Self.metadata(for: configuration, http)
        }
        self.metadataDocument = metadataDocument
        keyDocument = RemoteDocument(lifetime: configuration.documentLifetime, clock: clock) {
            () async throws(ProviderError) in
            try await Self.keys(at: metadataDocument.value().value.jwksURI, http)
        }
    }

    func metadata() async throws(ProviderError) -> ProviderMetadata {
        try await metadataDocument.value().value
    }

    /// Lets `verify` try the keys of the issuer, and once more with fresh ones when a key has come that we do not know yet.
    /// Refetching is rate-limited, so that made-up `kid`s cannot make us hammer the provider; then the token is refused.
    func withKeys<Result>(
        _ verify: (JWKSet) throws(JOSEError) -> Result, refetchWhen isStale: (JOSEError) -> Bool,
        refusing refusal: (JOSEError) -> ProviderError
    ) async throws(ProviderError) -> Result {
        let version = try await keyDocument.value()
        let first: JOSEError
        do throws(JOSEError) {
            return try verify(version.value)
        } catch {
            first = error
        }
        guard isStale(first), let fresh = try await keyDocument.newer(than: version) else { throw refusal(first) }
        do throws(JOSEError) {
            return try verify(fresh.value)
        } catch {
            throw refusal(error)
        }
    }

    private static func metadata(
        for configuration: ProviderConfiguration, _ http: any OutboundHTTP
    ) async throws(ProviderError) -> ProviderMetadata {
        let request = OutboundRequest(
            .get, try ProviderMetadata.address(of: configuration.issuer), accept: "application/json")
        let answer = try await http.answer(to: request, orFailWith: .metadataUnavailable)
        return try ProviderMetadata(
            parsing: answer.document("application/json", orFailWith: .metadataUnavailable), for: configuration)
    }

    private static func keys(at url: OutboundURL, _ http: any OutboundHTTP) async throws(ProviderError) -> JWKSet {
        let request = OutboundRequest(.get, url, accept: "application/json, application/jwk-set+json")
        let answer = try await http.answer(to: request, orFailWith: .keysUnavailable)
        let body = try answer.document("application/json", "application/jwk-set+json", orFailWith: .keysUnavailable)
        do throws(JOSEError) {
            return try JWKSet(parsing: body)
        } catch {
            throw ProviderError(.keysMalformed, error.reason)
        }
    }
}
