internal import DelimitedText
internal import School

/// A column that is read. The raw value is its name in the files before 2020, as messages tell it.
protocol ONDEColumn: RawRepresentable<String>, Hashable, CaseIterable {
    /// The names that it has had, in the letters of ``FoldedName``: no accents, blanks or apostrophes.
    var spellings: Set<String> { get }
    /// The columns by all their names.
    static var named: [String: Self] { get }
    /// Whether a file without it is refused: what it holds would seem to be erased.
    var isNeeded: Bool { get }
}

/// A column of the pupils.
enum ONDEPupilColumn: String, ONDEColumn {
    case birthName = "Nom Elève"
    case usageName = "Nom d'usage Elève"
    case givenName = "Prénom Elève"
    case secondName = "Deuxième prénom"
    case thirdName = "Troisième prénom"
    case birthDate = "Date naissance"
    case sex = "Sexe"
    case ine = "INE"
    case postalCode = "Cp1"
    case level = "Niveau"
    case classroom = "Classe"
    case groups = "Regroupement(s)"

    var spellings: Set<String> {
        switch self {
        case .birthName: ["NOMELEVE", "NOMDEFAMILLEELEVE"]
        case .usageName: ["NOMDUSAGEELEVE", "NOMUSAGEELEVE"]
        case .givenName: ["PRENOMELEVE"]
        case .secondName: ["DEUXIEMEPRENOM"]
        case .thirdName: ["TROISIEMEPRENOM"]
        case .birthDate: ["DATENAISSANCE", "DATEDENAISSANCE", "DATENAISSANCEELEVE", "DATEDENAISSANCEELEVE"]
        case .sex: ["SEXE"]
        case .ine: ["INE"]
        case .postalCode: ["CP1", "CP", "CODEPOSTAL"]
        case .level: ["NIVEAU"]
        case .classroom: ["CLASSE", "LIBELLECLASSE"]
        case .groups: ["REGROUPEMENTS", "REGROUPEMENT"]
        }
    }

    static let named = byName()

    var isNeeded: Bool { [.birthName, .givenName, .birthDate, .classroom].contains(self) }

    /// Columns that the files have and Loge does not need.
    static let ignored: Set<String> = [
        "ADRESSE", "ADRESSE1", "ADRESSE2", "COMMUNE", "COMMUNE1", "COMMUNE2", "CP2", "PAYS", "PAYS1", "PAYS2", "CYCLE",
        "ATTESTATIONFOURNIE", "AUTORISATIONSASSOCIATIONS", "AUTORISATIONASSOCIATIONS", "AUTORISATIONSPHOTOS",
        "AUTORISATIONPHOTO", "DECISIONDEPASSAGE", "IDENTIFIANTCLASSE", "DISPOSITIFS", "DATEINSCRIPTION", "ETAT",
        "COMMUNENAISSANCE", "DEPTNAISSANCE", "PAYSNAISSANCE", "INTERVENANT",
    ]
}

/// A column of the responsibles that stands there once.
enum ONDEResponsibleColumn: String, ONDEColumn {
    case civility = "Civilité Responsable"
    case usageName = "Nom usage responsable"
    case birthName = "Nom responsable"
    case givenName = "Prénom responsable"
    case postalCode = "CP responsable"
    case mail = "Courriel"
    case mobile = "Téléphone portable"

    var spellings: Set<String> {
        switch self {
        case .civility: ["CIVILITERESPONSABLE", "CIVILITE"]
        case .usageName: ["NOMUSAGERESPONSABLE", "NOMDUSAGERESPONSABLE"]
        case .birthName: ["NOMRESPONSABLE", "NOMDEFAMILLERESPONSABLE"]
        case .givenName: ["PRENOMRESPONSABLE"]
        case .postalCode: ["CPRESPONSABLE", "CODEPOSTALRESPONSABLE", "CODEPOSTAL", "CP"]
        case .mail: ["COURRIEL", "COURRIELRESPONSABLE"]
        case .mobile: ["TELEPHONEPORTABLE"]
        }
    }

    static let named = byName()

    var isNeeded: Bool { self != .usageName && self != .postalCode }

    /// Columns that the files have and Loge does not need.
    static let ignored: Set<String> = [
        "ADRESSERESPONSABLE", "ADRESSE", "COMMUNERESPONSABLE", "COMMUNE", "PAYS", "PAYSRESPONSABLE",
        "TELEPHONEDOMICILE", "TELEPHONETRAVAIL", "NUMERODEPOSTE", "COMMUNICATIONADRESSES", "PCS",
    ]
}

/// A column of a child, of which the file of the responsibles has as many as the largest family needs.
enum ONDEChildColumn: String, ONDEColumn {
    case usageName = "Nom d'usage enfant"
    case birthName = "Nom de famille enfant"
    case givenName = "Prénom enfant"
    case classes = "Classes enfants"
    case birthDate = "Date de naissance élève"

    var spellings: Set<String> {
        switch self {
        case .usageName: ["NOMDUSAGEENFANT", "NOMUSAGEENFANT", "NOMDUSAGEELEVE", "NOMUSAGEELEVE"]
        case .birthName:
            ["NOMDEFAMILLEENFANT", "NOMFAMILLEENFANT", "NOMENFANT", "NOMDEFAMILLEELEVE", "NOMELEVE", "NOMDELELEVE"]
        case .givenName: ["PRENOMENFANT", "PRENOMELEVE", "PRENOMDELELEVE"]
        case .classes:
            [
                "CLASSESENFANTS", "CLASSESENFANT", "CLASSEENFANT", "CLASSESELEVES", "CLASSESELEVE", "CLASSEELEVE",
                "CLASSESDELELEVE", "CLASSEDELELEVE",
            ]
        case .birthDate:
            ["DATEDENAISSANCEELEVE", "DATENAISSANCEELEVE", "DATEDENAISSANCEENFANT", "DATENAISSANCEENFANT"]
        }
    }

    static let named = byName()

    var isNeeded: Bool { self == .birthName || self == .givenName || self == .classes }
}

extension ONDEColumn {
    fileprivate static func byName() -> [String: Self] {
        let names = allCases.flatMap { column in column.spellings.map { ($0, column) } }
        return Dictionary(names) { first, _ in first }
    }

    /// The column of that name in a header; `nil` when it is another one.
    init?(folded name: String) {
        guard let column = Self.named[name] else { return nil }
        self = column
    }
}
