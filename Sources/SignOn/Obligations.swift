public import Stores

/// What a person must settle before going on.
public enum Obligation: String, Sendable, Hashable, CaseIterable {
    /// Choosing a new password.
    case newPassword
    /// Giving a mail address.
    case mail
    /// Accepting the charter in force.
    case charter
}

/// Which obligations there are: configuration.
public struct ObligationRules: Sendable, Hashable {
    /// Whether a mail address must be given.
    public let requiresMail: Bool
    /// The version of the charter in force; `nil` without a charter.
    public let charterVersion: Int?

    /// Rules.
    public init(requiresMail: Bool, charterVersion: Int?) {
        self.requiresMail = requiresMail
        self.charterVersion = charterVersion
    }

    /// What stands open for this account.
    public func open(for account: Account) -> [Obligation] {
        var open: [Obligation] = []
        if case .active(let password) = account.stage, password.mustChange { open.append(.newPassword) }
        if requiresMail, account.mail == nil { open.append(.mail) }
        if let charterVersion, (account.charter?.version ?? 0) < charterVersion { open.append(.charter) }
        return open
    }
}
