internal import Cryptography

/// The keys of ONDE, which numbers nobody: digests of the texts that tell people apart. Keys stand in reports and outlive
/// the people, so that they show no name, birth date or INE; whoever knows these finds the same key again.
enum ONDEKey {
    /// The key of the pupil whom `text` tells from all others.
    static func pupil(_ text: String) -> String { "e" + digest(text) }

    /// The key of the responsible whom `text` tells from all others.
    static func responsible(_ text: String) -> String { "r" + digest(text) }

    /// The first 20 hexadecimal digits of the SHA-256 of a text: a school has some hundred people.
    private static func digest(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: SHA256.hash(text).prefix(10).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] },
            as: UTF8.self)
    }
}
