internal import Clocks
internal import Foundation
internal import School
internal import Stores

/// What an operator or a file says about an account to make, field by field as text.
public struct AccountDescription: Sendable, Hashable {
    /// The columns of an import file, in the order in which an export writes them.
    public enum Column: String, Sendable, Hashable, CaseIterable {
        /// The login; blank to have one made of the names.
        case login
        /// Prénom d'usage.
        case givenName = "given_name"
        /// Nom d'usage.
        case familyName = "family_name"
        /// A profile of the SDET (`National_ELV`) or its French word (`élève`).
        case profile
        /// `ecole`, `college` or `lycee`; may be blank.
        case level
        /// The UAI; may be blank.
        case school
        /// The class; may be blank.
        case className = "class"
        /// `yyyy-MM-dd` or `dd/MM/yyyy`; may be blank.
        case birthDate = "birth_date"
        /// Mail address; may be blank.
        case mail
    }

    /// A field that cannot be taken as it is.
    public enum Problem: Error, Sendable, Hashable {
        /// The field must not be blank.
        case missing(Column)
        /// The field has not the form that it must have.
        case malformed(Column, expected: String)
    }

    /// The fields given; those that are absent count as blank.
    public var fields: [Column: String]

    /// A description.
    public init(_ fields: [Column: String]) { self.fields = fields }

    func text(_ column: Column) -> String? {
        let text = (fields[column] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    func login() throws(Problem) -> Login? {
        guard let text = text(.login) else { return nil }
        guard let login = LoginCanonicalizer.login(text) else {
            throw .malformed(
                .login, expected: "a login without blanks, of at most \(LoginCanonicalizer.longest) characters")
        }
        return login
    }

    func mailAddress() throws(Problem) -> String? {
        guard let text = text(.mail) else { return nil }
        guard let mail = MailAddress(text) else { throw .malformed(.mail, expected: "a mail address such as a@b.fr") }
        return mail.description
    }

    func person() throws(Problem) -> Person {
        Person(
            givenName: try name(.givenName), familyName: try name(.familyName), profile: try profile(),
            level: try optional(.level, expected: "ecole, college or lycee") { Level(rawValue: Self.word($0)) },
            school: try optional(.school, expected: "a UAI: seven digits and a letter") { UAI($0) },
            className: try optional(.className, expected: "at most 64 characters on one line", Self.line),
            birthDate: try optional(.birthDate, expected: "yyyy-MM-dd or dd/MM/yyyy", Self.date))
    }

    private func name(_ column: Column) throws(Problem) -> String {
        guard let name = try optional(column, expected: "at most 64 characters on one line", Self.line) else {
            throw .missing(column)
        }
        return name
    }

    private func profile() throws(Problem) -> Profile {
        let profile = try optional(.profile, expected: "one of " + Self.profileWords) { text in
            Profile(rawValue: text) ?? Self.profiles[Self.word(text)]
        }
        guard let profile else { throw .missing(.profile) }
        return profile
    }

    private func optional<Value>(
        _ column: Column, expected: String, _ parse: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = text(column) else { return nil }
        guard let value = parse(text) else { throw .malformed(column, expected: expected) }
        return value
    }
}

extension AccountDescription {
    private static let profiles: [String: Profile] = [
        "eleve": .pupil, "parent": .responsible, "responsable": .responsible, "enseignant": .teacher,
        "documentaliste": .librarian, "direction": .head, "vie scolaire": .schoolLife, "personnel": .schoolStaff,
        "academie": .academyStaff, "collectivite": .localAuthority, "invite": .guest,
    ]

    private static let profileWords = profiles.keys.sorted().joined(separator: ", ")

    /// A word without case and accents.
    private static func word(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
    }

    /// A short text without control characters, in NFC.
    private static func line(_ text: String) -> String? {
        let text = text.precomposedStringWithCanonicalMapping
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            let category = scalar.properties.generalCategory
            return category != .control && category != .format && category != .lineSeparator
                && category != .paragraphSeparator
        }
        return text.count <= 64 && isPlain ? text : nil
    }

    private static func date(_ text: String) -> String? {
        let french = text.split(separator: "/", omittingEmptySubsequences: false)
        let date =
            french.count == 3 && french[0].count == 2 && french[1].count == 2
            ? [french[2], french[1], french[0]].joined(separator: "-") : text
        // A calendar day that exists.
        return Instant(rfc3339: date + "T00:00:00Z") == nil ? nil : date
    }
}
