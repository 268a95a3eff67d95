import Clocks
import Cryptography
import Foundation
import HTTPTypes
import Keyring
import OpenIDConnectProvider
import Web

/// The sign-ons that this browser has under way, one for each tab, sealed in one cookie.
struct SignOnCookie: Sendable {
    /// The most tabs; of more, the oldest sign-on is forgotten and begins again by itself.
    static let maximumCount = 4
    private static let purpose = "demo-ent pending sign-ons"

    private let cookie: RoleCookie
    private let keyring: Keyring
    private let random: any RandomSource

    init(site: RoleSite, keyring: Keyring, random: any RandomSource) {
        cookie = RoleCookie("connexion", at: site)
        self.keyring = keyring
        self.random = random
    }

    /// The sign-ons under way, the oldest first; `nil` when the browser sent no such cookie at all.
    func pendings(in headers: HTTPFields) -> [PendingAuthorization]? {
        guard let text = cookie.value(in: headers) else { return nil }
        // Sealed by a key that is gone, or not by us: as good as empty, and the sign-on begins again.
        guard let json = try? keyring.snapshot.open(text, purpose: Self.purpose),
            let pendings = try? JSONDecoder().decode([PendingAuthorization].self, from: Data(json))
        else { return [] }
        return pendings
    }

    func set(_ pendings: [PendingAuthorization], in headers: inout HTTPFields) throws {
        guard !pendings.isEmpty else { return cookie.erase(in: &headers) }
        let json = try JSONEncoder().encode(pendings.suffix(Self.maximumCount))
        let sealed = try keyring.snapshot.seal(Array(json), purpose: Self.purpose, random: random)
        cookie.set(sealed, maximumAge: .minutes(10), in: &headers)
    }
}

/// The session of this browser at the ENT, sealed in a cookie.
struct SessionCookie: Sendable {
    private let cookie: RoleCookie
    private let keyring: Keyring
    private let random: any RandomSource

    init(site: RoleSite, keyring: Keyring, random: any RandomSource) {
        cookie = RoleCookie("session", at: site)
        self.keyring = keyring
        self.random = random
    }

    func visitor(in headers: HTTPFields, now: Instant) -> Visitor? {
        guard let text = cookie.value(in: headers),
            let json = try? keyring.snapshot.open(text, purpose: Visitor.purpose),
            let visitor = try? JSONDecoder().decode(Visitor.self, from: Data(json)), now < visitor.expiresAt
        else { return nil }
        return visitor
    }

    func set(_ visitor: Visitor, in headers: inout HTTPFields) throws {
        let json = try JSONEncoder().encode(visitor)
        cookie.set(
            try keyring.snapshot.seal(Array(json), purpose: Visitor.purpose, random: random), in: &headers)
    }

    func erase(in headers: inout HTTPFields) { cookie.erase(in: &headers) }
}
