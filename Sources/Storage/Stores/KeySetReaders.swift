public import Clocks

/// Something seen at one place of the network: a client proved itself there, or somebody read the key set there.
public struct KeySetSighting: Sendable, Hashable {
    /// The place, as a code that only the installation can make; never an address.
    public let reader: String
    /// The client that proved itself; `nil` when the key set was read.
    public let client: String?
    /// When, last.
    public let at: Instant

    /// A sighting.
    public init(reader: String, client: String?, at: Instant) {
        self.reader = reader
        self.client = client
        self.at = at
    }
}

/// What is known of one application and the key set.
public struct KeySetReading: Sendable, Hashable {
    /// The client.
    public let client: String
    /// When it proved itself last.
    public let askedAt: Instant
    /// When the key set was read last at a place where it proves itself; `nil` when that was never seen.
    public let readAt: Instant?

    /// What is known.
    public init(client: String, askedAt: Instant, readAt: Instant?) {
        self.client = client
        self.askedAt = askedAt
        self.readAt = readAt
    }
}

/// Which applications read the key set. Reading it needs no name: what can be known is that it was read at a place where
/// the application also proves itself.
public protocol KeySetReaderStore: Sendable {
    /// Notes the sightings; an earlier one than known changes nothing. A reading of the key set is kept only where a client
    /// was seen already: what strangers read is nobody's business.
    ///
    /// - Returns: the readings that were not kept.
    func note(_ sightings: [KeySetSighting]) async throws -> [KeySetSighting]
    /// What is known, in the order of the clients.
    func readings() async throws -> [KeySetReading]
}
