import Cryptography
import JOSE
import Testing

/// One thing that is nearly right: what it is, and the reasons for which it may be refused.
struct NearMiss<Thing: Sendable, Code: Hashable & Sendable>: Sendable {
    let family: String
    let name: String
    let thing: Thing
    let codes: Set<Code>
}

/// A token in parts, of which one is changed at a time.
struct CompactParts {
    let parts: [String]

    init(_ token: String) {
        parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    func bytes(_ index: Int) throws -> [UInt8] { try #require(Base64URL.decode(parts[index])) }

    /// With one part in another spelling.
    func respelt(_ index: Int, _ text: String) -> String {
        var copy = parts
        copy[index] = text
        return copy.joined(separator: ".")
    }

    /// With one part of other bytes.
    func replaced(_ index: Int, _ bytes: [UInt8]) -> String { respelt(index, Base64URL.encode(bytes)) }
}

enum Spellings {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    /// `none` in all its spellings.
    static let none: [String] = (0..<16).map { mask in
        String(
            "none".enumerated().map { index, letter in
                mask >> index & 1 == 1 ? Character(letter.uppercased()) : letter
            })
    }

    /// Algorithms of others, and what is nearly one of ours.
    static func otherAlgorithms(_ own: String) -> [String] {
        [
            "", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512", "ES256K", "HS256", "HS384", "HS512", "Ed25519",
            "Ed448", "EdDSAph", "RS1", "ML-DSA-44", "dir", "RSA1_5", "RSA-OAEP", "ECDH-ES", "A256GCM", "SHA256", "*",
            own + " ", " " + own, own + "\u{0}", own + "\n", own + own, String(own.dropLast()), own + "x",
        ] + (own == own.lowercased() ? [] : [own.lowercased()])
    }

    /// Texts that a lax reader of base64url takes for the same bytes (ModifiedPadding), and that are not it.
    static func modified(_ text: String) -> [(String, String)] {
        var spellings = [
            ("=", text + "="), ("==", text + "=="), ("===", text + "==="), ("= in front", "=" + text),
            ("a blank", text + " "), ("a blank in front", " " + text), ("a line feed", text + "\n"),
            ("CRLF", text + "\r\n"), ("a tab", "\t" + text), ("NUL", text + "\u{0}"), ("%3D", text + "%3D"),
            ("*", text + "*"), ("a letter beyond ASCII", text + "é"), ("+", "+" + text.dropFirst()),
            ("/", "/" + text.dropFirst()), ("U+FEFF", "\u{FEFF}" + text), ("fullwidth", "Ａ" + text.dropFirst()),
        ]
        let middle = text.index(text.startIndex, offsetBy: text.count / 2)
        for (name, inside) in [("= within", "="), ("a blank within", " "), ("a line feed within", "\n")] {
            spellings.append((name, text[..<middle] + inside + text[middle...]))
        }
        // One letter more than any number of bytes takes.
        spellings.append(("a stray letter", text + String(repeating: "A", count: (5 - text.count % 4) % 4)))
        // Bits that no byte takes.
        let free = [0, 0, 4, 2][text.count % 4]
        if free > 0, let last = text.last, let value = letters.firstIndex(of: last) {
            for stray in 1..<(1 << free) {
                spellings.append(("stray bits \(stray)", text.dropLast() + String(letters[value | stray])))
            }
        }
        return spellings
    }

    /// The bytes with one bit turned, each byte in its turn.
    static func flipped(_ bytes: [UInt8], step: Int = 1) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: step).map { index in
            var copy = bytes
            copy[index] ^= 1 << UInt8(index % 8)
            return copy
        }
    }

    /// The bytes cut to each lesser length, and lengthened.
    static func resized(_ bytes: [UInt8], step: Int = 1) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: step).map { Array(bytes[..<$0]) }
            + [bytes + [0], [0] + bytes, bytes + bytes, Array(bytes.dropFirst())]
    }
}
