internal import DelimitedText

/// Why an import file was not taken. Nothing of it was: an import is all or nothing.
public struct ImportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Hashable {
        /// The file is not UTF-8.
        case notUTF8
        /// A quoted field never ends.
        case openQuote
        /// Something follows a closing quote.
        case textAfterQuote
        /// There is no header.
        case empty
        /// The header has a column that is unknown or comes twice.
        case unknownColumn(String)
        /// The header lacks a column.
        case missingColumn(AccountDescription.Column)
        /// A record has more fields than the header.
        case tooManyFields
        /// A field cannot be taken.
        case field(AccountDescription.Problem)
        /// The login is on an earlier line too.
        case repeatedLogin(earlierLine: Int)
        /// An account has this login already.
        case takenLogin
        /// No login can be made of the names.
        case unspellableName
    }

    /// The line on which the record begins, from 1.
    public let line: Int
    /// What is wrong there.
    public let problem: Problem

    /// A failure on a line.
    public init(line: Int, problem: Problem) {
        self.line = line
        self.problem = problem
    }

    /// One sentence for the operator.
    public var description: String {
        let what =
            switch problem {
            case .notUTF8: "the file is not UTF-8; save it as \"CSV UTF-8\""
            case .openQuote: "a quoted field begins here and never ends"
            case .textAfterQuote: "something other than a separator follows a closing quote"
            case .empty: "the file has no header"
            case .unknownColumn(let name):
                "the column \"\(name)\" is unknown or comes twice; columns are \(Self.columns)"
            case .missingColumn(let column): "the column \(column.rawValue) is missing"
            case .tooManyFields: "the record has more fields than the header"
            case .field(.missing(let column)): "\(column.rawValue) must not be blank"
            case .field(.malformed(let column, let expected)): "\(column.rawValue) must be \(expected)"
            case .repeatedLogin(let earlier): "the login is the same as on line \(earlier)"
            case .takenLogin: "an account has this login already"
            case .unspellableName: "no login can be made of the names; give one"
            }
        return "line \(line): \(what)"
    }

    fileprivate init(_ malformation: CSV.Malformation) {
        switch malformation {
        case .encoding(let line): self.init(line: line, problem: .notUTF8)
        case .openQuote(let line): self.init(line: line, problem: .openQuote)
        case .textAfterQuote(let line): self.init(line: line, problem: .textAfterQuote)
        // No limit is set here: the operator's own file is read whole.
        case .beyond(_, let line): self.init(line: line, problem: .tooManyFields)
        }
    }

    private static let columns = AccountDescription.Column.allCases.map(\.rawValue).joined(separator: ", ")
}

/// The failures of a file, in the order of their lines.
public struct ImportFailures: Error, Sendable, Hashable, CustomStringConvertible {
    /// Past that many the rest is not looked for.
    public static let most = 100

    /// The failures, at least one.
    public let failures: [ImportFailure]

    /// One line a failure.
    public var description: String { failures.map(\.description).joined(separator: "\n") }
}

/// An import file read: a description of an account for each record.
struct ImportFile {
    let records: [(line: Int, description: AccountDescription)]

    init(_ bytes: [UInt8]) throws(ImportFailures) {
        let raw: [CSV.Record]
        do {
            raw = try CSV.records(of: bytes)
        } catch {
            throw ImportFailures(failures: [ImportFailure(error)])
        }
        guard let header = raw.first else {
            throw ImportFailures(failures: [ImportFailure(line: 1, problem: .empty)])
        }
        let columns = try Self.columns(header)
        var records: [(line: Int, description: AccountDescription)] = []
        var failures: [ImportFailure] = []
        for record in raw.dropFirst() {
            if record.fields.count > columns.count {
                failures.append(ImportFailure(line: record.line, problem: .tooManyFields))
                if failures.count == ImportFailures.most { break }
            }
            let fields = Dictionary(zip(columns, record.fields)) { first, _ in first }
            records.append((record.line, AccountDescription(fields)))
        }
        guard failures.isEmpty else { throw ImportFailures(failures: failures) }
        self.records = records
    }

    private static func columns(_ header: CSV.Record) throws(ImportFailures) -> [AccountDescription.Column] {
        var columns: [AccountDescription.Column] = []
        for name in header.fields {
            let word = name.lowercased().filter { !$0.isWhitespace }
            guard let column = AccountDescription.Column(rawValue: word), !columns.contains(column) else {
                throw ImportFailures(failures: [ImportFailure(line: header.line, problem: .unknownColumn(name))])
            }
            columns.append(column)
        }
        // The others may be blank, so they may be absent.
        for column in [AccountDescription.Column.givenName, .familyName, .profile] where !columns.contains(column) {
            throw ImportFailures(failures: [ImportFailure(line: header.line, problem: .missingColumn(column))])
        }
        return columns
    }
}
