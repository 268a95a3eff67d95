extension Migration {
    /// Who reads the key set: the places that applications ask from, and when each read the keys last.
    static let keySetReaders = Migration(
        number: 6, title: "which applications read the key set",
        sql: """
            CREATE TABLE key_set_readers (
                reader TEXT NOT NULL CHECK (reader <> ''),
                client TEXT NOT NULL,
                seen_at BIGINT NOT NULL,
                PRIMARY KEY (reader, client)
            );
            CREATE INDEX key_set_readers_by_time ON key_set_readers (seen_at);

            """)
}
