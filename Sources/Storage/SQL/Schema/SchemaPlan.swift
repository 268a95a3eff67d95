internal import Stores

/// What a database has taken of the steps of the schema, compared with what this version of Loge knows.
public struct SchemaPlan: Sendable {
    /// One line of `schema_migrations`.
    public struct Applied: Sendable {
        /// The number of the step.
        public let number: Int
        /// The checksum of its text.
        public let checksum: String

        /// A line.
        public init(number: Int, checksum: String) {
            self.number = number
            self.checksum = checksum
        }
    }

    /// The steps that the database still needs, in order.
    public let missing: [Migration]

    /// Compares.
    ///
    /// - Parameters:
    ///   - applied: in the order of their numbers.
    ///   - migrations: the steps known to this version.
    /// - Throws: ``StoreError`` `.newerSchema` when the database knows steps that we do not, `.corrupted` when it was made by
    ///   steps that were edited since.
    public init(applied: [Applied], migrations: [Migration] = Migration.all) throws {
        for (index, line) in applied.enumerated() {
            guard line.number == index + 1 else {
                throw StoreError(
                    .corrupted, "The database has taken schema step \(line.number) without step \(index + 1).")
            }
            guard index < migrations.count else {
                throw StoreError(
                    .newerSchema,
                    "The database has schema step \(applied.count) and this version of Loge knows \(migrations.count): "
                        + "start the version that wrote it, or a newer one.")
            }
            guard line.checksum == migrations[index].checksum else {
                throw StoreError(
                    .corrupted,
                    "Schema step \(line.number) of the database is not the one that this version of Loge ships: "
                        + "a released step was edited.")
            }
        }
        missing = Array(migrations.dropFirst(applied.count))
    }

    /// The table that an empty database gets first, in the words of PostgreSQL.
    public static let ownTable = Migration(
        number: 0, title: "the list of steps",
        sql: """
            CREATE TABLE schema_migrations (
                number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
                checksum TEXT NOT NULL,
                applied_at BIGINT NOT NULL
            );

            """)
}
