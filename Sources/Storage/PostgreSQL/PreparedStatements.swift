internal import CPostgreSQL
internal import Stores
internal import StoresSQL

/// A statement that a connection has prepared.
final class PreparedStatement {
    let name: String
    /// Held, so that its identity is not given to another one.
    let statement: SQLStatement
    /// The types of the parameters; 0 where the first argument was NULL and the server chose.
    let types: [Oid]
    /// Whether it only reads.
    let isReading: Bool
    /// The columns of its results.
    var columns: SQLColumns?

    init(name: String, statement: SQLStatement, types: [Oid]) {
        self.name = name
        self.statement = statement
        self.types = types
        let words = statement.postgresql.uppercased().split { !$0.isLetter }
        isReading =
            !words.contains { $0 == "INSERT" || $0 == "UPDATE" || $0 == "DELETE" }
            || words.first == "SELECT"
    }

    /// Whether these arguments can be given to it.
    func takes(_ arguments: [SQLValue]) -> Bool {
        zip(types, arguments).allSatisfy { type, argument in argument.type == nil || argument.type == type }
    }
}

/// What a connection has prepared, by the identity of the statement and the types of its arguments.
struct PreparedStatements {
    /// Beyond, statements are prepared each time anew: somebody makes them up as he goes.
    private static let capacity = 500

    private var byStatement: [ObjectIdentifier: [PreparedStatement]] = [:]
    private var count = 0

    /// One that takes these arguments.
    func find(_ statement: SQLStatement, _ arguments: [SQLValue]) -> PreparedStatement? {
        byStatement[ObjectIdentifier(statement)]?.first { $0.takes(arguments) }
    }

    /// One that has yet to be prepared. A type that NULL does not tell is the one that another call told.
    func draft(_ statement: SQLStatement, _ arguments: [SQLValue]) -> PreparedStatement {
        let others = byStatement[ObjectIdentifier(statement)] ?? []
        let types = arguments.indices.map { place -> Oid in
            arguments[place].type ?? others.lazy.map { $0.types[place] }.first { $0 != 0 } ?? 0
        }
        return PreparedStatement(
            name: count < Self.capacity ? "loge\(count + 1)" : "", statement: statement, types: types)
    }

    /// Keeps one that was prepared.
    mutating func keep(_ prepared: PreparedStatement) {
        guard !prepared.name.isEmpty else { return }
        count += 1
        byStatement[ObjectIdentifier(prepared.statement), default: []].append(prepared)
    }
}

extension SQLValue {
    /// The numbers are those of `pg_type.dat`, fixed for ever.
    fileprivate var type: Oid? {
        switch self {
        case .null: nil
        case .text: 25
        case .number: 20
        case .bytes: 17
        }
    }
}

/// Arguments in PostgreSQL's binary form, side by side in one buffer.
struct BinaryArguments {
    private var buffer: [UInt8] = []
    private var places: [Range<Int>?] = []

    /// - Throws: ``StoreError`` for a text that PostgreSQL cannot hold.
    init(_ arguments: [SQLValue]) throws(StoreError) {
        for argument in arguments {
            let start = buffer.count
            switch argument {
            case .null:
                places.append(nil)
                continue
            case .text(let text):
                guard !text.utf8.contains(0) else {
                    throw StoreError(.unexpected, "a text holds U+0000, which PostgreSQL cannot store")
                }
                buffer += text.utf8
            case .number(let number): buffer += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            case .bytes(let bytes): buffer += bytes
            }
            places.append(start..<buffer.count)
        }
        // So that even an empty text has an address: none means NULL.
        buffer.append(0)
    }

    /// Lends what `PQsendQueryPrepared` takes; libpq copies it.
    func send(to prepared: PreparedStatement, over handle: OpaquePointer) -> Int32 {
        unsafe buffer.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe places.map { place -> UnsafePointer<CChar>? in
                guard let place, let start = unsafe start else { return nil }
                return unsafe start + place.lowerBound
            }
            let lengths = places.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: places.count)
            return unsafe PQsendQueryPrepared(handle, prepared.name, Int32(places.count), values, lengths, formats, 1)
        }
    }
}

extension Connection {
    /// Runs one of our own words: BEGIN, COMMIT, ROLLBACK, or the text of a schema step.
    ///
    /// - Returns: what the server says that it did last.
    /// - Throws: ``Failure``.
    @discardableResult
    func command(_ sql: String, within limit: Duration? = nil) throws(Failure) -> String {
        try unsafe roundTrip(within: limit) { handle in unsafe PQsendQuery(handle, sql) }.last?.commandTag ?? ""
    }

    /// The statement as this connection has prepared it, now or earlier.
    ///
    /// - Throws: ``Failure``.
    func prepare(_ statement: SQLStatement, _ arguments: [SQLValue]) throws(Failure) -> PreparedStatement {
        if let known = prepared.find(statement, arguments) { return known }
        let draft = prepared.draft(statement, arguments)
        _ = try unsafe roundTrip { handle in
            unsafe PQsendPrepare(handle, draft.name, statement.postgresql, Int32(draft.types.count), draft.types)
        }
        prepared.keep(draft)
        return draft
    }

    /// Runs a prepared statement.
    ///
    /// - Throws: ``Failure``.
    func run(_ prepared: PreparedStatement, _ arguments: BinaryArguments) throws(Failure) -> QueryResult {
        let results = try unsafe roundTrip { handle in unsafe arguments.send(to: prepared, over: handle) }
        guard let result = results.last, results.count == 1 else {
            throw .lost("PostgreSQL gave \(results.count) results to one statement")
        }
        return result
    }
}
