public import Clocks
public import Cryptography
public import Matching
public import School
internal import Stores
public import StoresSQL

/// The portal's accounts of the people of the base: one for each person and kind. Whoever is a pupil and a responsible has
/// two, since an application is told one profile, and each opens something else.
///
/// An account belongs to the founding record of its person, whatever registers state the person later. Its login never
/// changes. Work is done in pages, a transaction each: what broke off goes on at the next call.
public struct AccountsOfBase: Sendable {
    /// How accounts follow the base.
    public struct Options: Sendable {
        /// How long what a register no longer states still holds.
        public var grace = Duration.days(30)
        /// How long the code of a letter works; ACT-01 allows 30 days.
        public var codeLife = Duration.days(30)
        /// Who is a legal representative: nobody else has the account of a responsible.
        public var legal = LegalRules()
        /// Everything is counted and nothing is written.
        public var isDryRun = false

        /// The defaults.
        public init() {}
    }

    /// How far it is.
    public enum Progress: Sendable, Hashable {
        /// Accounts compared with the base so far.
        case followed(Int)
        /// Accounts of that kind made so far.
        case created(PersonKind, Int)
        /// Letters written so far.
        case letters(Int)
    }

    let engine: any SQLEngine
    let random: any RandomSource
    let options: Options

    /// The accounts on this engine.
    public init(on engine: any SQLEngine, random: any RandomSource, options: Options = Options()) {
        self.engine = engine
        self.random = random
        self.options = options
    }

    /// Brings the accounts to what the base says: those whose person changed are changed; those whose person is gone are
    /// locked, and their sessions end; those that were locked so are opened when their person is back. What an operator
    /// locked stays locked, what an operator opened stays open. Then makes the accounts that are missing, without a
    /// code: see ``letters(for:of:now:progress:write:)``.
    ///
    /// - Parameters:
    ///   - kinds: Of whom accounts are made; of nobody when empty.
    ///   - school: Makes those of this school only.
    ///   - number: Compares only the accounts of people whom this import touched, and of those whose grace is over: enough
    ///     when it has just been applied. All when `nil`, as after an import was taken back.
    ///   - progress: Told after each page.
    /// - Returns: What became of them.
    /// - Throws: `StoreError`: the pages before stay.
    public func follow(
        creating kinds: Set<PersonKind> = [], of school: UAI? = nil, touchedBy number: Int64? = nil, now: Instant,
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> AccountChanges {
        var changes = AccountChanges()
        var sight = Sight()
        if let number, let touched = try await touched(by: number, now: now) {
            try await follow(touched, &changes, &sight, now, progress)
        } else {
            try await followAll(&changes, &sight, now, progress)
        }
        for kind in [PersonKind.pupil, .staff, .responsible] where kinds.contains(kind) {
            try await create(kind, school, &changes, &sight, now, progress)
        }
        return changes
    }

    /// Brings the accounts to what the base says since the accounts followed it last: those of the people whom one import
    /// touched, or, after several or after one that was taken back, everybody's. What broke off is done by the next call.
    ///
    /// - Returns: What became of them.
    /// - Throws: `StoreError`: the pages before stay, and the next call begins again.
    public func catchUp(now: Instant) async throws -> AccountChanges {
        let waiting = try await engine.read { db in
            try db.rows(.notFollowed).map {
                (id: try $0.number("id"), isUndone: try $0.optionalNumber("undone_at") != nil)
            }
        }
        let one = waiting.count == 1 && waiting.first?.isUndone == false ? waiting.first?.id : nil
        let changes = try await follow(touchedBy: one, now: now)
        guard !options.isDryRun else { return changes }
        let seen = waiting.map { (id: $0.id, isUndone: $0.isUndone) }
        try await engine.write { db in
            for one in seen {
                // Taken back meanwhile, it has to be followed again.
                try db.change(one.isUndone ? .markUndoneFollowed : .markFollowed, ["id": .number(one.id)])
            }
            return Written(())
        }
        return changes
    }

    /// What is held between pages: read again when an import was applied or taken back.
    struct Sight: Sendable {
        var base: Base?
        var logins = LoginSupply()
    }

    /// What all pages need of the base.
    struct Base: Sendable {
        let mark: BaseMark
        let names: RegisterNames
        let schools: SchoolsOfBase
    }

    /// An import was applied or taken back meanwhile.
    struct Moved: Error {}

    /// Reads a page: all of it of one base.
    ///
    /// - Throws: ``Moved``; `StoreError`.
    func read<Value: Sendable>(
        _ sight: inout Sight, _ now: Instant, _ body: @escaping @Sendable (PeopleOfBase) throws -> Value
    ) async throws -> Value {
        let read = try await engine.read { [base = sight.base, options] db -> (value: Value, base: Base)? in
            let mark = try BaseMark(db)
            let present: Base
            if let base, base.mark == mark {
                present = base
            } else {
                let names = try RegisterNames(db)
                present = Base(mark: mark, names: names, schools: try SchoolsOfBase(db, names))
            }
            let value = try body(
                PeopleOfBase(
                    db: db, names: present.names, schools: present.schools, rules: options.legal, grace: options.grace,
                    now: now))
            return try BaseMark(db) == mark ? (value, present) : nil
        }
        guard let read else { throw Moved() }
        sight.base = read.base
        return read.value
    }

    /// Writes a page, if the base is still the one that was read.
    ///
    /// - Throws: ``Moved``; `StoreError`.
    func write<Value: Sendable>(
        _ sight: Sight, _ body: @escaping @Sendable (any SQLSession) throws -> Written<Value>
    ) async throws -> Value {
        let written = try await engine.write { [mark = sight.base?.mark] db -> Written<Value?> in
            guard try BaseMark(db) == mark else { return Written(nil) }
            let written = try body(db)
            return Written(written.value, written.changes)
        }
        guard let written else { throw Moved() }
        return written
    }

    /// Does a page again when the base moved, or somebody else does the same page: it is read again, so that what was
    /// carried out is not done twice, even where nobody could tell.
    func again<Value>(_ sight: inout Sight, _ page: (inout Sight) async throws -> Value) async throws -> Value {
        var tries = 1
        while true {
            do {
                return try await page(&sight)
            } catch {
                let most =
                    switch (error as? StoreError)?.code {
                    case .conflict: 20
                    // Whoever waits for the other one's page waits no longer than the engine allows.
                    case .unavailable: 4
                    default: error is Moved ? 20 : 1
                    }
                guard tries < most else { throw error }
                tries += 1
                sight = Sight()
            }
        }
    }
}

extension AccountChanges {
    mutating func add(_ other: AccountChanges) {
        created += other.created
        changed += other.changed
        locked += other.locked
        unlocked += other.unlocked
        unspellable += other.unspellable
    }
}

extension SQLStatement {
    fileprivate static let notFollowed = SQLStatement(
        "SELECT id, undone_at FROM base_imports WHERE followed = 0 ORDER BY id")
    fileprivate static let markFollowed = SQLStatement(
        "UPDATE base_imports SET followed = 1 WHERE id = :id AND undone_at IS NULL")
    fileprivate static let markUndoneFollowed = SQLStatement(
        "UPDATE base_imports SET followed = 1 WHERE id = :id AND undone_at IS NOT NULL")
}
