internal import COpenSSL

/// Gives random bytes. Passed to whatever makes identifiers, codes or keys, so that a test can repeat itself.
public protocol RandomSource: Sendable {
    /// `count` fresh bytes, each value as likely as any other.
    func bytes(_ count: Int) -> [UInt8]
}

/// OpenSSL's cryptographic generator (`RAND_bytes`). Made in the composition root only.
public struct SystemRandom: RandomSource {
    /// The generator of this process.
    public init() {}

    /// `count` bytes fit for keys.
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let status = unsafe RAND_bytes(&bytes, Int32(count))
        // A generator without entropy must never be papered over.
        precondition(status == 1, "the system's random generator failed")
        return bytes
    }
}

extension RandomSource {
    /// A fresh identifier: `bits` random bits as base64url without padding.
    public func token(bits: Int = 256) -> String {
        Base64URL.encode(bytes((bits + 7) / 8))
    }

    /// A uniformly drawn whole number below `limit`, which must be positive.
    public func number(below limit: UInt32) -> UInt32 {
        precondition(limit > 0)
        // Values at or above the largest multiple of `limit` would favour small remainders: draw again.
        let ceiling = UInt32.max - UInt32.max % limit
        while true {
            let value = bytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if value < ceiling { return value % limit }
        }
    }
}
