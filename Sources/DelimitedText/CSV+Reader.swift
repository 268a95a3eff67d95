extension CSV {
    /// Reads one record after another. The bytes are known to be text in the encoding.
    struct Reader {
        private let bytes: ArraySlice<UInt8>
        private let separator: UInt8
        private let encoding: Encoding
        private let limits: Limits
        private var position: Int
        private var line = 1
        private var count = 0

        init(_ bytes: ArraySlice<UInt8>, separator: UInt8, encoding: Encoding, limits: Limits) {
            self.bytes = bytes
            self.separator = separator
            self.encoding = encoding
            self.limits = limits
            position = bytes.startIndex
        }

        mutating func records() throws(Malformation) -> [Record] {
            var records: [Record] = []
            while let record = try next() { records.append(record) }
            return records
        }

        /// The next record that is no blank line; `nil` at the end.
        mutating func next() throws(Malformation) -> Record? {
            while position < bytes.endIndex {
                let record = try record()
                guard record.fields.contains(where: { !$0.isEmpty }) else { continue }
                count += 1
                if count > limits.records { throw .beyond(.records, line: record.line) }
                return record
            }
            return nil
        }

        private mutating func record() throws(Malformation) -> Record {
            let first = line
            var fields: [String] = []
            while true {
                if fields.count == limits.fields { throw .beyond(.fields, line: first) }
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
                if position - start > limits.fieldLength { throw .beyond(.fieldLength, line: line) }
                return encoding.text(of: bytes[start..<position])
            }
            let first = line
            position += 1
            var content: [UInt8] = []
            while position < bytes.endIndex {
                let byte = bytes[position]
                position += 1
                if byte == newline { line += 1 }
                guard byte == quote else {
                    if content.count == limits.fieldLength { throw .beyond(.fieldLength, line: first) }
                    content.append(byte)
                    continue
                }
                if position < bytes.endIndex, bytes[position] == quote {
                    content.append(quote)
                    position += 1
                    continue
                }
                guard position == bytes.endIndex || isEnd(bytes[position]) else { throw .textAfterQuote(line: line) }
                return encoding.text(of: content[...])
            }
            throw .openQuote(line: first)
        }

        private func isEnd(_ byte: UInt8) -> Bool {
            byte == separator || byte == newline || byte == carriageReturn
        }
    }
}
