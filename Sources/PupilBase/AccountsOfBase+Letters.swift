public import Accounts
public import Clocks
internal import Foundation
public import School
internal import Stores
internal import StoresSQL

/// What became of the letters.
public struct LetterCount: Sendable, Hashable {
    /// Letters whose code works.
    public var written = 0
    /// Letters that were written and whose code does not work: meanwhile somebody else made one, or locked the account.
    public var void = 0
}

extension AccountsOfBase {
    /// Makes the codes of all accounts that never had one, school by school, class by class, in the order of the names.
    ///
    /// A letter is written before its code works: what breaks off leaves letters that do not work, and whoever has none is
    /// written one at the next call. Codes are nowhere but in what is written.
    ///
    /// - Parameters:
    ///   - kinds: Whose.
    ///   - school: Those of this school only.
    ///   - progress: Told after each page.
    ///   - write: Writes letters where they stay.
    /// - Throws: `StoreError`, or what `write` throws.
    public func letters(
        for kinds: Set<PersonKind>, of school: UAI? = nil, now: Instant,
        progress: @Sendable (Progress) -> Void = { _ in }, write: ([IssuedAccount]) throws -> Void
    ) async throws -> LetterCount {
        var count = LetterCount()
        let places = try await engine.read { db in
            try db.rows(.schoolsOfWaiting).map { try $0.optionalValue("school") { UAI($0) } }
        }
        for place in places where school == nil || place == school {
            for kind in [PersonKind.staff, .pupil, .responsible] where kinds.contains(kind) {
                var rest = try await waiting(kind, in: place)[...]
                while !rest.isEmpty {
                    let issued = rest.prefix(KeyPage.size).map { account in
                        IssuedAccount(
                            account: account, code: ActivationCode(random: random), expires: now + options.codeLife)
                    }
                    rest = rest.dropFirst(KeyPage.size)
                    try write(issued)
                    let valid = try await give(issued)
                    count.written += valid
                    count.void += issued.count - valid
                    progress(.letters(count.written))
                }
            }
        }
        return count
    }

    /// In the order in which letters are handed out.
    private func waiting(_ kind: PersonKind, in school: UAI?) async throws -> [Account] {
        let accounts = try await engine.read { db in
            let kind: SQLValue = .text(kind.rawValue)
            let rows =
                if let school {
                    try db.rows(.waitingInSchool, ["kind": kind, "school": .text(school.description)])
                } else {
                    try db.rows(.waitingNowhere, ["kind": kind])
                }
            return try rows.map { try $0.account() }
        }
        return accounts.map { account in
            let person = account.person
            return (
                account,
                [
                    person.className ?? "", FoldedName(person.familyName).description,
                    FoldedName(person.givenName).description, account.login.description,
                ]
            )
        }
        .sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    }

    private func give(_ issued: [IssuedAccount]) async throws -> Int {
        try await engine.write { db in
            var given: [StoreChange] = []
            for one in issued {
                let id = one.account.id
                if try db.giveFirstCode(id, one.code.hash, expires: one.expires) { given.append(.account(id)) }
            }
            return Written(given.count, given)
        }
    }
}

extension SQLStatement {
    private static let neverHadACode = """
        accounts.stage = 'awaiting' AND accounts.activation_expires_at = accounts.created_at
            AND accounts.locked_at IS NULL
        """

    fileprivate static let schoolsOfWaiting = SQLStatement(
        """
        SELECT DISTINCT accounts.school AS school
        FROM base_accounts AS held JOIN accounts ON accounts.id = held.account
        WHERE \(neverHadACode)
        ORDER BY accounts.school
        """)

    private static let waiting = """
        SELECT accounts.* FROM accounts JOIN base_accounts AS held ON held.account = accounts.id
        WHERE held.kind = :kind AND \(neverHadACode)
        """

    fileprivate static let waitingInSchool = SQLStatement("\(waiting) AND accounts.school = :school")
    fileprivate static let waitingNowhere = SQLStatement("\(waiting) AND accounts.school IS NULL")
}
