public import Cryptography
internal import Foundation

/// A password as typed, on its way to the hash.
public enum PasswordText {
    /// The bytes that are hashed: the text in NFC, so that a composed and a decomposed accent are one password whatever
    /// the keyboard; nothing is trimmed, cut or folded.
    public static func bytes(_ typed: String) -> SecretBytes {
        // What is refused for its length anyway is not normalised first.
        guard typed.utf8.count <= 4 * PasswordHasher.longestPassword else { return SecretBytes(utf8: typed) }
        return SecretBytes(utf8: typed.precomposedStringWithCanonicalMapping)
    }
}
