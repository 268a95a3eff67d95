public import Clocks
internal import Phones
internal import School
internal import Stores
public import StoresSQL

/// What operators and school desks read of the pupil base. Nothing is changed.
public struct BaseReading: Sendable {
    let engine: any SQLEngine
    let grace: Duration

    /// The base on this engine.
    ///
    /// - Parameter grace: how long what a register no longer states still holds.
    public init(on engine: any SQLEngine, grace: Duration = .days(30)) {
        self.engine = engine
        self.grace = grace
    }
}

/// Whether a register still states somebody, or something.
public enum BasePresence: String, Sendable, Hashable, Codable {
    /// It does.
    case current
    /// It no longer does, and the grace runs: it holds.
    case leaving
    /// The grace is over: it holds no more, and is kept for a while.
    case gone
}

/// Why a question to the base has no answer. One sentence; nothing was changed.
public struct BaseQuestionProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why. The raw values stand in answers for scripts.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// No import has that number.
        case unknownImport = "unknown-import"
        /// The import was undone: what it changed is as before.
        case undone
        /// The import is older than what is kept of changes.
        case forgotten
        /// No school has that number.
        case unknownSchool = "unknown-school"
        /// What is looked for has no form that can be looked for.
        case unreadable
    }

    /// Why.
    public let reason: Reason
    /// What is wrong and what to do.
    public let description: String

    init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        description = sentence
    }
}

/// The names of the schools of a base, by register and key: looked up once each.
final class SchoolNames {
    /// What a reader calls a school.
    struct Name {
        let uai: String
        let name: String
        /// The UAI; the key where there is none.
        let label: String
    }

    private let db: any SQLSession
    private var known: [RecordKey: Name] = [:]

    init(_ db: any SQLSession) { self.db = db }

    /// - Throws: `StoreError`.
    func name(_ school: RecordKey) throws -> Name {
        if let name = known[school] { return name }
        let row = try db.row(.schoolName, ["register": .number(school.register), "key": .text(school.key)])
        let uai = try row?.text("uai") ?? ""
        let name = Name(uai: uai, name: try row?.text("name") ?? "", label: uai.isEmpty ? school.key : uai)
        known[school] = name
        return name
    }
}

extension SQLRow {
    /// Whether what this row holds still counts.
    func presence(_ column: String, grace: Duration, now: Instant) throws -> BasePresence {
        let leaving = try number(column)
        guard leaving > 0 else { return .current }
        return now < Instant(millisecondsSinceEpoch: leaving) + grace ? .leaving : .gone
    }

    /// The instant of a column that is 0 for none.
    func leavingSince(_ column: String) throws -> Instant? {
        let leaving = try number(column)
        return leaving > 0 ? Instant(millisecondsSinceEpoch: leaving) : nil
    }

    /// `NOM Prénom`, as a list shows somebody: the usage name, or the birth name where there is none.
    func listedName(_ prefix: String = "") throws -> String {
        let usage = try optionalText(prefix + "usage_name") ?? ""
        let family = usage.isEmpty ? try optionalText(prefix + "birth_name") ?? "" : usage
        let given = try optionalText(prefix + "given_name") ?? ""
        return [family, given].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension SQLStatement {
    fileprivate static let schoolName = SQLStatement(
        "SELECT uai, name FROM base_schools WHERE register = :register AND key = :key AND ended = 0")
}
