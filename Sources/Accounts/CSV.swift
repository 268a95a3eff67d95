/// Comma-separated values (RFC 4180), with the semicolon that French spreadsheets write.
enum CSV {
    /// One record, with the line on which it begins.
    struct Record: Sendable, Equatable {
        /// Its first line, from 1.
        let line: Int
        /// Its fields, quotes taken off.
        let fields: [String]
    }

    /// Why a text is no CSV.
    enum Malformation: Error, Equatable {
        /// The bytes are not UTF-8: a spreadsheet saved them in another encoding.
        case notUTF8
        /// A quoted field that begins on this line never ends.
        case openQuote(line: Int)
        /// Something other than a separator follows a closing quote on this line.
        case textAfterQuote(line: Int)
    }

    /// The records of `bytes`: UTF-8 with or without a byte order mark; the separator is whichever of `;` and `,` comes first
    /// outside quotes on the first line. Blank lines are no records.
    static func records(of bytes: [UInt8]) throws(Malformation) -> [Record] {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard String(validating: content, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = Reader(bytes: content, separator: separator(in: content))
        return try reader.records()
    }

    /// Records as text, every field quoted that needs it and none that a spreadsheet would run as a formula (ADM-01).
    static func text(_ records: [[String]], separator: Character = ";") -> String {
        records.map { fields in
            fields.map { field in
                let safe = defused(field)
                let mustQuote = safe.unicodeScalars.contains { "\";,\r\n\t".unicodeScalars.contains($0) }
                return mustQuote ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
            }.joined(separator: String(separator)) + "\r\n"
        }.joined()
    }

    /// A field that a spreadsheet would take for a formula gets an apostrophe in front. Tab and carriage return too: some
    /// drop them and look at what follows; full-width signs are folded to ASCII by others.
    static func defused(_ field: String) -> String {
        guard let first = field.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else {
            return field
        }
        return "'" + field
    }

    private static func separator(in bytes: ArraySlice<UInt8>) -> UInt8 {
        var quoted = false
        for byte in bytes {
            if byte == quote { quoted.toggle() }
            if byte == newline, !quoted { break }
            if !quoted, byte == semicolon || byte == comma { return byte }
        }
        return semicolon
    }

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let semicolon = UInt8(ascii: ";")
    private static let comma = UInt8(ascii: ",")
}

extension CSV {
    private struct Reader {
        private let bytes: ArraySlice<UInt8>
        private let separator: UInt8
        private var position: Int
        private var line = 1

        init(bytes: ArraySlice<UInt8>, separator: UInt8) {
            self.bytes = bytes
            self.separator = separator
            position = bytes.startIndex
        }

        mutating func records() throws(Malformation) -> [Record] {
            var records: [Record] = []
            while position < bytes.endIndex {
                let record = try record()
                if record.fields.contains(where: { !$0.isEmpty }) { records.append(record) }
            }
            return records
        }

        private mutating func record() throws(Malformation) -> Record {
            let first = line
            var fields: [String] = []
            while true {
                fields.append(try field())
                guard position < bytes.endIndex else { break }
                let end = bytes[position]
                position += 1
                if end == separator { continue }
                if end == carriageReturn, position < bytes.endIndex, bytes[position] == newline { position += 1 }
                line += 1
                break
            }
            return Record(line: first, fields: fields)
        }

        /// Stops before a separator, a line end or the end of the text.
        private mutating func field() throws(Malformation) -> String {
            guard position < bytes.endIndex, bytes[position] == quote else {
                let start = position
                while position < bytes.endIndex, !isEnd(bytes[position]) { position += 1 }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            }
            let first = line
            position += 1
            var content: [UInt8] = []
            while position < bytes.endIndex {
                let byte = bytes[position]
                position += 1
                if byte == newline { line += 1 }
                guard byte == quote else {
                    content.append(byte)
                    continue
                }
                if position < bytes.endIndex, bytes[position] == quote {
                    content.append(quote)
                    position += 1
                    continue
                }
                guard position == bytes.endIndex || isEnd(bytes[position]) else { throw .textAfterQuote(line: line) }
                return String(decoding: content, as: UTF8.self)
            }
            throw .openQuote(line: first)
        }

        private func isEnd(_ byte: UInt8) -> Bool {
            byte == separator || byte == newline || byte == carriageReturn
        }
    }
}
