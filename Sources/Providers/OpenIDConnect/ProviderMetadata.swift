import Cryptography
import JOSE
import Outbound

/// What a provider says of itself (OpenID Connect Discovery §3), checked when it was read.
struct ProviderMetadata: Sendable {
    let authorizationEndpoint: OutboundURL
    let tokenEndpoint: OutboundURL
    let userinfoEndpoint: OutboundURL?
    let endSessionEndpoint: OutboundURL?
    let jwksURI: OutboundURL
    /// RFC 9207 §3: whether each answer names its issuer.
    let alwaysNamesIssuer: Bool

    /// Where the discovery document of an issuer is (§4.1).
    static func address(of issuer: String) throws(ProviderError) -> OutboundURL {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let url = try? OutboundURL(parsing: base + "/.well-known/openid-configuration") else {
            throw ProviderError(.configurationUnusable, "the issuer is no address")
        }
        return url
    }

    init(parsing bytes: [UInt8], for configuration: ProviderConfiguration) throws(ProviderError) {
        guard let document = try? JSONValue(parsing: bytes), document.object != nil else {
            throw ProviderError(.metadataMalformed, "the discovery document is no JSON object")
        }
        // §4.3: "MUST be identical". Another issuer's document would send our code and our secret elsewhere (mix-up).
        guard let issuer = document["issuer"]?.string, constantTimeEqual(issuer, configuration.issuer) else {
            throw ProviderError(.metadataIssuerMismatch, "the discovery document is of another issuer")
        }
        authorizationEndpoint = try Self.required("authorization_endpoint", document, configuration)
        tokenEndpoint = try Self.required("token_endpoint", document, configuration)
        jwksURI = try Self.required("jwks_uri", document, configuration)
        userinfoEndpoint = try Self.endpoint("userinfo_endpoint", document, configuration)
        endSessionEndpoint = try Self.endpoint("end_session_endpoint", document, configuration)
        switch document["authorization_response_iss_parameter_supported"] {
        case nil: alwaysNamesIssuer = false
        case .bool(let flag): alwaysNamesIssuer = flag
        default:
            throw ProviderError(.metadataMalformed, "authorization_response_iss_parameter_supported is no truth value")
        }
        try Self.checkOffers(document, configuration)
        if configuration.userinfo != .unused, userinfoEndpoint == nil {
            throw ProviderError(.metadataUnsuitable, "the provider has no userinfo endpoint")
        }
    }

    /// A registration that the provider does not honour is better found here than at the first person's sign-on.
    private static func checkOffers(
        _ document: JSONValue, _ configuration: ProviderConfiguration
    ) throws(ProviderError) {
        try check("response_types_supported", among: ["code"], document)
        try check("token_endpoint_auth_methods_supported", among: [configuration.authentication.method], document)
        try check(
            "id_token_signing_alg_values_supported", among: configuration.idTokenAlgorithms.map(\.rawValue), document)
    }

    private static func check(
        _ member: String, among wanted: [String], _ document: JSONValue
    ) throws(ProviderError) {
        guard let offered = document[member] else { return }
        guard let offered = offered.array else {
            throw ProviderError(.metadataMalformed, "\(member) is no list")
        }
        guard wanted.contains(where: { offered.contains(.string($0)) }) else {
            throw ProviderError(.metadataUnsuitable, "\(member) does not hold what the configuration needs")
        }
    }

    private static func required(
        _ member: String, _ document: JSONValue, _ configuration: ProviderConfiguration
    ) throws(ProviderError) -> OutboundURL {
        guard let url = try endpoint(member, document, configuration) else {
            throw ProviderError(.metadataMalformed, "the discovery document has no \(member)")
        }
        return url
    }

    private static func endpoint(
        _ member: String, _ document: JSONValue, _ configuration: ProviderConfiguration
    ) throws(ProviderError) -> OutboundURL? {
        guard let value = document[member] else { return nil }
        guard let url = value.string.flatMap({ try? OutboundURL(parsing: $0) }) else {
            throw ProviderError(.metadataMalformed, "\(member) is no address")
        }
        guard configuration.allows(url) else { throw ProviderError(.endpointInsecure, "\(member) is not https") }
        return url
    }
}
