extension Migration {
    /// The pupil base: what the registers state, import by import. Each row holds from the import `started` until the
    /// import `ended`, 0 while it still holds: an import adds rows and closes rows, so that taking it back is exact.
    /// `leaving` is the instant since which a register no longer states something that still holds (0: it states it).
    static let pupilBase = Migration(
        number: 7, title: "the pupil base",
        sql: """
            CREATE TABLE base_registers (
                id BIGINT NOT NULL PRIMARY KEY,
                format TEXT NOT NULL,
                scope TEXT NOT NULL,
                UNIQUE (format, scope)
            );
            CREATE TABLE base_imports (
                id BIGINT NOT NULL PRIMARY KEY,
                applied_at BIGINT NOT NULL,
                undone_at BIGINT,
                followed BIGINT NOT NULL,
                forgotten BIGINT NOT NULL,
                report TEXT NOT NULL
            );
            CREATE TABLE base_exports (
                import BIGINT NOT NULL,
                register BIGINT NOT NULL,
                extent TEXT NOT NULL,
                export_date TEXT NOT NULL,
                aaf_version BIGINT NOT NULL,
                PRIMARY KEY (import, register)
            );
            CREATE TABLE base_schools (
                register BIGINT NOT NULL,
                key TEXT NOT NULL,
                uai TEXT NOT NULL,
                name TEXT NOT NULL,
                type TEXT NOT NULL,
                postal_code TEXT NOT NULL,
                town TEXT NOT NULL,
                leaving BIGINT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_classes (
                register BIGINT NOT NULL,
                school TEXT NOT NULL,
                kind TEXT NOT NULL,
                code TEXT NOT NULL,
                label TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_people (
                register BIGINT NOT NULL,
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                birth_name TEXT NOT NULL,
                usage_name TEXT NOT NULL,
                given_name TEXT NOT NULL,
                other_names TEXT NOT NULL,
                civility TEXT NOT NULL,
                birth_date TEXT NOT NULL,
                mail TEXT NOT NULL,
                postal_code TEXT NOT NULL,
                ine TEXT NOT NULL,
                file_number TEXT NOT NULL,
                level TEXT NOT NULL,
                schools TEXT NOT NULL,
                group_codes TEXT NOT NULL,
                folded_usage TEXT NOT NULL,
                folded_birth TEXT NOT NULL,
                leaving BIGINT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_mobiles (
                register BIGINT NOT NULL,
                person TEXT NOT NULL,
                number BIGINT NOT NULL,
                fields BIGINT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_places (
                register BIGINT NOT NULL,
                pupil TEXT NOT NULL,
                school TEXT NOT NULL,
                class TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_functions (
                register BIGINT NOT NULL,
                person TEXT NOT NULL,
                school TEXT NOT NULL,
                code TEXT NOT NULL,
                discipline TEXT NOT NULL,
                label TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_links (
                register BIGINT NOT NULL,
                pupil TEXT NOT NULL,
                responsible TEXT NOT NULL,
                kind_code TEXT NOT NULL,
                level_form TEXT NOT NULL,
                level_code TEXT NOT NULL,
                aaf_version BIGINT NOT NULL,
                leaving BIGINT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_joins (
                register BIGINT NOT NULL,
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                person_register BIGINT NOT NULL,
                person_key TEXT NOT NULL,
                evidence TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_doubles (
                register BIGINT NOT NULL,
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                other_register BIGINT NOT NULL,
                other_key TEXT NOT NULL,
                reason TEXT NOT NULL,
                started BIGINT NOT NULL,
                ended BIGINT NOT NULL
            );
            CREATE TABLE base_accounts (
                account TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
                register BIGINT NOT NULL,
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                locked BIGINT NOT NULL,
                UNIQUE (register, kind, key)
            );
            \(baseIndexes)

            """)

    /// The indexes of the tables that an import fills: taken away while an empty base is filled, and made again.
    public static let baseIndexes = baseIndexList.map { index in
        "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(index.name) ON \(index.rest);"
    }.joined(separator: "\n")

    /// Drops ``baseIndexes``.
    public static let droppedBaseIndexes = baseIndexList.map { "DROP INDEX \($0.name);" }.joined(separator: "\n")

    private static let baseIndexList: [(name: String, isUnique: Bool, rest: String)] = [
        ("base_schools_live", true, "base_schools (register, key, ended)"),
        ("base_schools_by_uai", false, "base_schools (uai) WHERE ended = 0"),
        ("base_schools_past", false, "base_schools (ended) WHERE ended > 0"),
        ("base_classes_live", true, "base_classes (register, school, kind, code, ended)"),
        ("base_classes_past", false, "base_classes (ended) WHERE ended > 0"),
        ("base_people_live", true, "base_people (register, kind, key, ended)"),
        ("base_people_by_usage", false, "base_people (folded_usage, birth_date) WHERE ended = 0"),
        ("base_people_by_birth", false, "base_people (folded_birth) WHERE ended = 0 AND folded_birth <> ''"),
        ("base_people_by_ine", false, "base_people (ine) WHERE ended = 0 AND ine <> ''"),
        ("base_people_leaving", false, "base_people (leaving) WHERE ended = 0 AND leaving > 0"),
        ("base_people_past", false, "base_people (ended) WHERE ended > 0"),
        ("base_mobiles_live", true, "base_mobiles (register, person, number, ended)"),
        ("base_mobiles_by_number", false, "base_mobiles (number) WHERE ended = 0"),
        ("base_mobiles_past", false, "base_mobiles (ended) WHERE ended > 0"),
        ("base_places_live", true, "base_places (register, pupil, school, class, ended)"),
        ("base_places_by_class", false, "base_places (register, school, class) WHERE ended = 0"),
        ("base_places_past", false, "base_places (ended) WHERE ended > 0"),
        ("base_functions_live", true, "base_functions (register, person, school, code, discipline, ended)"),
        ("base_functions_past", false, "base_functions (ended) WHERE ended > 0"),
        ("base_links_live", true, "base_links (register, pupil, responsible, ended)"),
        ("base_links_by_responsible", false, "base_links (register, responsible) WHERE ended = 0"),
        ("base_links_leaving", false, "base_links (leaving) WHERE ended = 0 AND leaving > 0"),
        ("base_links_past", false, "base_links (ended) WHERE ended > 0"),
        ("base_joins_live", true, "base_joins (register, kind, key, ended)"),
        ("base_joins_by_person", false, "base_joins (person_register, kind, person_key) WHERE ended = 0"),
        ("base_joins_past", false, "base_joins (ended) WHERE ended > 0"),
        (
            "base_doubles_live", true,
            "base_doubles (register, kind, key, other_register, other_key, ended)"
        ),
        ("base_doubles_by_other", false, "base_doubles (other_register, kind, other_key) WHERE ended = 0"),
        ("base_doubles_past", false, "base_doubles (ended) WHERE ended > 0"),
    ]
}
