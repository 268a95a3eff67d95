public import Hummingbird
import Logging
import NIOCore

/// The context of one request at a role.
public struct RoleContext: RequestContext {
    /// What Hummingbird needs.
    public var coreContext: CoreRequestContextStorage
    /// The address of the peer: a proxy's, when there is one; `nil` in tests without a socket.
    public let peer: String?

    /// The context of a request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }

    /// Forms and requests of people are small.
    public var maxUploadSize: Int { FormFields.maximumLength }
}
