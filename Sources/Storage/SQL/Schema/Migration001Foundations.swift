extension Migration {
    /// Accounts, sessions, used codes, tries, links, messages.
    static let foundations = Migration(
        number: 1, title: "accounts, sessions and what is used once",
        sql: """
            CREATE TABLE accounts (
                id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
                login TEXT NOT NULL UNIQUE CHECK (login <> ''),
                given_name TEXT NOT NULL,
                family_name TEXT NOT NULL,
                profile TEXT NOT NULL,
                level TEXT,
                school TEXT CHECK (length(school) = 8),
                class_name TEXT,
                birth_date TEXT CHECK (length(birth_date) = 10),
                stage TEXT NOT NULL CHECK (stage IN ('awaiting', 'active')),
                activation_code BYTEA CHECK (length(activation_code) = 32),
                activation_expires_at BIGINT,
                password_hash TEXT,
                password_changed_at BIGINT,
                password_must_change BIGINT NOT NULL DEFAULT 0 CHECK (password_must_change IN (0, 1)),
                locked_at BIGINT,
                lock_reason TEXT,
                mail TEXT,
                mail_key TEXT,
                mail_verified BIGINT NOT NULL DEFAULT 0 CHECK (mail_verified IN (0, 1)),
                mobile TEXT,
                charter_version BIGINT,
                charter_accepted_at BIGINT,
                created_at BIGINT NOT NULL,
                revision BIGINT NOT NULL CHECK (revision > 0),
                search TEXT NOT NULL,
                CHECK ((stage = 'awaiting') = (activation_code IS NOT NULL)),
                CHECK ((stage = 'awaiting') = (activation_expires_at IS NOT NULL)),
                CHECK ((stage = 'active') = (password_hash IS NOT NULL)),
                CHECK ((stage = 'active') = (password_changed_at IS NOT NULL)),
                CHECK ((locked_at IS NULL) = (lock_reason IS NULL)),
                CHECK ((mail IS NULL) = (mail_key IS NULL)),
                CHECK (mail IS NOT NULL OR mail_verified = 0),
                CHECK ((charter_version IS NULL) = (charter_accepted_at IS NULL))
            );
            CREATE INDEX accounts_by_mail ON accounts (mail_key, created_at);
            CREATE INDEX accounts_by_school ON accounts (school, login);

            CREATE TABLE sessions (
                id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
                account TEXT NOT NULL REFERENCES accounts (id),
                generation BIGINT NOT NULL CHECK (generation > 0),
                created_at BIGINT NOT NULL,
                authenticated_at BIGINT NOT NULL,
                acr TEXT NOT NULL,
                amr TEXT NOT NULL,
                door TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                device TEXT NOT NULL,
                ended_at BIGINT
            );
            CREATE INDEX sessions_by_account ON sessions (account, created_at);
            CREATE INDEX sessions_by_expiry ON sessions (expires_at);
            CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

            CREATE TABLE session_participants (
                session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                client TEXT NOT NULL,
                since BIGINT NOT NULL,
                place BIGINT NOT NULL,
                PRIMARY KEY (session, client)
            );

            CREATE TABLE code_redemptions (
                code TEXT NOT NULL PRIMARY KEY CHECK (code <> ''),
                client TEXT NOT NULL,
                session TEXT NOT NULL,
                redeemed_at BIGINT NOT NULL,
                remembered_until BIGINT NOT NULL,
                replayed_at BIGINT
            );
            CREATE INDEX code_redemptions_by_end ON code_redemptions (remembered_until);

            CREATE TABLE attempts (
                key BYTEA NOT NULL CHECK (length(key) = 32),
                place BIGINT NOT NULL,
                tried_at BIGINT NOT NULL,
                forgotten_at BIGINT NOT NULL,
                PRIMARY KEY (key, place)
            );
            CREATE INDEX attempts_by_end ON attempts (forgotten_at);

            CREATE TABLE mailed_links (
                account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                purpose TEXT NOT NULL CHECK (purpose IN ('reset-password', 'verify-mail')),
                token BYTEA NOT NULL UNIQUE CHECK (length(token) = 32),
                mail TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                PRIMARY KEY (account, purpose)
            );
            CREATE INDEX mailed_links_by_expiry ON mailed_links (expires_at);

            CREATE TABLE outbox (
                id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
                kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')),
                state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
                recipient TEXT NOT NULL,
                subject TEXT,
                body TEXT,
                created_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                tries BIGINT NOT NULL DEFAULT 0,
                last_failure TEXT,
                sent_at BIGINT,
                CHECK ((state = 'waiting') = (body IS NOT NULL)),
                CHECK ((state = 'sent') = (sent_at IS NOT NULL))
            );
            CREATE INDEX outbox_by_due ON outbox (state, due_at);

            """)
}
