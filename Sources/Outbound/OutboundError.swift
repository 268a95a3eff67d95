/// A call to another server that did not come to an answer we can use. Holds no body, no header and no secret.
public enum OutboundError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address is not one that everybody reads alike.
    case addressMalformed
    /// Plain HTTP to somewhere else than a loopback address named in the configuration.
    case insecureOrigin(OutboundOrigin)
    /// The origin is not on the allow-list of the configuration.
    case originNotAllowed(OutboundOrigin)
    /// A header of our own request that could not be sent as it is.
    case requestMalformed
    /// No connection, or one that broke.
    case unreachable(OutboundOrigin)
    /// TLS was refused: certificate out of date, of another name, of an unknown authority.
    case untrustedPeer(OutboundOrigin)
    /// Nothing came, or not all of it, in the time allowed.
    case timedOut(OutboundOrigin)
    /// The answer is longer than the limit, in bytes.
    case answerTooLarge(limit: Int)
    /// The answer is of another media type than the one asked for.
    case wrongContentType

    /// What happened, for the log.
    public var description: String {
        switch self {
        case .addressMalformed: "the address is malformed"
        case .insecureOrigin(let origin): "\(origin) is neither https nor a plain loopback origin of the configuration"
        case .originNotAllowed(let origin): "\(origin) is not among the origins that the configuration allows"
        case .requestMalformed: "a header of the request cannot be sent"
        case .unreachable(let origin): "\(origin) cannot be reached"
        case .untrustedPeer(let origin): "\(origin) has no certificate that this machine trusts"
        case .timedOut(let origin): "\(origin) did not answer in time"
        case .answerTooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .wrongContentType: "the answer is of another media type"
        }
    }
}
