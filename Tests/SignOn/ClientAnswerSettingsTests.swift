import Cryptography
import Foundation
import JOSE
import OpenIDConnectIssuer
import Settings
import Testing

@Suite("The file of a relying party that wants its answers signed and encrypted")
struct ClientAnswerSettingsTests {
    /// RFC 7517, appendix A.1, the key with `"use":"enc"`.
    private static let ec = """
        {"kty":"EC","crv":"P-256","use":"enc","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",\
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
        """
    private static let rest = """
        client_id: ent
        client_name: ENT
        client_secret: 0123456789abcdef
        redirect_uris: [https://ent.exemple.org/callback]

        """
    private static let answers = """
        id_token_signed_response_alg: PS256
        id_token_encrypted_response_alg: ECDH-ES
        id_token_encrypted_response_enc: A256GCM
        userinfo_signed_response_alg: PS256
        userinfo_encrypted_response_alg: ECDH-ES
        userinfo_encrypted_response_enc: A256GCM

        """
    private static let keys = "jwks: {\"keys\":[\(ec)]}\n"
    private static let good = rest + answers + keys

    private func client(_ yaml: String) throws -> Client {
        try SettingsFile.read(text: yaml, name: "ent.yaml") { try Client($0) }.value
    }

    @Test("without any of the keys: ES256, JSON, nothing encrypted")
    func defaults() throws {
        let client = try client(Self.rest)
        #expect(client.idTokenAlgorithm == .es256)
        #expect(client.idTokenEncryption == nil)
        guard case .json = client.userInfo else {
            Issue.record("userinfo is not JSON")
            return
        }
    }

    @Test("each answer by itself, and both; A256GCM need not be written")
    func forms() throws {
        let both = try client(Self.good)
        #expect(both.idTokenAlgorithm == .ps256)
        #expect(both.idTokenEncryption?.algorithm == .ecdhES && both.idTokenEncryption?.keyID == "1")
        guard case .signedAndEncrypted(let key) = both.userInfo else {
            Issue.record("userinfo is not encrypted")
            return
        }
        #expect(key.algorithm == .ecdhES && key.contentEncryption == .a256GCM)
        #expect(both.assertions == nil)
        let signed = try client(Self.rest + "userinfo_signed_response_alg: ES256\n")
        guard case .signed = signed.userInfo else {
            Issue.record("userinfo is not signed")
            return
        }
        let idToken = try client(Self.rest + "id_token_encrypted_response_alg: ECDH-ES\n" + Self.keys)
        #expect(idToken.idTokenEncryption?.contentEncryption == .a256GCM)
    }

    @Test("one set of keys: what the client signs with, and what is encrypted to it")
    func oneSet() throws {
        let signing = Self.ec.replacing("\"use\":\"enc\",\"kid\":\"1\"", with: "\"use\":\"sig\",\"kid\":\"2\"")
        let yaml =
            Self.good.replacing("client_secret: 0123456789abcdef\n", with: "")
            .replacing("[\(Self.ec)]", with: "[\(signing),\(Self.ec)]")
            + "token_endpoint_auth_method: private_key_jwt\ntoken_endpoint_auth_signing_alg: ES256\n"
        let client = try client(yaml)
        #expect(client.assertions?.keys.keys.map(\.keyID) == ["2"])
        #expect(client.idTokenEncryption?.keyID == "1")
    }

    @Test("keys in a file of their own: shared, they stand in the file of the client")
    func shared() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("{\n \"keys\": [\n\(Self.ec)]}\n".utf8).write(to: folder.appendingPathComponent("jwks"))
        let path = folder.appendingPathComponent("ent.yaml").path
        try Data((Self.rest + "jwks_file: jwks\n" + Self.answers).utf8).write(to: URL(fileURLWithPath: path))
        let shared = try SharedRegistration(path: path)
        #expect(!shared.text.contains("jwks_file") && !shared.text.contains("0123456789abcdef"))
        let written = try client(shared.text)
        #expect(written.idTokenEncryption?.keyID == "1")
        #expect(try written.idTokenEncryption?.json() == client(Self.good).idTokenEncryption?.json())
        #expect(try SharedRegistration(text: shared.text, name: "ent.yaml").text == shared.text)
    }

    @Test(
        "each mistake is refused in words, with its line",
        arguments: [
            (
                good.replacing("userinfo_signed_response_alg: PS256", with: "userinfo_signed_response_alg: RS256"),
                "one algorithm", 8
            ),
            (
                good.replacing("id_token_signed_response_alg: PS256", with: "id_token_signed_response_alg: HS256"),
                "one of RS256", 5
            ),
            (
                good.replacing("id_token_signed_response_alg: PS256", with: "id_token_signed_response_alg: none"),
                "one of RS256", 5
            ),
            (
                good.replacing("userinfo_signed_response_alg: PS256", with: "userinfo_signed_response_alg: none"),
                "one of RS256", 8
            ),
            (good.replacing("userinfo_signed_response_alg: PS256\n", with: ""), "signed first", 8),
            (
                good.replacing("id_token_encrypted_response_alg: ECDH-ES\n", with: ""),
                "id_token_encrypted_response_alg is needed", 6
            ),
            (
                good.replacing("userinfo_encrypted_response_alg: ECDH-ES\n", with: ""),
                "userinfo_encrypted_response_alg is needed", 9
            ),
            (
                good.replacing(
                    "id_token_encrypted_response_alg: ECDH-ES", with: "id_token_encrypted_response_alg: RSA1_5"),
                "RSA-OAEP", 6
            ),
            (
                good.replacing(
                    "id_token_encrypted_response_alg: ECDH-ES", with: "id_token_encrypted_response_alg: dir"),
                "ECDH-ES", 6
            ),
            (
                good.replacing(
                    "id_token_encrypted_response_alg: ECDH-ES", with: "id_token_encrypted_response_alg: RSA-OAEP"),
                "No key of the set is for encryption with RSA-OAEP: a key RSA", 11
            ),
            (
                good.replacing(
                    "userinfo_encrypted_response_alg: ECDH-ES", with: "userinfo_encrypted_response_alg: RSA-OAEP-256"),
                "No key of the set is for encryption with RSA-OAEP-256", 11
            ),
            (
                good.replacing(
                    "id_token_encrypted_response_enc: A256GCM", with: "id_token_encrypted_response_enc: A128CBC-HS256"),
                "A256GCM", 7
            ),
            (good.replacing("\"use\":\"enc\",", with: ""), "a key P-256 with \"use\": \"enc\" is needed", 11),
            (
                good.replacing("\"use\":\"enc\"", with: "\"use\":\"sig\""),
                "No key of the set is for encryption with ECDH-ES", 11
            ),
            (
                good.replacing("\"use\":\"enc\"", with: "\"alg\":\"ECDH-ES+A256KW\""),
                "key 0: the algorithm is not used here", 11
            ),
            (good.replacing("\"kid\":\"1\"", with: "\"d\":\"abc\""), "key 0: the key holds the secret member d", 11),
            (good.replacing("MKBC", with: "MKBD"), "the numbers make no key", 11),
            (rest + answers, "jwks or jwks_file is needed", 1),
            (rest + answers + "jwks_file: /nulle/part\n", "/nulle/part", 11),
            (rest + keys, "or one that receives encrypted answers", 5),
            (rest + "userinfo_signed_response_alg: ES256\n" + keys, "or one that receives encrypted answers", 6),
            (
                rest + "id_token_encrypted_response_alg: ECDH-ES\ntoken_endpoint_auth_signing_alg: ES256\n" + keys,
                "Only a client of", 6
            ),
        ])
    func refused(_ yaml: String, _ words: String, _ line: Int) throws {
        #expect(yaml != Self.good)
        let error = try #require(throws: SettingsError.self) { try client(yaml) }
        #expect("\(error)".contains(words), "\(error)")
        #expect("\(error)".hasPrefix("ent.yaml:\(line):"), "\(error)")
        for secret in ["0123456789abcdef", "abc"] { #expect(!"\(error)".contains(secret), "a secret in an error") }
        // The control.
        #expect(try client(Self.good).idTokenEncryption != nil)
    }
}
