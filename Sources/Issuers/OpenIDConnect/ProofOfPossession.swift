import Clocks
import Cryptography
import HTTPTypes
import JOSE
import OAuth
import Stores
import Web

/// A key that a request proved to hold (RFC 9449), but for one thing: whether the proof was used before.
struct ProvedKey: Sendable {
    /// `jkt`.
    let thumbprint: String
    fileprivate let proof: DPoPProof
}

extension OpenIDProvider {
    static let proofHeader = HTTPField.Name("DPoP")

    /// The proof that came with a client's request.
    ///
    /// - Parameter key: the thumbprint that the code or token is bound to.
    /// - Returns: `nil` when there is none and none is needed.
    func proof(with request: ClientRequest, boundTo key: String?) throws(TokenRefusal) -> ProvedKey? {
        let url = site.url(OpenIDRoutes.token.path)
        guard let proof = try proof(in: request.headers, request.method, url, accessToken: nil, now: request.now) else {
            guard key == nil, !request.client.requiresProofOfPossession else {
                throw TokenRefusal(code: .invalidDPoPProof, description: "a DPoP proof is required")
            }
            return nil
        }
        guard key == nil || key == proof.thumbprint else {
            throw TokenRefusal(code: .invalidGrant, description: "the DPoP proof is of another key")
        }
        return proof
    }

    /// The one `DPoP` header of a request, checked (RFC 9449 §4.3).
    func proof(
        in headers: HTTPFields, _ method: HTTPRequest.Method, _ url: String, accessToken: String?, now: Instant
    ) throws(TokenRefusal) -> ProvedKey? {
        guard let name = Self.proofHeader else { return nil }
        let values = headers[values: name]
        guard let text = values.first else { return nil }
        guard values.count == 1 else {
            throw TokenRefusal(code: .invalidDPoPProof, description: "two DPoP proofs at once")
        }
        do {
            let proof = try DPoPProof(text, method: method.rawValue, url: url, accessToken: accessToken, now: now)
            return ProvedKey(thumbprint: proof.thumbprint, proof: proof)
        } catch {
            throw TokenRefusal(
                code: .invalidDPoPProof, description: "the DPoP proof is not valid", detail: error.reason)
        }
    }

    /// Uses the proof, once. Last of all: what is refused for another reason is not used up, and leaves no row.
    ///
    /// - Throws: ``TokenRefusal``, `StoreError`.
    func use(_ proved: ProvedKey?) async throws {
        guard let proved else { return }
        guard
            try await singleUses.use(
                SecretHash(of: proved.proof.use), as: .proofOfPossession, rememberedUntil: proved.proof.forgottenAt)
        else { throw TokenRefusal(code: .invalidDPoPProof, description: "the DPoP proof was used before") }
    }
}
