public import Clocks
public import Cryptography
import Foundation
public import Keyring

/// A value that the browser carries for us: sealed, for one purpose, with the moment of its making inside.
public struct Carried<Value: Codable & Sendable>: Sendable {
    /// The value.
    public let value: Value
    /// When it was sealed.
    public let since: Instant
}

/// Seals and opens what browsers carry. Every live sealing key opens, so that a restart, another node or a rotation of keys
/// changes nothing.
public struct Seals: Sendable {
    private let keyring: Keyring
    private let clock: any WallClock
    private let random: any RandomSource

    /// Seals under the keys of `keyring`.
    public init(keyring: Keyring, clock: any WallClock, random: any RandomSource) {
        self.keyring = keyring
        self.clock = clock
        self.random = random
    }

    private struct Envelope<Value: Codable & Sendable>: Codable {
        let since: Int64
        let value: Value
        enum CodingKeys: String, CodingKey {
            case since = "t"
            case value = "v"
        }
    }

    /// `value` sealed for `purpose`.
    ///
    /// - Throws: `CryptographyError`, or an encoding error, both our own mistake.
    public func seal(_ value: some Codable & Sendable, purpose: String) throws -> String {
        let envelope = Envelope(since: clock.now().millisecondsSinceEpoch, value: value)
        let bytes = Array(try JSONEncoder().encode(envelope))
        return try keyring.snapshot.seal(bytes, purpose: purpose, random: random)
    }

    /// What is inside `text`; `nil` for anything that we did not seal for this purpose, or longer ago than `lifetime`.
    public func open<Value: Codable & Sendable>(
        _ text: String, purpose: String, lifetime: Duration, as type: Value.Type = Value.self
    ) -> Carried<Value>? {
        guard text.utf8.count <= 16384, let bytes = try? keyring.snapshot.open(text, purpose: purpose),
            let envelope = try? JSONDecoder().decode(Envelope<Value>.self, from: Data(bytes))
        else { return nil }
        let since = Instant(millisecondsSinceEpoch: envelope.since)
        let now = clock.now()
        guard now < since + lifetime, since <= now + .minutes(5) else { return nil }
        return Carried(value: envelope.value, since: since)
    }
}
