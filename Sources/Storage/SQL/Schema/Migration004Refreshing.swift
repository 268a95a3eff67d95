extension Migration {
    /// What a used code gives may be refreshed: the used code is the family of its refresh tokens, and counts them.
    static let refreshing = Migration(
        number: 4, title: "refresh tokens, counted at the code they come from; revocation",
        sql: """
            ALTER TABLE code_redemptions ADD COLUMN refreshable_until BIGINT;
            ALTER TABLE code_redemptions ADD COLUMN refreshes BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE code_redemptions ADD COLUMN refreshed_at BIGINT;
            ALTER TABLE code_redemptions ADD COLUMN revoked_at BIGINT;

            """)
}
