public import Clocks
public import Matching
internal import Stores
public import StoresSQL
internal import Synchronization

/// The pupil base as the matching policy asks it: who holds a mobile.
public struct MatchingBase: Sendable {
    private let engine: any SQLEngine
    private let grace: Duration
    /// The registers by number: none is ever taken away or given another number.
    private let known = KnownRegisters()

    /// The base on this engine.
    ///
    /// - Parameter grace: how long what a register no longer states still holds.
    public init(on engine: any SQLEngine, grace: Duration = .days(30)) {
        self.engine = engine
        self.grace = grace
    }

    /// The records that hold the mobile, and those of other registers that share a child with them: everybody whom
    /// ``MatchingPolicy/match(_:among:)`` must see. Nobody when so many hold it that it is no family's.
    ///
    /// - Throws: `StoreError`.
    public func candidates(holding mobile: MobileKey, now: Instant) async throws -> [Responsible] {
        guard let number = Int64(mobile.description) else { return [] }
        return try await engine.read { [grace, known] db in
            if let names = known.names.withLock({ $0 }) {
                do {
                    return try Responsibles(db: db, names: names, grace: grace, now: now).candidates(holding: number)
                } catch let error as StoreError where error.code == .corrupted {
                    // A register that was not there yet.
                }
            }
            let names = try RegisterNames(db)
            known.names.withLock { $0 = names }
            return try Responsibles(db: db, names: names, grace: grace, now: now).candidates(holding: number)
        }
    }

    /// Who of the base made the claim.
    ///
    /// - Throws: `StoreError`.
    public func match(
        _ claim: Claim, by policy: MatchingPolicy = MatchingPolicy(), now: Instant
    ) async throws -> Match {
        policy.match(claim, among: try await candidates(holding: claim.mobile.key, now: now))
    }
}

/// What is remembered between look-ups.
private final class KnownRegisters: Sendable {
    let names = Mutex<RegisterNames?>(nil)
}
