public import Outbound
import Settings
import Web

/// How a client is told that a session has ended (OpenID Connect Back-Channel Logout §2.2, Front-Channel Logout §2).
///
/// `…_session_required` is read and always met: `sid` is in every ID token, every logout token and every frame.
public struct LogoutRegistration: Sendable {
    /// `backchannel_logout_uri`: told by us, without the browser.
    public let backchannel: OutboundURL?
    /// `frontchannel_logout_uri`: told by the browser, in a frame of the logout page.
    public let frontchannel: String?

    init(_ settings: SettingsNode, redirectURIs: [String]) throws {
        backchannel = try Self.backchannel(settings)
        frontchannel = try Self.frontchannel(settings, redirectURIs)
        for channel in ["backchannel", "frontchannel"] {
            let key = channel + "_logout_session_required"
            _ = try settings.boolean(key, default: false)
            guard !settings.has(key) || settings.has(channel + "_logout_uri") else {
                throw settings.error(at: key, "It means nothing without \(channel)_logout_uri. Remove the key.")
            }
        }
    }

    /// OA-23: an address that this server will call. Read as the outbound client reads it, so that nothing is registered that
    /// could not be called, or be understood in two ways.
    private static func backchannel(_ settings: SettingsNode) throws -> OutboundURL? {
        let key = "backchannel_logout_uri"
        guard let text = try settings.optionalString(key) else { return nil }
        guard let url = try? OutboundURL(parsing: text), url.origin.scheme == .https || url.origin.isLoopback else {
            throw settings.error(
                at: key,
                "\"\(text)\" is not accepted. Write an absolute https address in lower-case letters without fragment (http "
                    + "on localhost only).")
        }
        return url
    }

    /// Scheme, host and port of one of the redirect URIs (Front-Channel Logout §2): the page may not be made to frame
    /// anybody else.
    private static func frontchannel(_ settings: SettingsNode, _ redirectURIs: [String]) throws -> String? {
        let key = "frontchannel_logout_uri"
        guard let text = try settings.optionalString(key) else { return nil }
        guard RedirectURI.isRegistrable(text), let origin = Origin(of: text) else {
            throw settings.error(
                at: key,
                "\"\(text)\" is not accepted. Write an absolute https address without fragment (http on localhost only)."
            )
        }
        guard redirectURIs.contains(where: { Origin(of: $0) == origin }) else {
            throw settings.error(
                at: key, "\"\(text)\" is not of the same scheme, host and port as one of the redirect_uris.")
        }
        return text
    }
}
