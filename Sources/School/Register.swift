/// Where one authority numbers people: one format of one academy or school. Two records of one register are two people
/// to that authority; ids of two registers have nothing to do with each other.
public struct Register: Sendable, Hashable {
    /// The ministries' formats.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// Annuaire académique fédérateur, second degré.
        case aaf2D = "AAF 2D"
        /// Annuaire académique fédérateur, premier degré.
        case aaf1D = "AAF 1D"
        /// SIECLE (ResponsablesAvecAdresses).
        case siecle = "SIECLE"
        /// ONDE (CSVExtraction-responsables).
        case onde = "ONDE"
    }

    /// Whose people.
    public enum Scope: Sendable, Hashable {
        /// Those of an academy, by its code (AAF `codeAcademieExport`).
        case academy(String)
        /// Those of a school (SIECLE `UAJ`; ONDE, whose files are a school's).
        case school(UAI)
    }

    /// The format of its files.
    public let format: Format
    /// Whose people it holds.
    public let scope: Scope

    /// The register of this format for this academy or school.
    public init(_ format: Format, _ scope: Scope) {
        self.format = format
        self.scope = scope
    }
}

/// The version of an AAF export (`versionAF`), such as `AAF-VE2407`.
public struct AAFVersion: Sendable, Hashable, Comparable {
    /// The four digits: year and month of the specification.
    public let number: Int

    /// The version written in `text`; `nil` when it has another form, which counts as no version.
    public init?(_ text: String) {
        guard text.hasPrefix("AAF-VE") else { return nil }
        let digits = text.dropFirst(6)
        guard digits.utf8.count == 4, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
        else {
            return nil
        }
        self.number = number
    }

    /// The version of that number.
    public init(number: Int) { self.number = number }

    /// Whether the left one is the older.
    public static func < (left: AAFVersion, right: AAFVersion) -> Bool { left.number < right.number }
}
