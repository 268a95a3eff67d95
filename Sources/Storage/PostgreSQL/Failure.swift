internal import Stores

/// Why the server did not do what it was asked for.
struct Failure: Error {
    /// What is left of the connection, and so what may be done next.
    enum Kind: Hashable {
        /// The server said no; the connection lives.
        case refused(SQLSTATE)
        /// The connection was closed by somebody else. What was on its way may have been carried out.
        case lost
        /// No answer came in time, and we closed the connection. What was on its way may still be carried out.
        case silent
    }

    /// What is left.
    let kind: Kind
    /// In the words of the stores.
    let error: StoreError

    /// A connection that is gone: try later.
    static func lost(_ reason: String) -> Failure { Failure(kind: .lost, error: StoreError(.unavailable, reason)) }

    /// A server that does not answer: try later.
    static func silent(_ reason: String) -> Failure { Failure(kind: .silent, error: StoreError(.unavailable, reason)) }

    /// Whether the transaction may pass when it is tried again.
    var isLostRace: Bool {
        if case .refused(let state) = kind { state.isLostRace } else { false }
    }

    /// Whether the connection is gone.
    var endsConnection: Bool {
        if case .refused = kind { false } else { true }
    }
}
