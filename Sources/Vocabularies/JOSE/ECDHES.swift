package import Cryptography

/// The parties that an agreed key is bound to (RFC 7518 §4.6.1.2, §4.6.1.3), as bytes; empty when not named.
package struct AgreementParties: Sendable, Hashable {
    /// `apu`, about the sender.
    package let producer: [UInt8]
    /// `apv`, about the reader.
    package let consumer: [UInt8]

    package init(producer: [UInt8] = [], consumer: [UInt8] = []) {
        self.producer = producer
        self.consumer = consumer
    }
}

/// ECDH-ES in direct mode (RFC 7518 §4.6): the agreed key is the content key.
package enum ECDHES {
    /// The content key for `encryption`.
    ///
    /// - Throws: `CryptographyError` when one of the keys is not on P-256.
    package static func contentKey(
        _ key: PrivateKey, _ peer: PublicKey, _ encryption: ContentEncryptionAlgorithm, _ parties: AgreementParties
    ) throws -> SecretBytes {
        let info = otherInfo(algorithm: encryption.rawValue, parties, bits: AES256GCM.keyLength * 8)
        return try ConcatKDF.derive(
            from: key.sharedSecret(with: peer), otherInfo: info, count: AES256GCM.keyLength)
    }

    /// What the key is derived for (RFC 7518 §4.6.2).
    package static func otherInfo(algorithm: String, _ parties: AgreementParties, bits: Int) -> [UInt8] {
        // In direct mode AlgorithmID is `enc`, not `alg`; SuppPubInfo is the number of bits, SuppPrivInfo is empty.
        measured(Array(algorithm.utf8)) + measured(parties.producer) + measured(parties.consumer) + number(bits)
    }

    /// Datalen || Data.
    private static func measured(_ data: [UInt8]) -> [UInt8] { number(data.count) + data }

    private static func number(_ value: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
