internal import School

/// The attributes of the AAF that Loge keeps, those of the second degree and, where it has others, of the first.
enum AAFAttribute: String, CaseIterable {
    case categoriePersonne, categorieStructure, categorieMef, categorieMatiere

    case birthName = "ENTPersonNomPatro"
    case usageName = "sn"
    case usageName1D = "ENTPersonNom"
    case givenName = "givenName"
    case givenName1D = "ENTPersonPrenom"
    case otherGivenNames = "ENTPersonAutresPrenoms"
    case civility = "personalTitle"
    case civility1D = "ENTPersonCivilite"
    case birthDate = "ENTPersonDateNaissance"
    case mail = "mail"
    case mail1D = "ENTPersonMail"
    case postalCode = "ENTPersonCodePostal"
    case ine = "ENTEleveINE"
    case fileNumber = "ENTEleveStructRattachId"
    case mef = "ENTEleveMEF"
    case formation = "ENTEleveNivFormation"
    case level1D = "ENTEleveNiveau"
    case mobile = "mobile"
    case mobile1D = "ENTPersRelEleveTelMobile"
    case smsMobile = "ENTPersonMobileSMS"
    case schools = "ENTPersonStructRattach"
    case classes = "ENTEleveClasses"
    case classes1D = "ENTPersonClasses"
    case groups = "ENTEleveGroupes"
    case groups1D = "ENTPersonGroupes"
    case functions = "ENTPersonFonctions"
    case responsibles = "ENTElevePersRelEleve"
    case responsibles1D = "ENTEleveAutoriteParentale"
    case pupils1D = "ENTPersRelEleveEleve"

    case uai = "ENTStructureUAI"
    case otherUAI = "ENTEtablissementUAI"
    case name = "ENTStructureNomCourant"
    case type = "ENTStructureTypeStruct"
    case schoolPostalCode = "postalCode"
    case schoolPostalCode1D = "ENTStructureCodePostal"
    case town = "l"
    case town1D = "ENTStructureVille"
    case schoolClasses = "ENTStructureClasses"
    case schoolGroups = "ENTStructureGroupes"

    private static let all = Array(allCases)
    private static let words = ByteWords(allCases.map(\.rawValue))

    /// The attribute of that name; `nil` for one that is not kept.
    init?(_ name: ByteText) {
        let place = Self.words.place(of: name)
        guard place > 0 else { return nil }
        self = Self.all[place - 1]
    }

    /// Whether it stands among the `operationalAttributes`.
    var isOperational: Bool {
        switch self {
        case .categoriePersonne, .categorieStructure, .categorieMef, .categorieMatiere: true
        default: false
        }
    }

    /// Whether it has as many values as a school has classes or groups.
    var isOfManyValues: Bool { self == .schoolClasses || self == .schoolGroups }

    /// How many values of it one request may have.
    var mostValues: Int { isOfManyValues ? RecordLimits.classes : RecordLimits.values }

    /// The field that a `modification` of this attribute states. `ENTEleveNivFormation` states none: it is the level of
    /// those who have no MEF, and a request that names it alone does not say whether there is one.
    var field: RecordFields {
        switch self {
        case .categoriePersonne, .categorieStructure, .categorieMef, .categorieMatiere, .formation: []
        case .birthName: .birthName
        case .usageName, .usageName1D: .usageName
        case .givenName, .givenName1D: .givenName
        case .otherGivenNames: .otherGivenNames
        case .civility, .civility1D: .civility
        case .birthDate: .birthDate
        case .mail, .mail1D: .mail
        case .postalCode, .schoolPostalCode, .schoolPostalCode1D: .postalCode
        case .ine: .ine
        case .fileNumber: .fileNumber
        case .mef, .level1D: .level
        case .mobile, .mobile1D: .mobiles
        case .smsMobile: .smsMobiles
        case .schools: .schools
        case .classes, .classes1D, .schoolClasses: .classes
        case .groups, .groups1D, .schoolGroups: .groups
        case .functions: .functions
        case .responsibles, .responsibles1D, .pupils1D: .links
        case .uai, .otherUAI: .uai
        case .name: .name
        case .type: .type
        case .town, .town1D: .town
        }
    }
}

/// What a request is about (`categoriePersonne`, `categorieStructure`, …).
enum AAFCategory: String, CaseIterable {
    case pupils = "Eleve"
    case responsibles = "PersRelEleve"
    case staff = "PersEducNat"
    case schools = "EtabEducNat"
    case levels = "MefEducNat"
    case subjects = "MatiereEducNat"

    /// What a file of them holds.
    var content: RegisterFile.Content {
        switch self {
        case .pupils: .pupils
        case .responsibles: .responsibles
        case .staff: .staff
        case .schools: .schools
        case .levels, .subjects: .other
        }
    }
}
