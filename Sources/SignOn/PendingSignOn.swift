import Clocks
public import Cryptography

/// A sign-on that waits for its person: carried by the browser, not stored, and good in this browser only (OA-21).
public struct PendingSignOn: Sendable, Codable {
    /// What the application wants.
    public let request: SignOnRequest
    /// When it came, in milliseconds since the epoch.
    public let since: Int64
    /// The hash of the browser's own cookie.
    let browser: String

    /// The state that the sign-on is in.
    public var requested: Requested {
        Requested(resuming: request, since: Instant(millisecondsSinceEpoch: since))
    }
}

/// Why a carried sign-on cannot go on.
public enum PendingFailure: Error, Sendable, Equatable {
    /// Altered, too old, or sealed by a key that is gone.
    case unreadable
    /// The browser has no cookie of ours: it refuses them, or lost them.
    case noCookie
    /// It began in another browser.
    case otherBrowser
}

/// Seals pending sign-ons into a text for links and hidden fields, and takes them up again: in any tab, after the back
/// button, after a restart, on another node.
public struct PendingSignOns: Sendable {
    /// How long a sign-on may wait. Nothing in it can be used twice, so a page left open overnight still goes on.
    public static let lifetime = Duration.hours(24)
    private static let purpose = "pending sign-on"

    private let seals: Seals
    private let random: any RandomSource

    /// Pending sign-ons under these seals.
    public init(seals: Seals, random: any RandomSource) {
        self.seals = seals
        self.random = random
    }

    /// A fresh value for the cookie that a pending sign-on is bound to.
    public func freshBrowserCookie() -> String { random.token(bits: 128) }

    /// The sign-on as text.
    ///
    /// - Throws: our own mistakes only.
    public func carry(_ requested: Requested, browserCookie: String) throws -> String {
        let pending = PendingSignOn(
            request: requested.request, since: requested.since.millisecondsSinceEpoch,
            browser: Self.binding(browserCookie))
        return try seals.seal(pending, purpose: Self.purpose)
    }

    /// The sign-on in `text`.
    ///
    /// - Throws: ``PendingFailure``.
    public func takeUp(_ text: String, browserCookie: String?) throws(PendingFailure) -> PendingSignOn {
        guard
            let carried = seals.open(
                text, purpose: Self.purpose, lifetime: Self.lifetime, as: PendingSignOn.self)
        else { throw .unreadable }
        guard let browserCookie else { throw .noCookie }
        guard constantTimeEqual(carried.value.browser, Self.binding(browserCookie)) else { throw .otherBrowser }
        return carried.value
    }

    private static func binding(_ cookie: String) -> String {
        Base64URL.encode(SHA256.hash("browser:" + cookie).prefix(16))
    }
}
