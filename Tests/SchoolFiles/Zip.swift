/// Writes zip archives, good and bad ones (APPNOTE.TXT 4.3).
struct Zip {
    struct Member {
        var name: String
        var bytes: [UInt8]
        /// 0 is stored, 8 deflated.
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// What the archive says that it unpacks to.
        var size: UInt32
        var checksum: UInt32

        init(_ name: String, _ bytes: some Sequence<UInt8>) {
            self.name = name
            self.bytes = Array(bytes)
            size = UInt32(self.bytes.count)
            checksum = Zip.checksum(self.bytes)
        }

        /// `prefix`, then `count` × 258 times the byte behind it, packed.
        static func bomb(_ name: String, prefix: [UInt8], fill: UInt8, count: Int) -> Member {
            var bits = Bits()
            bits.put(0b011, 3)  // The last block, with fixed codes (RFC 1951, 3.2.6).
            for byte in prefix + [fill] { bits.putLiteral(byte) }
            for _ in 0..<count {
                bits.putCode(0b1100_0101, 8)  // 258 bytes …
                bits.putCode(0, 5)  // … from one byte before.
            }
            bits.putCode(0, 7)
            let plain = prefix + [UInt8](repeating: fill, count: count * 258 + 1)
            var member = Member(name, plain)
            member.bytes = bits.bytes
            member.method = 8
            return member
        }
    }

    var members: [Member]

    var bytes: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let name = Array(member.name.utf8)
            var fields: [UInt8] = []
            fields += word(20) + word(member.flags) + word(member.method) + word(0) + word(0x5B21)
            fields += long(member.checksum) + long(UInt32(member.bytes.count)) + long(member.size)
            fields += word(UInt16(name.count)) + word(0)
            let place = UInt32(file.count)
            file += long(0x0403_4B50) + fields + name + member.bytes
            directory += long(0x0201_4B50) + word(20) + fields + word(0) + word(0) + word(0) + long(0)
            directory += long(place) + name
        }
        let count = word(UInt16(members.count))
        return file + directory + long(0x0605_4B50) + word(0) + word(0) + count + count
            + long(UInt32(directory.count)) + long(UInt32(file.count)) + word(0)
    }

    private func word(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
    private func long(_ value: UInt32) -> [UInt8] { word(UInt16(value & 0xFFFF)) + word(UInt16(value >> 16)) }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8) }
        return ~sum
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    /// Bits as DEFLATE packs them: the least significant first, codes by their most significant.
    private struct Bits {
        var bytes: [UInt8] = []
        var used = 8

        mutating func put(_ value: UInt16, _ count: Int) {
            for place in 0..<count { put(value >> UInt16(place) & 1) }
        }

        mutating func putCode(_ code: UInt16, _ count: Int) {
            for place in (0..<count).reversed() { put(code >> UInt16(place) & 1) }
        }

        mutating func putLiteral(_ byte: UInt8) {
            if byte < 144 { putCode(0x30 + UInt16(byte), 8) } else { putCode(0x190 + UInt16(byte) - 144, 9) }
        }

        private mutating func put(_ bit: UInt16) {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(bit) << UInt8(used)
            used += 1
        }
    }
}
