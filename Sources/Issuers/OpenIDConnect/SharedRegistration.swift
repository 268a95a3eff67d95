import Cryptography
import Foundation
import JOSE
import Settings

/// The file of a relying party as it may be shared and kept: without any secret, only their hashes. It says the same.
public struct SharedRegistration: Sendable {
    /// Why a file cannot be shared as it is, and what to write instead; never holds a secret.
    public struct Problem: Error, Equatable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    /// Its text.
    public let text: String
    /// The client that it registers.
    public let client: Client

    /// Reads the file at `path` and those that it names, and writes hashes where it has secrets.
    ///
    /// - Throws: `SettingsError` with the line and what is accepted; ``Problem`` when the file cannot be read, or a secret
    ///   stands where it cannot be replaced safely.
    public init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem(description: "\(path) cannot be read: check that it is there and its rights.")
        }
        guard data.count <= SettingsFile.sizeLimit, let text = String(validating: data, as: UTF8.self) else {
            throw Problem(description: "\(path) is no UTF-8 text of a relying party: is it the right file?")
        }
        try self.init(text: text, name: path)
    }

    /// Takes `text` as if it were the file `name`.
    ///
    /// - Throws: as ``init(path:)``.
    public init(text: String, name: String) throws {
        let (client, given, keyFile) = try SettingsFile.read(text: text, name: name) { node in
            (
                try Client(node), try GivenSecrets(node),
                node.has("jwks_file") ? try node.optionalDocument("jwks") : nil
            )
        }.value
        // By scalars: as characters, CR and LF are one.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines[0].unicodeScalars.first == "\u{FEFF}" { lines[0].unicodeScalars.removeFirst() }
        for secret in given.secrets { try Self.replace(secret, in: &lines, name) }
        if let keyFile { try Self.replaceKeyFile(by: keyFile, in: &lines, name) }
        let shared = lines.joined(separator: "\n")
        // It must say what the file said. What is wrong with it is not told: that could quote a secret.
        guard let written = try? SettingsFile.read(text: shared, name: name, { try Client($0) }).value,
            written.secretHashes == client.secretHashes, written.id == client.id,
            try written.assertions?.keys.json() == client.assertions?.keys.json(),
            try written.encryptionKeys == client.encryptionKeys
        else {
            throw Problem(
                description: "\(name): a secret does not stand on one line of its own. Write client_secret: and the "
                    + "secret on one line, or give its SHA-256 as client_secret_sha256.")
        }
        try Self.refuseRests(of: given, in: lines, name)
        self.text = shared
        self.client = written
    }

    /// `client_secret: …` and `client_secret_file: …` at the left margin become `client_secret_sha256: …`.
    private static func replace(_ secret: GivenSecrets.Secret, in lines: inout [String], _ path: String) throws {
        let places = lines.indices.filter { lines[$0].hasPrefix(secret.writtenKey + ":") }
        guard let place = places.first, places.count == 1 else {
            throw Problem(
                description: "\(path): \(secret.writtenKey) does not begin a line. Write it there, without quotation "
                    + "marks around the key, or give the secret's SHA-256 as \(secret.key)_sha256.")
        }
        guard !secret.hasHash else {
            throw Problem(
                description: "\(path): \(secret.writtenKey) and \(secret.key)_sha256 are both given. Keep one; a "
                    + "second secret is a next_client_secret.")
        }
        let digits = secret.hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        lines[place] = "\(secret.key)_sha256: \(digits)" + (lines[place].hasSuffix("\r") ? "\r" : "")
    }

    /// `jwks_file: …` at the left margin becomes `jwks: …`: another node does not have the file.
    private static func replaceKeyFile(by document: [UInt8], in lines: inout [String], _ path: String) throws {
        let places = lines.indices.filter { lines[$0].hasPrefix("jwks_file:") }
        guard let place = places.first, places.count == 1, let keys = try? JSONValue(parsing: document) else {
            throw Problem(
                description: "\(path): jwks_file does not begin a line. Write it there, without quotation marks around "
                    + "the key, or give the keys as jwks.")
        }
        lines[place] = "jwks: \(keys.text)" + (lines[place].hasSuffix("\r") ? "\r" : "")
    }

    /// A secret may stand in a comment too, present or old.
    private static func refuseRests(of given: GivenSecrets, in lines: [String], _ path: String) throws {
        for (index, line) in lines.enumerated() {
            let comment = line.drop { $0 != "#" }.drop { $0 == "#" || $0 == " " || $0 == "\t" }
            let isOld = GivenSecrets.keys.contains { comment.hasPrefix($0 + ":") && comment.count > $0.count + 2 }
            guard isOld || given.secrets.contains(where: { $0.stands(in: line) }) else { continue }
            throw Problem(
                description: "\(path):\(index + 1): a secret stands here too, perhaps in a comment. Take it out.")
        }
    }
}

/// The secrets that a file gives, itself or by naming a file.
private struct GivenSecrets {
    static let keys = ["client_secret", "next_client_secret"]

    struct Secret {
        let key: String
        let isFile: Bool
        /// Whether the key's `_sha256` is given beside it.
        let hasHash: Bool
        let value: SecretBytes

        var writtenKey: String { isFile ? key + "_file" : key }
        var hash: [UInt8] { value.withBytes { SHA256.hash($0) } }

        func stands(in line: String) -> Bool {
            value.withBytes { bytes in Array(line.utf8).firstRange(of: bytes) != nil }
        }
    }

    var secrets: [Secret] = []

    init(_ node: SettingsNode) throws {
        for key in Self.keys {
            guard let value = try node.optionalSecret(key) else { continue }
            secrets.append(
                Secret(key: key, isFile: node.has(key + "_file"), hasHash: node.has(key + "_sha256"), value: value))
        }
    }
}
