/// Base 64 with padding (RFC 4648 §4), for the `Authorization` header only (RFC 7617 §2).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for index in 0...part.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
            for _ in part.count..<3 { text.append(0x3D) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
