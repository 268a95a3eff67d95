internal import Clocks
internal import Stores

/// Which applications read the key set, in SQL. A row without a client is a reading of the key set.
struct SQLKeySetReaderStore: KeySetReaderStore {
    let engine: any SQLEngine

    func note(_ sightings: [KeySetSighting]) async throws -> [KeySetSighting] {
        // In one order on every node, clients first: a reading finds the client that was seen with it.
        let ordered = sightings.sorted { left, right in
            (left.client == nil ? 1 : 0, left.reader, left.client ?? "") < (
                right.client == nil ? 1 : 0, right.reader, right.client ?? ""
            )
        }
        return try await engine.write { db in
            var left: [KeySetSighting] = []
            for sighting in ordered {
                if let client = sighting.client {
                    try db.change(
                        .noteClient,
                        [
                            "reader": .text(sighting.reader), "client": .text(client), "at": .instant(sighting.at),
                        ])
                } else {
                    let kept = try db.change(
                        .noteReading, ["reader": .text(sighting.reader), "at": .instant(sighting.at)])
                    if kept == 0 { left.append(sighting) }
                }
            }
            return Written(left)
        }
    }

    func readings() async throws -> [KeySetReading] {
        try await engine.read { db in
            try db.rows(.readings).map { row in
                KeySetReading(
                    client: try row.text("client"), askedAt: try row.instant("asked_at"),
                    readAt: try row.optionalInstant("read_at"))
            }
        }
    }
}

extension SQLStatement {
    private static let later = """
        ON CONFLICT (reader, client) DO UPDATE
        SET seen_at = CASE WHEN excluded.seen_at > key_set_readers.seen_at THEN excluded.seen_at
            ELSE key_set_readers.seen_at END
        """

    fileprivate static let noteClient = SQLStatement(
        """
        INSERT INTO key_set_readers (reader, client, seen_at) VALUES (:reader, :client, :at)
        \(later)
        """)

    fileprivate static let noteReading = SQLStatement(
        """
        INSERT INTO key_set_readers (reader, client, seen_at)
        SELECT CAST(:reader AS TEXT), '', CAST(:at AS BIGINT)
        WHERE EXISTS (SELECT 1 FROM key_set_readers AS known WHERE known.reader = :reader AND known.client <> '')
        \(later)
        """)

    fileprivate static let readings = SQLStatement(
        """
        SELECT asked.client AS client, MAX(asked.seen_at) AS asked_at, MAX(reading.seen_at) AS read_at
        FROM key_set_readers AS asked
            LEFT JOIN key_set_readers AS reading ON reading.reader = asked.reader AND reading.client = ''
        WHERE asked.client <> ''
        GROUP BY asked.client
        ORDER BY asked.client
        """)
}
