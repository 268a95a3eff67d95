import Cryptography
import Foundation
import OpenIDConnectIssuer
import Testing

@Suite("The file of a relying party without its secrets")
struct SharedRegistrationTests {
    private static let secret = "0123456789abcdef-bleu"
    private static let other = "fedcba9876543210-vert"
    private static let rest = """
        client_id: ent
        client_name: ENT  # le nouveau
        redirect_uris:
          - https://ent.exemple.org/callback

        """

    private func hash(_ secret: String) -> String {
        SHA256.hash(secret).map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    }

    private func shared(_ text: String) throws -> SharedRegistration {
        try SharedRegistration(text: text, name: "ent.yaml")
    }

    @Test(
        "A secret on a line of its own becomes its hash, and nothing else changes",
        arguments: [
            secret, "\"\(secret)\"", "'\(secret)'", "  \(secret)   ", "\(secret) # à changer en juin",
            "\"0123456789abcdef\\x2Dbleu\"",
        ])
    func oneLine(_ written: String) throws {
        for text in ["client_secret: \(written)\n" + Self.rest, Self.rest + "client_secret:  \(written)\n"] {
            let shared = try shared(text)
            #expect(!shared.text.contains(Self.secret))
            #expect(!shared.text.contains("bleu"))
            #expect(shared.text.contains("client_secret_sha256: \(hash(Self.secret))"))
            #expect(shared.client.secretHashes == [SHA256.hash(Self.secret)])
            let kept = shared.text.split(separator: "\n").filter { !$0.hasPrefix("client_secret") }
            #expect(kept == Self.rest.split(separator: "\n"))
        }
    }

    @Test("Line ends stay as they are, and a byte order mark is no part of a key")
    func lineEnds() throws {
        let text = ("client_secret: \(Self.secret)\n" + Self.rest).replacing("\n", with: "\r\n")
        let shared = try shared("\u{FEFF}" + text)
        #expect(shared.text == text.replacing("secret: \(Self.secret)", with: "secret_sha256: \(hash(Self.secret))"))
    }

    @Test("Two secrets become two hashes; a hash stays what it is, and putting the file again changes nothing")
    func two() throws {
        let shared = try shared(
            "client_secret: \(Self.secret)\n" + Self.rest + "next_client_secret_sha256: \(hash(Self.other))\n")
        #expect(shared.client.secretHashes == [SHA256.hash(Self.secret), SHA256.hash(Self.other)])
        let both = try self.shared(
            "next_client_secret: \(Self.other)\nclient_secret: \(Self.secret)\n" + Self.rest)
        #expect(both.client.secretHashes == [SHA256.hash(Self.secret), SHA256.hash(Self.other)])
        #expect(!both.text.contains(Self.other))
        #expect(try self.shared(both.text).text == both.text)
    }

    @Test("A secret in a file of its own is read, and its hash is written")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("\(Self.secret)\n".utf8).write(to: folder.appendingPathComponent("secret"))
        let path = folder.appendingPathComponent("ent.yaml").path
        try Data((Self.rest + "client_secret_file: secret\n").utf8).write(to: URL(fileURLWithPath: path))
        let shared = try SharedRegistration(path: path)
        #expect(shared.text == Self.rest + "client_secret_sha256: \(hash(Self.secret))\n")
        #expect(throws: SharedRegistration.Problem.self) { try SharedRegistration(path: path + ".absent") }
    }

    @Test(
        "A secret that cannot be taken out safely is refused, with what to write instead",
        arguments: [
            ("client_secret: |-\n  \(secret)\n", "one line"), ("client_secret: >-\n  \(secret)\n", "one line"),
            ("client_secret: 0123456789\n  abcdef-bleu\n", "one line"),
            ("client_secret:\n  \(secret)\n", "one line"),
            ("client_secret: \"0123456789\\\n  abcdef-bleu\"\n", "one line"),
            ("\"client_secret\": \(secret)\n", "does not begin a line"),
            ("? client_secret\n: \(secret)\n", "does not begin a line"),
            ("client_secret: \(secret)\nclient_secret_sha256: \(String(repeating: "ab", count: 32))\n", "both given"),
            ("client_secret: \(secret)\n# l'ancien était \(secret)\n", "stands here too"),
            ("client_secret: \(secret)\n# client_secret: \(other)\n", "stands here too"),
            ("client_secret: \(secret)\nclient_uri: https://a.example/?\(secret)\n", "stands here too"),
        ])
    func refused(_ lines: String, _ words: String) throws {
        let problem = try #require(throws: SharedRegistration.Problem.self) { try shared(Self.rest + lines) }
        #expect(problem.description.contains(words), "\(problem)")
        for piece in [Self.secret, Self.other, "bleu"] { #expect(!problem.description.contains(piece)) }
    }

    @Test("The whole file in braces is refused; a mistake that is no secret's is told as ever")
    func others() throws {
        let braces = """
            {client_id: ent, client_name: E, client_secret: \(Self.secret), redirect_uris: ["https://e.example/c"]}
            """
        #expect(throws: SharedRegistration.Problem.self) { try shared(braces) }
        let unknown = Self.rest + "client_secret: \(Self.secret)\nnom: x\n"
        let error = #expect(throws: (any Error).self) { try shared(unknown) }
        #expect("\(error as Any)".contains("nom"))
    }
}
