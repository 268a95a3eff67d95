internal import Stores

/// One statement, written once for both engines in the words of PostgreSQL, with named parameters (`:login`).
///
/// What differs is translated here and nowhere else: parameters become `$1` or `?1`; a line that begins with `FOR` (a
/// row lock) is left out for SQLite, which has one writer at a time and needs none.
public final class SQLStatement: Sendable {
    /// As PostgreSQL reads it.
    public let postgresql: String
    /// As SQLite reads it.
    public let sqlite: String
    /// The names of the parameters, in the order of their numbers.
    public let parameters: [String]

    /// A statement. Made once, as a `static let`: engines prepare it once a connection and know it by its identity.
    public init(_ text: String) {
        let locked = Self.numbered(text, mark: "$")
        postgresql = locked.text
        parameters = locked.names
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let unlocked = lines.filter { !$0.drop(while: { $0 == " " }).hasPrefix("FOR ") }.joined(separator: "\n")
        sqlite = Self.numbered(unlocked, mark: "?").text
    }

    /// The values in the order of the parameters.
    ///
    /// - Throws: ``StoreError`` `.unexpected` when one is missing or none of ours: a mistake in the caller.
    func ordered(_ arguments: KeyValuePairs<String, SQLValue>) throws -> [SQLValue] {
        guard arguments.count == parameters.count else {
            throw StoreError(.unexpected, "the statement has \(parameters.count) parameters, not \(arguments.count)")
        }
        return try parameters.map { name in
            guard let argument = arguments.first(where: { $0.key == name }) else {
                throw StoreError(.unexpected, "the parameter \(name) has no value")
            }
            return argument.value
        }
    }

    private static func numbered(_ text: String, mark: Character) -> (text: String, names: [String]) {
        var result = ""
        var names: [String] = []
        var isQuoted = false
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "'" { isQuoted.toggle() }
            guard character == ":", !isQuoted, let next = rest.first, next.isLetter else {
                result.append(character)
                continue
            }
            let name = String(rest.prefix { $0.isLetter || $0 == "_" })
            rest = rest.dropFirst(name.count)
            if !names.contains(name) { names.append(name) }
            result.append(mark)
            result += String((names.firstIndex(of: name) ?? 0) + 1)
        }
        return (result, names)
    }
}
