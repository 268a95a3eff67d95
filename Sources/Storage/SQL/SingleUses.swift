internal import Clocks
internal import Stores

/// The values that were used already, in SQL.
struct SQLSingleUseStore: SingleUseStore {
    let engine: any SQLEngine

    func use(_ value: SecretHash, as kind: SingleUseKind, rememberedUntil: Instant) async throws -> Bool {
        try await engine.writeOne { db in
            try db.change(
                .useOnce,
                ["kind": .text(kind.rawValue), "hash": .hash(value), "until": .instant(rememberedUntil)]) == 1
        }
    }
}

extension SQLStatement {
    /// The primary key lets the first in and nobody else.
    fileprivate static let useOnce = SQLStatement(
        """
        INSERT INTO single_uses (kind, hash, remembered_until) VALUES (:kind, :hash, :until)
        ON CONFLICT (kind, hash) DO NOTHING
        """)
}
