extension Migration {
    /// What is used once beside codes, first of all the client assertions.
    static let singleUses = Migration(
        number: 3, title: "values that are used once",
        sql: """
            CREATE TABLE single_uses (
                kind TEXT NOT NULL CHECK (kind <> ''),
                hash BYTEA NOT NULL CHECK (length(hash) = 32),
                remembered_until BIGINT NOT NULL,
                PRIMARY KEY (kind, hash)
            );
            CREATE INDEX single_uses_by_end ON single_uses (remembered_until);

            """)
}
