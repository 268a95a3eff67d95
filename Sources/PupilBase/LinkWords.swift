internal import Matching
internal import School

/// A link in the words of a school.
struct LinkWords {
    /// What the responsible is to the pupil.
    let plainKind: String
    /// The same, with the code that says it.
    let kind: String
    /// What the responsible is before the law.
    let plainLevel: String
    /// The same, with what the file states.
    let level: String

    /// - Parameter version: of the AAF that states it; 0 for none.
    init(register: Register, kindCode: String, level: StatedLevel, version: Int64) {
        plainKind = kindCode.isEmpty ? "lien non précisé" : Self.kinds[kindCode] ?? "lien de code inconnu"
        kind = kindCode.isEmpty ? plainKind : "\(plainKind) (\(kindCode))"
        // Nobody's: the rules look at the register, the version, the kind and the level only.
        let link = PupilLink(
            to: Pupil(id: PupilID(""), birthDate: nil, name: CivilName(given: "")),
            register: register, version: version == 0 ? nil : AAFVersion(number: Int(version)), kindCode: kindCode,
            level: level)
        plainLevel =
            switch LegalRules().standing(statedBy: link) {
            case .legal: "représentant légal"
            case .inCharge: "personne en charge"
            case .contact: "personne à contacter"
            case .unknown: "niveau incertain : n’ouvre aucun droit"
            case nil: "niveau non indiqué par ONDE"
            }
        let stated = [level.form, level.code].filter { !$0.isEmpty }.joined(separator: " ")
        self.level = stated.isEmpty ? plainLevel : "\(plainLevel) (\(stated))"
    }

    /// SIECLE `CODE_PARENTE`, and the codes of older AAF, of which 3 to 7 are not told apart.
    private static let kinds = [
        "1": "père", "2": "mère", "3": "autre lien", "4": "autre lien", "5": "autre lien", "6": "autre lien",
        "7": "autre lien", "10": "mère", "20": "père", "37": "fratrie", "38": "ascendant",
        "39": "autre membre de la famille", "41": "éducateur", "42": "assistant familial", "50": "tuteur",
        "51": "aide sociale à l’enfance", "70": "élève lui-même", "90": "autre cas",
    ]
}
