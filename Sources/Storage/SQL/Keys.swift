internal import Stores

/// The shared keys, in SQL. What is stored is encrypted; the passphrase is with the nodes.
struct SQLKeyStore: KeyStore {
    let engine: any SQLEngine

    func revision() async throws -> Int64? {
        try await engine.read { db in try db.row(.keyringRevision).map { try $0.number("revision") } }
    }

    func keys() async throws -> StoredKeys? {
        try await engine.read { db in
            let rows = try db.rows(.keyringContents)
            guard let first = rows.first else { return nil }
            var files: [String: [UInt8]] = [:]
            for row in rows {
                guard let name = try row.optionalText("file") else { continue }
                files[name] = try row.bytes("content")
            }
            return StoredKeys(
                revision: try first.number("revision"), manifest: try first.bytes("manifest"), files: files)
        }
    }

    func replace(
        _ revision: Int64?, manifest: [UInt8], adding files: [String: [UInt8]], removing names: [String]
    ) async throws -> Int64? {
        try await engine.write { db in
            // The one statement that decides who was first.
            if let revision {
                let replaced = try db.change(
                    .replaceKeyring, ["manifest": .bytes(manifest), "revision": .number(revision)])
                guard replaced == 1 else { return Written(nil) }
                try db.add(files)
            } else {
                guard try db.makeKeyring(manifest, files: files) else { return Written(nil) }
            }
            for name in names { try db.change(.removeKeyFile, ["name": .text(name)]) }
            return Written((revision ?? 0) + 1, [.keys])
        }
    }
}

extension SQLSession {
    /// Puts the first keys there. - Returns: `false` when there are some already, and nothing was changed.
    func makeKeyring(_ manifest: [UInt8], files: [String: [UInt8]]) throws -> Bool {
        guard try change(.makeKeyring, ["manifest": .bytes(manifest)]) == 1 else { return false }
        try add(files)
        return true
    }

    fileprivate func add(_ files: [String: [UInt8]]) throws {
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            try change(.addKeyFile, ["name": .text(name), "content": .bytes(content)])
        }
    }
}

extension SQLStatement {
    fileprivate static let keyringRevision = SQLStatement("SELECT revision FROM keyring")

    /// Manifest and files in one statement, so that they are of one moment.
    fileprivate static let keyringContents = SQLStatement(
        """
        SELECT keyring.name, keyring.revision, keyring.manifest, key_files.name AS file, key_files.content
        FROM keyring LEFT JOIN key_files ON key_files.name <> ''
        """)

    fileprivate static let replaceKeyring = SQLStatement(
        "UPDATE keyring SET manifest = :manifest, revision = revision + 1 WHERE revision = :revision")

    fileprivate static let makeKeyring = SQLStatement(
        "INSERT INTO keyring (name, revision, manifest) VALUES ('keyring', 1, :manifest) ON CONFLICT (name) DO NOTHING")

    fileprivate static let addKeyFile = SQLStatement(
        "INSERT INTO key_files (name, content) VALUES (:name, :content)")

    fileprivate static let removeKeyFile = SQLStatement("DELETE FROM key_files WHERE name = :name")
}
