internal import School
internal import StoresSQL

/// A page of keys of one register, as the parameters of a statement: so many in one query, however they are scattered.
enum KeyPage {
    /// How many keys a page has at most: accounts in one transaction too.
    static let size = 250

    /// What stands in `key IN (…)`.
    static let marks = names.map { ":" + $0 }.joined(separator: ", ")

    private static let names = (0..<size).map { number in
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        return "k_\(letters[number / letters.count])\(letters[number % letters.count])"
    }

    private static let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })

    /// The arguments of a statement with ``marks``; a page that is not full says its last key again.
    ///
    /// - Parameter keys: at least one, at most ``size``.
    static func arguments(
        of statement: SQLStatement, _ keys: [String], _ others: KeyValuePairs<String, SQLValue>
    ) -> [SQLValue] {
        statement.parameters.map { name in
            if let place = places[name] { return .text(keys[min(place, keys.count - 1)]) }
            return others.first { $0.key == name }?.value ?? .null
        }
    }
}

extension SQLSession {
    /// The rows of a query about a page of keys; none when the page is empty.
    ///
    /// - Throws: `StoreError`.
    func rows(
        _ statement: SQLStatement, of keys: [String], _ others: KeyValuePairs<String, SQLValue> = [:]
    ) throws -> [SQLRow] {
        guard !keys.isEmpty else { return [] }
        return try rows(statement, ordered: KeyPage.arguments(of: statement, keys, others))
    }
}
