/// What an import changes, or would change.
public struct ImportReport: Sendable, Hashable, Codable {
    /// The number of the import; `nil` when nothing was applied.
    public var number: Int64?
    /// Whether it was only tried.
    public var isDryRun: Bool
    /// What each register brings.
    public var registers: [RegisterReport]
    /// Persons of several registers who are one, found by this import.
    public var joined = 0
    /// People who are probably one, and of whom no file tells for certain; found by this import.
    public var probableDoubles: [String: Int] = [:]
    /// What became of the portal's accounts; `nil` when they do not follow the base.
    public var accounts: AccountChanges?

    /// Whether anything is different.
    public var isEmpty: Bool { registers.allSatisfy { register in register.changes.values.allSatisfy(\.isEmpty) } }
}

/// What became of the portal's accounts.
public struct AccountChanges: Sendable, Hashable, Codable {
    /// Accounts made.
    public var created = 0
    /// Accounts whose person changed: name, class, school.
    public var changed = 0
    /// Accounts locked, since the grace of their person is over, or no pupil's file is open to them any more.
    public var locked = 0
    /// Accounts opened again, since their person came back.
    public var unlocked = 0
    /// People without an account, since no login can be made of their names.
    public var unspellable = 0

    /// None.
    public init() {}
}

/// How many of something are different.
public struct ChangeCounts: Sendable, Hashable, Codable {
    /// What the files state.
    public var stated = 0
    /// What the base held as current before; 0 where nobody asked, as in a delta that takes little away.
    public var held = 0
    /// Not held before.
    public var new = 0
    /// Held otherwise.
    public var changed = 0
    /// Held as leaving, and stated again.
    public var back = 0
    /// Held, and not stated any more: the grace begins.
    public var gone = 0

    /// None.
    public init() {}

    /// Whether nothing is different.
    public var isEmpty: Bool { new == 0 && changed == 0 && back == 0 && gone == 0 }

    mutating func count(_ what: String, _ number: Int) {
        switch what {
        case "new": new += number
        case "changed": changed += number
        case "back": back += number
        default: gone += number
        }
    }
}

/// What one register brings.
public struct RegisterReport: Sendable, Hashable, Codable {
    /// The format, such as `AAF 2D`.
    public var format: String
    /// The academy's code, or the school's UAI.
    public var scope: String
    /// `complete`, `changes` or `unstated`.
    public var extent: String
    /// The day of the export, when the files tell it.
    public var date: String?
    /// The files.
    public var files: [String]
    /// By kind: `schools`, `classes`, `pupils`, `responsibles`, `staff`, `mobiles`, `places`, `functions`, `links`.
    public var changes: [String: ChangeCounts] = [:]
    /// School by school, in the order of their UAI.
    public var schools: [SchoolChanges] = []
    /// Stated responsibles to whom no code can be sent.
    public var withoutUsableMobile = 0
    /// Stated mobiles that several responsibles have.
    public var sharedMobiles = 0
    /// Links that name somebody whom neither files nor base hold.
    public var danglingLinks = 0
    /// Places in schools that neither files nor base hold.
    public var unknownSchools = 0
    /// Schools without a number, or whose number has a wrong letter.
    public var doubtfulUAI = 0
    /// Entries that stand several times in the files, in the same words.
    public var repeated = 0
    /// Changes and deletions of what the base does not hold.
    public var unknownTargets = 0
    /// Codes that Loge does not know, by field.
    public var unknownCodes: [String: [String: Int]] = [:]
    /// Numbers in the mobile fields that are nobody's, by reason.
    public var refusedNumbers: [String: Int] = [:]
    /// Numbers in the mobile fields that are landlines, or cannot be told.
    public var landlines = 0
    /// Birth dates that cannot be read.
    public var unreadableBirthDates = 0
    /// Links that a pupil's entry states twice, differently.
    public var contradictoryLinks = 0
    /// Odd places of the files, by kind.
    public var warnings: [String: Int] = [:]
    /// The first of them, as `file:line: kind field`.
    public var firstWarnings: [String] = []

    init(format: String, scope: String, extent: String, date: String?, files: [String]) {
        self.format = format
        self.scope = scope
        self.extent = extent
        self.date = date
        self.files = files
    }
}

/// What changes in one school.
public struct SchoolChanges: Sendable, Hashable, Codable {
    /// Its UAI, or its key when it has none.
    public var school: String
    /// Its name.
    public var name: String
    /// Its pupils.
    public var pupils = ChangeCounts()
    /// The responsibles of its pupils; one who has children in two schools counts in both.
    public var responsibles = ChangeCounts()
    /// Its staff.
    public var staff = ChangeCounts()

    init(school: String, name: String) {
        self.school = school
        self.name = name
    }
}

/// Why an import was refused: nothing has changed.
public struct ImportRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why. The raw values stand in reports.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Files that state the same thing differently.
        case contradiction
        /// More would go than the threshold allows.
        case tooManyGone = "too-many-gone"
        /// More legal levels, names or birth dates would change than the threshold allows.
        case tooManyChanged = "too-many-changed"
        /// A delta that does not follow what the base holds.
        case outOfOrder = "out-of-order"
        /// Another import was applied, or is being applied.
        case concurrent
        /// Nothing to undo.
        case nothingToUndo = "nothing-to-undo"
    }

    /// Why.
    public let reason: Reason
    /// One sentence: what is wrong and what to do.
    public let description: String

    init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        description = sentence
    }
}

/// How far a running import is.
public enum ImportProgress: Sendable, Hashable {
    /// Files are read: bytes of all bytes, and entries so far.
    case reading(bytes: Int64, of: Int64, entries: Int)
    /// What was read is compared with the base.
    case comparing
    /// The differences are written.
    case writing
    /// People of several registers are compared.
    case joining
}
