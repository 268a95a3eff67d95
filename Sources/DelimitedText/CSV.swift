/// Comma-separated values (RFC 4180), with the semicolon that French spreadsheets write.
package enum CSV {
    /// One record, with the line on which it begins.
    package struct Record: Sendable, Equatable {
        /// Its first line, from 1.
        package let line: Int
        /// Its fields, quotes taken off.
        package let fields: [String]

        /// A record.
        package init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// Why a text is no CSV.
    package enum Malformation: Error, Equatable {
        /// The bytes on this line are not text in the encoding of the others: a spreadsheet saved them in another one.
        case encoding(line: Int)
        /// A quoted field that begins on this line never ends.
        case openQuote(line: Int)
        /// Something other than a separator follows a closing quote on this line.
        case textAfterQuote(line: Int)
        /// There is more of something than is read; the line on which it begins.
        case beyond(Limit, line: Int)
    }

    /// What is read up to a limit.
    package enum Limit: Sendable, Equatable {
        /// The bytes of a field.
        case fieldLength
        /// The fields of a record.
        case fields
        /// The records.
        case records
    }

    /// How much is read.
    package struct Limits: Sendable {
        /// Bytes of a field.
        package var fieldLength: Int
        /// Fields of a record.
        package var fields: Int
        /// Records, the header among them.
        package var records: Int

        /// These limits.
        package init(fieldLength: Int = .max, fields: Int = .max, records: Int = .max) {
            self.fieldLength = fieldLength
            self.fields = fields
            self.records = records
        }
    }

    /// The records of `bytes`: UTF-8 with or without a byte order mark; the separator is whichever of `;` and `,` comes first
    /// outside quotes on the first line. Blank lines are no records.
    package static func records(of bytes: [UInt8]) throws(Malformation) -> [Record] {
        let content = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
        if let line = Encoding.lineNotUTF8(in: content) { throw .encoding(line: line) }
        var reader = Reader(content, separator: separator(in: content), encoding: .utf8, limits: Limits())
        return try reader.records()
    }

    /// The records of `bytes` in whichever encoding they are. Blank lines are no records.
    package static func records(
        of bytes: [UInt8], separator: UInt8, limits: Limits
    ) throws(Malformation) -> [Record] {
        let content = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
        let encoding = try Encoding(of: bytes)
        var reader = Reader(content, separator: separator, encoding: encoding, limits: limits)
        return try reader.records()
    }

    /// The first record of a text of which these bytes are the beginning; `nil` when there is none.
    package static func firstRecord(
        of beginning: [UInt8], separator: UInt8, limits: Limits
    ) throws(Malformation) -> Record? {
        let content = beginning.starts(with: byteOrderMark) ? beginning[3...] : beginning[...]
        // A character may be cut where the beginning ends: only whole lines tell the encoding.
        let end = content.lastIndex(of: newline) ?? content.endIndex
        let encoding = Encoding.lineNotUTF8(in: content[..<end]) == nil ? Encoding.utf8 : .windows1252
        var reader = Reader(content, separator: separator, encoding: encoding, limits: limits)
        return try reader.next()
    }

    /// Records as text, every field quoted that needs it and none that a spreadsheet would run as a formula (ADM-01).
    package static func text(_ records: [[String]], separator: Character = ";") -> String {
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
    package static func defused(_ field: String) -> String {
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

    /// The separator of French spreadsheets.
    package static let semicolon = UInt8(ascii: ";")
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    static let quote = UInt8(ascii: "\"")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    private static let comma = UInt8(ascii: ",")
}
