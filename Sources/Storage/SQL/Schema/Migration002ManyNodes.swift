extension Migration {
    /// What many nodes share beyond people: the encrypted keys and the files of the relying parties. Who took part in a
    /// session is read off its used codes, so that redeeming one is a single statement; they go when their session goes.
    static let manyNodes = Migration(
        number: 2, title: "shared keys and relying parties; participants read off the used codes",
        sql: """
            CREATE TABLE code_uses (
                code TEXT NOT NULL PRIMARY KEY CHECK (code <> ''),
                client TEXT NOT NULL,
                session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                redeemed_at BIGINT NOT NULL,
                remembered_until BIGINT NOT NULL,
                replayed_at BIGINT
            );
            INSERT INTO code_uses (code, client, session, redeemed_at, remembered_until, replayed_at)
            SELECT code, client, session, redeemed_at, remembered_until, replayed_at
            FROM code_redemptions WHERE session IN (SELECT id FROM sessions);
            INSERT INTO code_uses (code, client, session, redeemed_at, remembered_until)
            SELECT session || ' ' || client, client, session, since, since
            FROM session_participants;
            DROP TABLE code_redemptions;
            DROP TABLE session_participants;
            ALTER TABLE code_uses RENAME TO code_redemptions;
            CREATE INDEX code_redemptions_by_session ON code_redemptions (session, redeemed_at);

            CREATE TABLE keyring (
                name TEXT NOT NULL PRIMARY KEY CHECK (name = 'keyring'),
                revision BIGINT NOT NULL CHECK (revision > 0),
                manifest BYTEA NOT NULL
            );
            CREATE TABLE key_files (
                name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
                content BYTEA NOT NULL
            );

            CREATE TABLE relying_parties (
                name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
                content TEXT NOT NULL,
                changed_at BIGINT NOT NULL
            );
            CREATE TABLE revisions (
                subject TEXT NOT NULL PRIMARY KEY CHECK (subject <> ''),
                revision BIGINT NOT NULL
            );

            """)
}
