internal import DelimitedText
internal import School

/// A CSV file of ONDE, read into records; a school's file is small.
struct ONDETable {
    /// How much of a file is read; the largest school has some hundred pupils.
    enum Limits {
        static let size: Int64 = 32 << 20
        static let csv = CSV.Limits(fieldLength: 8 << 10, fields: 512, records: 20_001)
    }

    let file: String
    let header: CSV.Record
    let rows: [CSV.Record]
    /// Whether the last line has its end.
    private let isWhole: Bool

    /// The file of these bytes that messages call `file`.
    ///
    /// - Throws: `.empty`, `.encoding`, `.truncated`, `.malformed`, `.limit`.
    init(_ bytes: [UInt8], file: String) throws(FileProblem) {
        let records: [CSV.Record]
        do {
            records = try CSV.records(of: bytes, separator: CSV.semicolon, limits: Limits.csv)
        } catch {
            throw FileProblem(error, in: file)
        }
        guard let header = records.first, records.count > 1 else {
            throw FileProblem(.empty, in: file, "It holds no line below its header.")
        }
        self.file = file
        self.header = header
        rows = Array(records.dropFirst())
        isWhole = bytes.last == 0x0A || bytes.last == 0x0D
    }

    /// Where a record stands.
    func place(of row: CSV.Record) -> FilePlace { FilePlace(file: file, line: row.line) }

    /// Whether a line is no record but something written below the table: one text, in the first column.
    func isFooter(_ row: CSV.Record) -> Bool {
        guard let text = row.fields.first, !text.isEmpty, row.fields.dropFirst().allSatisfy(\.isEmpty) else {
            return false
        }
        return header.fields.count > 1 && Civility(written: text) == nil
    }

    /// Checks that the fields of a record are those of the header.
    ///
    /// - Parameter needed: how many there are at least; what follows may be left out when it is empty.
    /// - Throws: `.malformed`, or `.truncated` when it is the last line and has no end.
    func check(_ row: CSV.Record, needed: Int) throws(FileProblem) {
        if row.fields.dropFirst(header.fields.count).contains(where: { !$0.isEmpty }) {
            throw FileProblem(
                .malformed, in: file, line: row.line,
                "It has \(row.fields.count) fields and the header \(header.fields.count): "
                    + "a semicolon stands in a field without quotes.")
        }
        guard row.fields.count < needed else { return }
        if !isWhole, row == rows.last {
            throw FileProblem(.truncated, in: file, line: row.line, "The file ends in the middle of this line.")
        }
        throw FileProblem(
            .malformed, in: file, line: row.line,
            "It has \(row.fields.count) fields and the header \(header.fields.count).")
    }

    /// The field at that place without blanks around; empty when there is none.
    func field(_ place: Int?, of row: CSV.Record) -> String {
        guard let place, row.fields.indices.contains(place) else { return "" }
        return row.fields[place].trimmed
    }
}

extension FileProblem {
    fileprivate init(_ malformation: CSV.Malformation, in file: String) {
        let most = ONDETable.Limits.csv
        switch malformation {
        case .encoding(let line):
            self.init(
                .encoding, in: file, line: line,
                "It is text neither in UTF-8 nor in ISO-8859-1: export it again, and save it with no other program.")
        case .openQuote(let line):
            self.init(.truncated, in: file, line: line, "A quoted field begins here and never ends.")
        case .textAfterQuote(let line):
            self.init(.malformed, in: file, line: line, "Something other than a semicolon follows a closing quote.")
        case .beyond(.fieldLength, let line):
            self.init(
                .limit, in: file, line: line,
                "A field is longer than \(most.fieldLength) bytes: a closing quote may be missing.")
        case .beyond(.fields, let line):
            self.init(.limit, in: file, line: line, "It has more than \(most.fields) fields.")
        case .beyond(.records, let line):
            self.init(
                .limit, in: file, line: line, "It has more than \(most.records - 1) lines: no school has as many.")
        }
    }
}

extension String {
    /// The text without blanks, ends of line and no-break spaces around.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
