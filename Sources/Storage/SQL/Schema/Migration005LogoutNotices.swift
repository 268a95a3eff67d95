extension Migration {
    /// Whom to tell that a session has ended: one row for each application that took part in it.
    static let logoutNotices = Migration(
        number: 5, title: "notices of ended sessions for the applications",
        sql: """
            CREATE TABLE logout_notices (
                id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
                client TEXT NOT NULL CHECK (client <> ''),
                session TEXT NOT NULL,
                account TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'no-channel')),
                created_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                leased_until BIGINT NOT NULL DEFAULT 0,
                expires_at BIGINT NOT NULL,
                tries BIGINT NOT NULL DEFAULT 0,
                last_failure TEXT,
                done_at BIGINT,
                CHECK ((state = 'waiting') = (done_at IS NULL))
            );
            CREATE INDEX logout_notices_by_due ON logout_notices (state, due_at);
            CREATE INDEX logout_notices_by_session ON logout_notices (session);
            CREATE INDEX logout_notices_by_client ON logout_notices (client, due_at) WHERE state = 'waiting';

            """)
}
