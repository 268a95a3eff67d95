public import Clocks
public import Cryptography
import JOSE

/// A DPoP proof (RFC 9449 §4.2) that passed the checks of §4.3, but for one thing: whether it was used before, which the
/// store knows. In this order:
///
/// - one signed token of the type `dpop+jwt`
/// - an asymmetric algorithm among those allowed
/// - a public key in the header (`jwk`) that is for it, and whose signature it is
/// - `jti`, a short text
/// - `htm` is the method of the request, `htu` its address (query and fragment aside, both normalised)
/// - `iat` is recent; `nbf` and `exp`, which a proof may have, do not exclude the present
/// - `ath` is the hash of the access token, where there is one
/// - the key is the one wanted, where one is
///
/// No `nonce` is ever handed out (§8), so none is looked at: the window of `iat` is short and each proof is used once.
public struct DPoPProof: Sendable, Hashable {
    /// `typ` of the header.
    public static let type = "dpop+jwt"
    /// The algorithms allowed, unless the caller says otherwise.
    public static let algorithms: Set<SignatureAlgorithm> = [.es256, .edDSA]
    /// How old a proof may be.
    public static let longestAge = Duration.seconds(60)
    /// How far the clocks of client and server may differ.
    public static let skew = Duration.seconds(10)
    /// The longest `jti`, in bytes.
    public static let longestIdentifier = 256

    /// The thumbprint of the key (`jkt` of §6.1, `dpop_jkt` of §10).
    public let thumbprint: String
    /// What can be used once: the key with the `jti`, so that nobody can use up the identifiers of another.
    public let use: String
    /// From when the proof is refused by its own date, whichever node is asked.
    public let forgottenAt: Instant

    /// Checks the value of a `DPoP` header.
    ///
    /// - Parameters:
    ///   - method: the method of the request.
    ///   - url: the address of the request as the world writes it; never made from what the request says about its host.
    ///   - accessToken: the access token of the request; `nil` where a request has none (the token endpoint).
    ///   - expectedThumbprint: the thumbprint of the only key that is right here; `nil` when any may come.
    ///   - algorithms: the algorithms allowed.
    ///   - now: the time of the request.
    /// - Throws: ``DPoPError``.
    public init(
        _ text: String, method: String, url: String, accessToken: String? = nil, expectedThumbprint: String? = nil,
        algorithms: Set<SignatureAlgorithm> = Self.algorithms, now: Instant
    ) throws(DPoPError) {
        let proof = try Self.possession(text, algorithms)
        let identifier = try Self.claim("jti", of: proof, .badIdentifier)
        guard identifier.utf8.count <= Self.longestIdentifier else {
            throw DPoPError(.badIdentifier, "jti is too long")
        }
        // Methods differ in letter case (RFC 9110 §9.1).
        guard try Self.claim("htm", of: proof, .wrongMethod) == method else {
            throw DPoPError(.wrongMethod, "htm is another method")
        }
        let address = try Self.claim("htu", of: proof, .wrongURL)
        guard let expected = DPoPAddress(url), DPoPAddress(address) == expected else {
            throw DPoPError(.wrongURL, "htu is another address")
        }
        let issuedAt = try Self.checkTimes(of: proof, now)
        if let accessToken {
            let hash = try Self.claim("ath", of: proof, .wrongAccessToken)
            guard constantTimeEqual(hash, Base64URL.encode(SHA256.hash(accessToken))) else {
                throw DPoPError(.wrongAccessToken, "ath is the hash of another access token")
            }
        }
        if let expectedThumbprint, proof.thumbprint != expectedThumbprint {
            throw DPoPError(.otherKey, "the proof is by another key")
        }
        thumbprint = proof.thumbprint
        // A thumbprint has no blanks.
        use = proof.thumbprint + " " + identifier
        forgottenAt = issuedAt + Self.longestAge + Self.skew + Self.skew
    }

    private static func possession(
        _ text: String, _ algorithms: Set<SignatureAlgorithm>
    ) throws(DPoPError) -> ProofOfPossession {
        do throws(JOSEError) {
            return try UnverifiedJWS(compact: text).possessionProved(type: type, algorithms: algorithms)
        } catch {
            let code: DPoPError.Code =
                switch error.code {
                case .wrongType: .wrongType
                case .algorithmNotAllowed: .algorithmNotAllowed
                case .unsuitableKey, .unknownKey: .unsuitableKey
                case .badSignature: .badSignature
                case .malformed, .unsupportedHeader, .badClaim: .malformed
                }
            throw DPoPError(code, error.reason)
        }
    }

    private static func claim(
        _ name: String, of proof: ProofOfPossession, _ code: DPoPError.Code
    ) throws(DPoPError) -> String {
        do throws(JOSEError) {
            return try proof.text(name)
        } catch {
            throw DPoPError(code, error.reason)
        }
    }

    /// `iat`, once it and its like are found to be right.
    private static func checkTimes(of proof: ProofOfPossession, _ now: Instant) throws(DPoPError) -> Instant {
        let (issuedAt, notBefore, expiry): (Instant?, Instant?, Instant?)
        do throws(JOSEError) {
            (issuedAt, notBefore, expiry) = (
                try proof.instant("iat"), try proof.instant("nbf"), try proof.instant("exp")
            )
        } catch {
            throw DPoPError(.wrongTime, error.reason)
        }
        guard let issuedAt else { throw DPoPError(.wrongTime, "iat is missing") }
        guard now <= issuedAt + longestAge else { throw DPoPError(.wrongTime, "the proof is too old") }
        guard issuedAt <= now + skew else { throw DPoPError(.wrongTime, "the proof comes from the future") }
        if let notBefore, now + skew < notBefore { throw DPoPError(.wrongTime, "the proof is not valid yet") }
        if let expiry, expiry + skew <= now { throw DPoPError(.wrongTime, "the proof has expired") }
        return issuedAt
    }
}
