import Clocks
import Cryptography
import Foundation
import JOSE
import OAuth

/// DPoP proofs (RFC 9449): a token that brings its own key.
struct ProofTarget: Sendable {
    static let all = [FuzzTarget(name: "proofs", subject: "DPoPProof") { ProofTarget().run }]

    private static let url = "https://portail.exemple.fr/oidc/token"
    private static let accessToken = "an.access_token~of-ours"
    private let now = Instant(secondsSinceEpoch: 1_788_244_200)
    private let key = prepared { try PrivateKey.generate(.p256) }
    private let header: [String: JSONValue]
    private let claims: [String: JSONValue]
    private let good: String

    init() {
        let key = key
        let jwk = prepared { try JWK(keyID: nil, algorithm: nil, key: key.publicKey()).json() }
        let members = (jwk.object ?? [:]).filter { $0.key != "use" }
        header = ["typ": "dpop+jwt", "alg": "ES256", "jwk": .object(members)]
        claims = [
            "jti": "one-of-a-kind", "htm": "POST", "htu": .string(Self.url), "iat": .integer(now.secondsSinceEpoch),
            "ath": .string(Base64URL.encode(SHA256.hash(Self.accessToken))),
        ]
        good = Self.signed(header, .object(claims), key)
    }

    /// First byte: 0 a proof as it came, 1 changes to the good one, 2 and 3 members of its claims or of its header that are
    /// others, 4 another address; the last three well signed.
    var run: FuzzTarget.Run {
        { input in
            let rest = input.dropFirst()
            switch input.first {
            case 1:
                let text = Edits(rest).applied(to: good)
                hold(isAccepted(text) == text.isExactly(good), "a changed proof is accepted, or the good one refused")
            case 2:
                guard let changes = (try? JSONValue(parsing: rest))?.object else { return }
                let claims = claims.merging(changes) { $1 }
                guard isAccepted(Self.signed(header, .object(claims), key)) else { return }
                let isRight = claims["htm"] == "POST" && claims["ath"] == self.claims["ath"] && claims["jti"] != ""
                hold(isRight && claims["iat"]?.integer != nil, "accepted with the claims \(claims)")
            case 3:
                guard let changes = (try? JSONValue(parsing: rest))?.object else { return }
                let header = header.merging(changes) { $1 }
                guard isAccepted(Self.signed(header, .object(claims), key)) else { return }
                let isRight = header["alg"] == "ES256" && header["crit"] == nil && header["jwk"]?["d"] == nil
                hold(isRight && header["typ"]?.string?.lowercased() == "dpop+jwt", "accepted with the header \(header)")
            case 4:
                let address = String(decoding: rest, as: UTF8.self)
                var claims = claims
                claims["htu"] = .string(address)
                guard isAccepted(Self.signed(header, .object(claims), key)) else { return }
                guard let other = URL(string: address) else { return }
                let isThere = other.host()?.lowercased() == "portail.exemple.fr" && other.user() == nil
                hold(isThere && [nil, 443].contains(other.port), "\(address) is taken for \(Self.url)")
            default:
                hold(!isAccepted(String(decoding: rest, as: UTF8.self)), "a proof is accepted that nobody made")
            }
        }
    }

    private func isAccepted(_ text: String) -> Bool {
        let proof = try? DPoPProof(text, method: "POST", url: Self.url, accessToken: Self.accessToken, now: now)
        return proof != nil
    }

    private static func signed(_ header: [String: JSONValue], _ claims: JSONValue, _ key: PrivateKey) -> String {
        let input = Base64URL.encode(JSONValue.object(header).encoded) + "." + Base64URL.encode(claims.encoded)
        return input + "." + Base64URL.encode(prepared { try key.sign(Array(input.utf8), .es256) })
    }
}
