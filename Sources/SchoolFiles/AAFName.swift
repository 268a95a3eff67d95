/// What the name of an AAF file tells: `…_{Complet|Delta}_YYYYMMDD_{kind}_NNNN.xml`, or its end alone.
struct AAFName: Equatable {
    let category: AAFCategory
    let number: Int
    var extent: RegisterFile.Extent?
    /// `yyyy-MM-dd`.
    var date: String?

    /// The parts of the last component of `path`; `nil` when it does not end as the names of the AAF do.
    init?(_ path: String) {
        let file = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        guard file.lowercased().hasSuffix(".xml") else { return nil }
        // Whole parts are compared: PersRelEleve ends in Eleve too.
        let parts = file.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 2, let number = parts.last, Self.isNumber(number, digits: 4),
            let category = AAFCategory(rawValue: String(parts[parts.count - 2])), let value = Int(number)
        else { return nil }
        self.category = category
        self.number = value
        guard parts.count >= 4, Self.isNumber(parts[parts.count - 3], digits: 8) else { return }
        switch parts[parts.count - 4].lowercased() {
        case "complet": extent = .complete
        case "delta": extent = .changes
        default: return
        }
        date = Self.day(String(parts[parts.count - 3]))
    }

    /// The day written `yyyyMMdd`, `yyyy-MM-dd…` or `dd/MM/yyyy…` as `yyyy-MM-dd`; `nil` for anything else.
    static func day(_ written: String) -> String? {
        let digits = written.utf8.prefix(10).filter { (0x30...0x39).contains($0) }.map { Character(Unicode.Scalar($0)) }
        guard digits.count == 8 else { return nil }
        let day: (year: ArraySlice<Character>, month: ArraySlice<Character>, day: ArraySlice<Character>)
        if written.dropFirst(2).first == "/" {
            day = (digits[4..<8], digits[2..<4], digits[0..<2])
        } else {
            day = (digits[0..<4], digits[4..<6], digits[6..<8])
        }
        guard let month = Int(String(day.month)), (1...12).contains(month), let number = Int(String(day.day)),
            (1...31).contains(number)
        else { return nil }
        return "\(String(day.year))-\(String(day.month))-\(String(day.day))"
    }

    private static func isNumber(_ text: Substring, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// What the comment at the head of an AAF file tells, as `name="value"` in any order and with any quotes.
struct AAFComment: Equatable {
    var version: String?
    var academy: String?
    var degree: String?
    var date: String?

    /// Takes what a comment says and no comment before it has said.
    mutating func take(_ comment: String) {
        version = version ?? Self.value(of: "versionAF", in: comment)
        academy = academy ?? Self.value(of: "codeAcademieExport", in: comment)
        degree = degree ?? Self.value(of: "degre", in: comment)
        date = date ?? Self.value(of: "dateGenerationExport", in: comment)
    }

    private static func value(of name: String, in comment: String) -> String? {
        var rest = Substring(comment)
        while let range = rest.firstRange(of: name) {
            let before = rest[..<range.lowerBound].last
            rest = rest[range.upperBound...].drop(while: \.isWhitespace)
            guard before?.isLetter != true, rest.first == "=" else { continue }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            let value: Substring
            if let quote = rest.first, quote == "\"" || quote == "'" {
                value = rest.dropFirst().prefix { $0 != quote }
            } else {
                value = rest.prefix { !$0.isWhitespace }
            }
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }
}
