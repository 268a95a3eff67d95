import Cryptography
import Foundation
import JOSE
import OpenIDConnectIssuer
import Settings
import Testing

@Suite("The file of a relying party without a secret: private_key_jwt and none")
struct ClientKeySettingsTests {
    /// RFC 7517, appendix A.1.
    private static let ec = """
        {"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",\
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
        """
    /// RFC 8037, appendix A.
    private static let ed = """
        {"kty":"OKP","crv":"Ed25519","ext":true,"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        """
    private static let rest = """
        client_id: ent
        client_name: ENT
        redirect_uris: [https://ent.exemple.org/callback]

        """
    private static let signing = """
        token_endpoint_auth_method: private_key_jwt
        token_endpoint_auth_signing_alg: ES256

        """
    private static let good = rest + signing + "jwks: {\"keys\":[\(ec),\(ed)]}\n"

    private func client(_ yaml: String) throws -> Client {
        try SettingsFile.read(text: yaml, name: "ent.yaml") { try Client($0) }.value
    }

    @Test(
        "keys are written as JSON, as JSON text, or as YAML",
        arguments: [
            "jwks: {\"keys\":[\(ec),\(ed)]}\n", "jwks: '{\"keys\":[\(ec),\(ed)]}'\n",
            "jwks: |\n  {\"keys\":[\(ec),\n  \(ed)]}\n",
            """
            jwks:
              keys:
                - kty: EC
                  crv: P-256
                  kid: 1
                  x: MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4
                  y: 4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM
                - \(ed)

            """,
        ])
    func forms(_ keys: String) throws {
        let client = try client(Self.rest + Self.signing + keys)
        #expect(client.authenticationMethod == .privateKeyJWT)
        #expect(client.assertions?.algorithm == .es256)
        #expect(client.assertions?.keys.keys.map(\.keyID) == ["1", nil])
        #expect(client.secretHashes.isEmpty)
    }

    @Test("keys in a file of their own are read; shared, they stand in the file of the client")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("{\n \"keys\": [\n\(Self.ec),\n\(Self.ed)]}\n".utf8).write(to: folder.appendingPathComponent("jwks"))
        let path = folder.appendingPathComponent("ent.yaml").path
        try Data((Self.rest + "jwks_file: jwks\n" + Self.signing).utf8).write(to: URL(fileURLWithPath: path))
        let reading = try SettingsFile.read(path: path, environment: [:], prefix: "LOGE_PARTY") { try Client($0) }
        #expect(reading.value.assertions?.keys.keys.count == 2)
        #expect(reading.files.contains { $0.hasSuffix("/jwks") })
        let shared = try SharedRegistration(path: path)
        #expect(!shared.text.contains("jwks_file"))
        #expect(shared.text.hasSuffix(Self.signing))
        #expect(try client(shared.text).assertions?.keys.keys.count == 2)
        #expect(try SharedRegistration(text: shared.text, name: "ent.yaml").text == shared.text)
    }

    @Test("a public client has a name, an address and PKCE")
    func publicClient() throws {
        let client = try client(Self.rest + "token_endpoint_auth_method: none\n")
        #expect(client.authenticationMethod == .none)
        #expect(client.requiresPKCE)
        #expect(client.secretHashes.isEmpty)
        #expect(client.assertions == nil)
    }

    @Test(
        "each mistake is refused in words, with its line",
        arguments: [
            (good.replacing("ES256", with: "HS256"), "one of RS256, PS256, ES256, EdDSA", 5),
            (good.replacing("ES256", with: "none"), "one of RS256", 5),
            (
                good.replacing("token_endpoint_auth_signing_alg: ES256\n", with: ""), "token_endpoint_auth_signing_alg",
                1
            ),
            (good.replacing("ES256", with: "RS256"), "No key of the set is for signatures with RS256", 6),
            (good.replacing("\"kid\":\"1\"", with: "\"use\":\"enc\""), "No key of the set", 6),
            (good.replacing("\"kid\":\"1\"", with: "\"d\":\"abc\""), "key 0: the key holds the secret member d", 6),
            (good.replacing("MKBC", with: "MKBD"), "the numbers make no key", 6),
            (good.replacing("\"keys\"", with: "\"clés\""), "has no keys", 6),
            (rest + signing, "jwks or jwks_file is needed", 1), (rest + signing + "jwks: x\n", "is not JSON", 6),
            (rest + signing + "jwks_file: /nulle/part\n", "/nulle/part", 6),
            (good + "jwks_file: x\n", "both given", 7),
            (good + "client_secret: 0123456789abcdef\n", "has no secret", 7),
            (good + "next_client_secret_sha256: x\n", "has no secret", 7),
            (good + "client_secret_file: x\n", "has no secret", 7),
            (rest + "client_secret: 0123456789abcdef\njwks: {\"keys\":[]}\n", "Only a client of", 5),
            (rest + "client_secret: 0123456789abcdef\njwks_file: x\n", "Only a client of", 5),
            (rest + "client_secret: 0123456789abcdef\ntoken_endpoint_auth_signing_alg: ES256\n", "Only a client of", 5),
            (rest + "token_endpoint_auth_method: none\nclient_secret: 0123456789abcdef\n", "has no secret", 5),
            (rest + "token_endpoint_auth_method: none\nrequire_pkce: false\n", "does PKCE always", 5),
            (rest + "token_endpoint_auth_method: none\njwks: {\"keys\":[]}\n", "Only a client of", 5),
            (rest + "token_endpoint_auth_method: client_secret_jwt\n", "private_key_jwt", 4),
        ])
    func refused(_ yaml: String, _ words: String, _ line: Int) throws {
        #expect(yaml != Self.good)
        let error = try #require(throws: SettingsError.self) { try client(yaml) }
        #expect("\(error)".contains(words), "\(error)")
        #expect("\(error)".hasPrefix("ent.yaml:\(line):"), "\(error)")
        for secret in ["0123456789abcdef", "abc"] { #expect(!"\(error)".contains(secret), "a secret in an error") }
        // The control.
        #expect(try client(Self.good).assertions != nil)
    }
}
