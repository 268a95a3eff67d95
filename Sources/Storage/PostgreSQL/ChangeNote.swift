internal import Stores

/// What one node tells the others: its own name, so that it does not listen to itself, and what changed. Identifiers
/// only: a notification goes to whoever may connect to the database.
///
/// `N0de aAccount sSession k r`: `a` an account, `s` a session, `k` the keys, `r` the relying parties, `*` everything.
struct ChangeNote: Equatable {
    static let channel = "loge_changes"
    /// "In the default configuration it must be shorter than 8000 bytes."
    private static let capacity = 7999

    let origin: String
    let changes: [StoreChange]

    init(origin: String, changes: [StoreChange]) {
        self.origin = origin
        self.changes = changes
    }

    /// Reads a note. What we do not understand, of a newer node perhaps, may be anything.
    init(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        origin = words.first.map(String.init) ?? ""
        let changes = words.dropFirst().map { word -> StoreChange in
            let rest = String(word.dropFirst())
            return switch (word.first, rest.isEmpty) {
            case ("a", false): .account(AccountID(rest))
            case ("s", false): .session(SessionID(rest))
            case ("k", true): .keys
            case ("r", true): .relyingParties
            default: .everything
            }
        }
        self.changes = changes.isEmpty || changes.contains(.everything) ? [.everything] : changes
    }

    /// The note as it is sent. What does not fit, or cannot be written, becomes "everything".
    var text: String {
        let words = changes.map(Self.word)
        let text = ([origin] + words.map { $0 ?? "*" }).joined(separator: " ")
        return text.utf8.count <= Self.capacity ? text : origin + " *"
    }

    private static func word(_ change: StoreChange) -> String? {
        switch change {
        case .account(let account): word("a", account.description)
        case .session(let session): word("s", session.description)
        case .keys: "k"
        case .relyingParties: "r"
        case .everything: "*"
        }
    }

    private static func word(_ kind: String, _ identifier: String) -> String? {
        let isPlain = !identifier.isEmpty && identifier.utf8.allSatisfy { (33...126).contains($0) }
        return isPlain ? kind + identifier : nil
    }
}
