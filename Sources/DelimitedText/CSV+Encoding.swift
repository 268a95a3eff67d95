extension CSV {
    /// How the bytes of a text stand for letters.
    enum Encoding: Sendable, Equatable {
        /// UTF-8.
        case utf8
        /// Windows-1252: ISO-8859-1, and letters and signs where that has control characters.
        case windows1252

        /// The encoding in which `bytes` are text. A byte order mark says UTF-8; without one, what is UTF-8 throughout is
        /// taken for it, which text in Windows-1252 is only when it is ASCII.
        init(of bytes: [UInt8]) throws(Malformation) {
            // UTF-16 is full of zero bytes; other control characters stand in no table of people.
            if let place = bytes.firstIndex(where: { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) }) {
                throw .encoding(line: Self.line(of: place, in: bytes))
            }
            guard let line = Self.lineNotUTF8(in: bytes[...]) else {
                self = .utf8
                return
            }
            if bytes.starts(with: byteOrderMark) { throw .encoding(line: line) }
            // Letters of UTF-8 beside something else (É, à … begin with C3): a file pasted together, or one that was cut.
            let isMixture = zip(bytes, bytes.dropFirst()).contains { $0 == 0xC3 && (0x80...0xBF).contains($1) }
            if isMixture { throw .encoding(line: line) }
            if let place = bytes.firstIndex(where: { Self.letter($0) == nil }) {
                throw .encoding(line: Self.line(of: place, in: bytes))
            }
            self = .windows1252
        }

        func text(of bytes: ArraySlice<UInt8>) -> String {
            switch self {
            case .utf8: return String(decoding: bytes, as: UTF8.self)
            case .windows1252:
                var text = String.UnicodeScalarView()
                text.append(contentsOf: bytes.map { Self.letter($0) ?? "\u{FFFD}" })
                return String(text)
            }
        }

        /// The first line that is not UTF-8, from 1; `nil` when all are.
        static func lineNotUTF8(in bytes: ArraySlice<UInt8>) -> Int? {
            if String(validating: bytes, as: UTF8.self) != nil { return nil }
            // No letter of UTF-8 has the byte of a line end in it.
            let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
            return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
        }

        private static func line(of place: Int, in bytes: [UInt8]) -> Int {
            bytes[..<place].count { $0 == newline } + 1
        }

        private static func letter(_ byte: UInt8) -> Unicode.Scalar? {
            (0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : Unicode.Scalar(byte)
        }

        /// 80 to 9F; five of them stand for nothing.
        private static let upper: [Unicode.Scalar?] = [
            "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
            nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
        ]
    }
}
