import Clocks
import Cryptography
import JOSE

/// JSON, signed and encrypted tokens, key sets.
enum TokenTargets {
    static let all = [
        FuzzTarget(name: "json", subject: "JSONValue") { { json($0) } },
        FuzzTarget(name: "jws", subject: "UnverifiedJWS and its claims") { signedTokens() },
        FuzzTarget(name: "jwe", subject: "UnverifiedJWE under two fixed keys") { encryptedTokens() },
        FuzzTarget(name: "client-keys", subject: "ClientKeySet and JWKSet") { { clientKeys($0) } },
    ]

    /// What is read is written so that it reads the same again.
    private static func json(_ input: [UInt8]) {
        guard let value = try? JSONValue(parsing: input) else { return }
        let again = try? JSONValue(parsing: value.encoded, maximumLength: .max)
        hold(again?.encoded == value.encoded, "JSON reads otherwise once written: \(value.text)")
    }

    /// First byte: 0 a token as it came, 1 changes to a good one, 2 claims to be signed and read.
    private static func signedTokens() -> FuzzTarget.Run {
        let (signer, keys) = prepared {
            let key = try PrivateKey.generate(.p256)
            let set = JWKSet([JWK(keyID: "k", algorithm: .es256, key: try key.publicKey())])
            return (TokenSigningKey(keyID: "k", algorithm: .es256, key: key), set)
        }
        let now = Instant(secondsSinceEpoch: 1_788_244_200)
        let claims: JSONValue = [
            "iss": "https://portail.exemple.fr", "sub": "un", "aud": ["ent"], "exp": 1_788_244_500,
        ]
        let good = prepared { try signer.sign(claims, type: "JWT") }
        return { input in
            let rest = input.dropFirst()
            switch input.first {
            case 2:
                guard let value = try? JSONValue(parsing: rest) else { return }
                let token = prepared { try signer.sign(value) }
                let claims = try? verified(token, keys)
                hold(claims != nil || value.object == nil || token.utf8.count > 16384, "our own token is refused")
                read(claims, now: now)
            case 1:
                let token = Edits(rest).applied(to: good)
                let claims = try? verified(token, keys)
                hold(claims == nil || token.isExactly(good), "a changed token is accepted: \(token)")
                hold(claims != nil || !token.isExactly(good), "the good token is refused")
            default:
                let claims = try? verified(String(decoding: rest, as: UTF8.self), keys)
                hold(claims == nil, "a token is accepted that nobody signed")
            }
        }
    }

    private static func verified(_ token: String, _ keys: JWKSet) throws -> VerifiedClaims {
        let token = try UnverifiedJWS(compact: token)
        _ = token.claimedIssuer
        return try token.verified(by: keys, algorithms: Set(SignatureAlgorithm.allCases), types: [nil, "jwt"])
    }

    private static func read(_ claims: VerifiedClaims?, now: Instant) {
        guard let claims else { return }
        _ = try? claims.checkTimes(now: now)
        _ = try? claims.audiences()
        for name in ["iss", "sub", "iat", "exp", "nbf", "jti"] {
            _ = try? claims.text(name)
            _ = try? claims.instant(name)
        }
    }

    /// First byte: 0 a token as it came, 1 changes to a good one of RSA-OAEP-256, 2 of ECDH-ES, 3 bytes there and back.
    private static func encryptedTokens() -> FuzzTarget.Run {
        let random = SystemRandom()
        let keys = prepared {
            let wide = try TokenDecryptionKey(keyID: "r", algorithm: .rsaOAEP256, key: PrivateKey.generate(.rsa))
            let curve = try TokenDecryptionKey(keyID: "e", algorithm: .ecdhES, key: PrivateKey.generate(.p256))
            return [wide, curve]
        }
        let senders = prepared { try keys.map { try $0.encryptionKey() } }
        let good = prepared { try senders.map { try $0.encrypt(nested: "e30.e30.AA", random: random) } }
        return { input in
            let rest = input.dropFirst()
            switch input.first {
            case 3:
                for sender in senders {
                    let token = prepared { try sender.encrypt(Array(rest), random: random) }
                    hold(opened(token, keys)?.elementsEqual(rest) == true, "encrypted bytes come back otherwise")
                }
            case 1, 2:
                let original = good[input.first == 1 ? 0 : 1]
                let token = Edits(rest).applied(to: original)
                let content = opened(token, keys)
                hold(content == nil || token.isExactly(original), "a changed token is opened: \(token)")
                hold(content != nil || !token.isExactly(original), "the good token is not opened")
            default:
                hold(opened(String(decoding: rest, as: UTF8.self), keys) == nil, "a token nobody made is opened")
            }
        }
    }

    private static func opened(_ token: String, _ keys: [TokenDecryptionKey]) -> [UInt8]? {
        let algorithms = Set(KeyManagementAlgorithm.allCases)
        guard let token = try? UnverifiedJWE(compact: token),
            let content = try? token.decrypted(by: keys, algorithms: algorithms, random: SystemRandom())
        else { return nil }
        _ = try? content.nestedToken()
        return content.bytes
    }

    /// A set that is accepted encrypts, verifies and is written again.
    private static func clientKeys(_ input: [UInt8]) {
        _ = try? JWKSet(parsing: input)
        if let json = try? JSONValue(parsing: input) { _ = try? JWK(declared: json) }
        guard let set = try? ClientKeySet(parsing: input) else { return }
        for algorithm in KeyManagementAlgorithm.allCases {
            guard let key = set.encryptionKey(for: algorithm) else { continue }
            let token = try? key.encrypt(nested: "e30.e30.AA", random: SystemRandom())
            hold(token != nil, "an accepted key does not encrypt by \(algorithm.rawValue)")
        }
        guard let published = try? set.signatureKeys.json(), let again = try? JWKSet(parsing: published.encoded) else {
            return hold(false, "accepted keys cannot be written and read")
        }
        hold(again.keys.count == set.signatureKeys.keys.count, "an accepted key is lost when it is written")
        for key in set.signatureKeys.keys {
            hold((try? key.key.jwkThumbprint()) != nil, "an accepted key has no thumbprint")
            hold(!key.key.isValid([1, 2, 3], of: [], key.algorithm ?? .es256), "three bytes are a signature")
        }
    }
}
