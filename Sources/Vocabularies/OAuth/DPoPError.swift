/// A DPoP proof that is refused. The answer to all of them is `invalid_dpop_proof` (RFC 9449 §5, §7.1); but for
/// `.otherKey`, where it may be that of the token or code that was brought along.
public struct DPoPError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Hashable {
        /// Not one signed token in compact form, with the header of a proof.
        case malformed
        /// `typ` is not `dpop+jwt`.
        case wrongType
        /// `alg` is not among those allowed: `none`, a symmetric one, or another.
        case algorithmNotAllowed
        /// `jwk` is private, symmetric, weak, or not for the algorithm of the header.
        case unsuitableKey
        /// The signature is not that of the key in the header.
        case badSignature
        /// `jti` is missing or of another form.
        case badIdentifier
        /// `htm` is missing or another method than that of the request.
        case wrongMethod
        /// `htu` is missing or another address than that of the request.
        case wrongURL
        /// `iat` is missing, too old or ahead; or `nbf` or `exp` excludes the present.
        case wrongTime
        /// `ath` is missing or of another access token.
        case wrongAccessToken
        /// A good proof, but of another key than the one wanted.
        case otherKey
    }

    /// What happened, for code.
    public let code: Code
    /// What happened, for the log; never holds a proof or a token.
    public let reason: String

    /// An error of kind `code`.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// Two errors are equal when their codes are.
    public static func == (left: DPoPError, right: DPoPError) -> Bool { left.code == right.code }
}
