import Cryptography
import Outbound

/// Redeems a code at the token endpoint (RFC 6749 §4.1.3, OIDC Core §3.1.3.1).
struct TokenRequest: Sendable {
    let configuration: ProviderConfiguration
    let metadata: ProviderMetadata
    let http: any OutboundHTTP

    func redeem(_ accepted: AcceptedCode) async throws(ProviderError) -> TokenResponse {
        let response = try await http.answer(to: request(accepted), orFailWith: .tokenUnavailable)
        guard response.status == 200 else { throw Self.refusal(response) }
        return try TokenResponse(parsing: response.document("application/json", orFailWith: .tokenMalformed))
    }

    private func request(_ accepted: AcceptedCode) -> OutboundRequest {
        var fields: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", accepted.code),
            ("redirect_uri", configuration.redirectURI), ("code_verifier", accepted.pending.codeVerifier),
        ]
        var authorization: String?
        switch configuration.authentication {
        case .secretBasic(let secret):
            // RFC 6749 §2.3.1: both are form-encoded before they are put together.
            let credentials = FormEncoding.encode(configuration.clientID) + ":" + FormEncoding.encode(secret.text)
            authorization = "Basic " + Base64.encode(Array(credentials.utf8))
        case .secretPost(let secret):
            fields += [("client_id", configuration.clientID), ("client_secret", secret.text)]
        }
        return OutboundRequest(
            .post(form: Array(FormEncoding.encode(fields).utf8)), metadata.tokenEndpoint, accept: "application/json",
            authorization: authorization)
    }

    /// RFC 6749 §5.2: 400 or 401 with the name of the error; anything else is a server that does not work.
    private static func refusal(_ response: OutboundResponse) -> ProviderError {
        guard [400, 401].contains(response.status) else {
            return ProviderError(.tokenUnavailable, "the token endpoint answered with status \(response.status)")
        }
        let name = (try? response.body(ofType: "application/json")).flatMap { TokenErrorName(parsing: $0) }
        return ProviderError(.tokenRefused, "the token endpoint answered \(name?.text ?? "no error name")")
    }
}

extension SecretBytes {
    /// The secret as text, for the one request that carries it.
    fileprivate var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
