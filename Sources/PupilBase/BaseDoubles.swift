internal import Stores
internal import StoresSQL

/// Two records that may be of one person; no file tells for certain.
public struct ProbableDouble: Sendable, Hashable, Codable {
    /// `pupil`, `responsible` or `staff`.
    public var kind: String
    /// One record, `register:key`.
    public var record: String
    /// `NOM Prénom` there.
    public var name: String
    /// The other record.
    public var otherRecord: String
    /// `NOM Prénom` there.
    public var otherName: String
    /// Why they may be one.
    public var reason: String
    /// The import that found it.
    public var since: Int64
}

extension BaseReading {
    /// The probable doubles behind `last`, in the order of their first records, at most `limit`.
    ///
    /// - Throws: `StoreError`.
    public func doubles(after last: ProbableDouble? = nil, limit: Int = 500) async throws -> [ProbableDouble] {
        try await engine.read { db in
            let (one, other) = (RecordKey(last?.record ?? ""), RecordKey(last?.otherRecord ?? ""))
            let rows = try db.rows(
                .doublesPage,
                [
                    "register": .number(one?.register ?? 0), "kind": .text(last?.kind ?? ""),
                    "key": .text(one?.key ?? ""),
                    "other_register": .number(other?.register ?? 0), "other_key": .text(other?.key ?? ""),
                    "limit": .number(Int64(limit)),
                ])
            return try rows.map { row in
                ProbableDouble(
                    kind: try row.text("kind"),
                    record: RecordKey(register: try row.number("register"), key: try row.text("key")).description,
                    name: try row.listedName(),
                    otherRecord: RecordKey(
                        register: try row.number("other_register"), key: try row.text("other_key")
                    ).description,
                    otherName: try row.listedName("other_"), reason: try row.text("reason"),
                    since: try row.number("started"))
            }
        }
    }
}

extension SQLStatement {
    fileprivate static let doublesPage = SQLStatement(
        """
        SELECT pair.register AS register, pair.kind AS kind, pair.key AS key, pair.other_register AS other_register,
            pair.other_key AS other_key, pair.reason AS reason, pair.started AS started,
            one.birth_name AS birth_name, one.usage_name AS usage_name, one.given_name AS given_name,
            other.birth_name AS other_birth_name, other.usage_name AS other_usage_name,
            other.given_name AS other_given_name
        FROM base_doubles AS pair
            LEFT JOIN base_people AS one ON one.register = pair.register AND one.kind = pair.kind
                AND one.key = pair.key AND one.ended = 0
            LEFT JOIN base_people AS other ON other.register = pair.other_register AND other.kind = pair.kind
                AND other.key = pair.other_key AND other.ended = 0
        WHERE pair.ended = 0 AND (pair.register, pair.kind, pair.key, pair.other_register, pair.other_key)
            > (:register, :kind, :key, :other_register, :other_key)
        ORDER BY pair.register, pair.kind, pair.key, pair.other_register, pair.other_key
        LIMIT :limit
        """)
}
