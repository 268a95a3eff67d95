public import Cryptography
public import Stores

/// The code of a school's letter (ACT-01): twelve characters of an alphabet of 32 that no two of look alike, 60 random
/// bits. It opens the first connection once and never becomes the password.
public struct ActivationCode: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Crockford's alphabet: digits and capitals without I, L, O, U.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    private static let length = 12

    private let characters: String

    /// A fresh code.
    public init(random: any RandomSource) {
        // 256 is a multiple of 32: each character is as likely as any other.
        characters = String(random.bytes(Self.length).map { Self.alphabet[Int($0 & 31)] })
    }

    /// The code that somebody typed: letter case, blanks and dashes do not matter, and a letter that is not in the alphabet
    /// stands for the digit it looks like (O for 0, I and L for 1). `nil` when it cannot be a code.
    public init?(typed: String) {
        guard typed.utf8.count <= 64 else { return nil }
        var characters = ""
        for character in typed.uppercased() {
            switch character {
            case "-", "–", "—", "\u{2010}", "\u{2011}": continue
            case "O": characters.append("0")
            case "I", "L": characters.append("1")
            case _ where character.isWhitespace: continue
            case _ where Self.alphabet.contains(character): characters.append(character)
            default: return nil
            }
        }
        guard characters.count == Self.length else { return nil }
        self.characters = characters
    }

    /// The code as the letter prints it: `XXXX-XXXX-XXXX`. The only way to its text.
    public var printed: String {
        let groups = stride(from: 0, to: Self.length, by: 4).map { characters.dropFirst($0).prefix(4) }
        return groups.joined(separator: "-")
    }

    /// What the store holds of it.
    public var hash: SecretHash { SecretHash(of: characters) }

    /// Never the code.
    public var description: String { "(activation code)" }
    /// Never the code.
    public var debugDescription: String { "(activation code)" }
    /// Never the code.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
