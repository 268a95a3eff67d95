import Cryptography
import JOSE
import Testing

/// Reads the private keys that the standards print: as a JWK, which our own code neither reads nor writes.
enum StandardKey {
    static func privateKey(_ jwk: String) throws -> PrivateKey {
        let members = try JSONValue(parsing: Array(jwk.utf8))
        func bytes(_ name: String) throws -> [UInt8] {
            let text = try #require(members[name]?.string)
            return try #require(Base64URL.decode(text))
        }
        let der: [UInt8]
        switch members["kty"] {
        case "RSA":
            // RSAPrivateKey (RFC 8017 A.1.2).
            let numbers = try ["n", "e", "d", "p", "q", "dp", "dq", "qi"].flatMap { integer(try bytes($0)) }
            der = element(0x30, integer([0]) + numbers)
        case "EC":
            // ECPrivateKey (RFC 5915 §3) on prime256v1.
            let curve = element(0xA0, element(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]))
            let point = element(0xA1, element(0x03, [0, 4] + (try bytes("x")) + (try bytes("y"))))
            der = element(0x30, integer([1]) + element(0x04, try bytes("d")) + curve + point)
        default:
            // PrivateKeyInfo (RFC 8410 §7).
            let algorithm = element(0x30, element(0x06, [0x2B, 0x65, 0x70]))
            der = element(0x30, integer([0]) + algorithm + element(0x04, element(0x04, try bytes("d"))))
        }
        return try PrivateKey(unencryptedDER: SecretBytes(der))
    }

    /// The same JWK without its private members.
    static func publicJSON(_ jwk: String) throws -> JSONValue {
        let json = try JSONValue(parsing: Array(jwk.utf8))
        let members = try #require(json.object)
        return .object(members.filter { !["d", "p", "q", "dp", "dq", "qi"].contains($0.key) })
    }

    /// A set of that one public key, read as a client's.
    static func clientSet(_ jwk: String) throws -> ClientKeySet {
        try ClientKeySet(json: ["keys": [publicJSON(jwk)]])
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 128
            ? [UInt8(count)]
            : count < 256 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
        return [tag] + length + content
    }

    private static func integer(_ bytes: [UInt8]) -> [UInt8] {
        element(0x02, (bytes.first ?? 0) & 0x80 == 0 ? bytes : [0] + bytes)
    }
}
