/// What somebody is in a file; a person who is several things stands in a register once for each.
public enum PersonKind: String, Sendable, Hashable, CaseIterable {
    /// Élève (AAF `Eleve`, SIECLE `ELEVE`, ONDE pupils).
    case pupil
    /// Personne en relation avec un élève (AAF `PersRelEleve`, SIECLE `PERSONNE`, ONDE responsibles).
    case responsible
    /// Personnel (AAF `PersEducNat`).
    case staff
}

/// A person as one file states them, in its own words but for blanks around: nothing is judged here.
public struct PersonRecord: Sendable, Hashable {
    /// What the person is in the file.
    public var kind: PersonKind
    /// The register's own key: AAF `ENTPersonJointure` (the identifier of the request), SIECLE `ELEVE_ID` and
    /// `PERSONNE_ID`, in ONDE what ``SchoolFiles`` derives. Keys of two kinds have nothing to do with each other.
    public var key: String
    /// AAF `ENTPersonNomPatro`, 1D `ENTPersonNomPatro`; SIECLE `NOM_DE_FAMILLE`; ONDE « Nom responsable », « Nom Elève ».
    public var birthName = ""
    /// AAF `sn`, 1D `ENTPersonNom`; SIECLE `NOM_USAGE` (or `NOM`); ONDE « Nom d'usage ».
    public var usageName = ""
    /// AAF `givenName`, 1D `ENTPersonPrenom`; SIECLE `PRENOM`.
    public var givenName = ""
    /// AAF `ENTPersonAutresPrenoms`; SIECLE `PRENOM2`, `PRENOM3`; ONDE « Deuxième prénom », « Troisième prénom ».
    public var otherGivenNames: [String] = []
    /// AAF `personalTitle`, 1D `ENTPersonCivilite`; SIECLE `LC_CIVILITE`, or `CODE_SEXE` of a pupil; as written.
    public var civility = ""
    /// AAF `ENTPersonDateNaissance` and SIECLE `DATE_NAISS` (dd/MM/yyyy), ONDE (either form); as written.
    public var birthDate = ""
    /// AAF `mail`, 1D `ENTPersonMail`; SIECLE `MEL`; ONDE « Courriel ».
    public var mail = ""
    /// AAF `ENTPersonCodePostal`; SIECLE by `ADRESSE_ID`; ONDE « CP responsable ».
    public var postalCode = ""
    /// AAF `ENTEleveINE`; SIECLE `ID_NATIONAL` (or `INE_BEA`, `INE_RNIE`); ONDE « INE ».
    public var ine = ""
    /// AAF `ENTEleveStructRattachId`: the number of the pupil's file in the school; SIECLE `ID_ELEVE_ETAB`, or `ELENOET`.
    public var fileNumber = ""
    /// AAF `ENTEleveMEF` or, without one, `ENTEleveNivFormation`, 1D `ENTEleveNiveau`; SIECLE `CODE_MEF`; ONDE « Niveau ».
    public var level = ""
    /// AAF `mobile`, 1D `ENTPersRelEleveTelMobile`; SIECLE `TEL_PORTABLE`; ONDE « Téléphone portable ».
    public var mobiles: [String] = []
    /// AAF `ENTPersonMobileSMS`.
    public var smsMobiles: [String] = []
    /// The keys of the schools: AAF `ENTPersonStructRattach`.
    public var schools: [String] = []
    /// AAF `ENTEleveClasses`; SIECLE `STRUCTURE` of type D; ONDE « Classe ».
    public var classes: [ClassPlace] = []
    /// AAF `ENTEleveGroupes`; SIECLE `STRUCTURE` of type G.
    public var groups: [ClassPlace] = []
    /// AAF `ENTPersonFonctions` of staff.
    public var functions: [StaffFunction] = []
    /// The links that this very record states: of a pupil (AAF `ENTElevePersRelEleve`, 1D `ENTEleveAutoriteParentale`)
    /// or of a responsible (AAF 1D `ENTPersRelEleveEleve`, SIECLE `RESPONSABLE_ELEVE`, ONDE).
    public var links: [LinkRecord] = []

    /// A person of that key.
    public init(_ kind: PersonKind, key: String) {
        self.kind = kind
        self.key = key
    }
}

/// A place in a class or group of a school.
public struct ClassPlace: Sendable, Hashable {
    /// The key of the school in the same register.
    public var school: String
    /// The code of the class or group.
    public var code: String

    /// A place.
    public init(school: String, code: String) {
        self.school = school
        self.code = code
    }
}

/// What somebody does in a school (AAF `ENTPersonFonctions`: `struct$code$label$discipline code$discipline label`).
public struct StaffFunction: Sendable, Hashable {
    /// The key of the school in the same register.
    public var school: String
    /// The code, such as `ENS`, `DOC`, `DIR`, `EDU`.
    public var code: String
    /// The label of the function.
    public var label: String
    /// The label of the discipline; empty when there is none.
    public var discipline: String

    /// A function.
    public init(school: String, code: String, label: String = "", discipline: String = "") {
        self.school = school
        self.code = code
        self.label = label
        self.discipline = discipline
    }

    /// The profile of the SDET that the code means (AAF functions: ENS, DOC, DIR, then EDU, AED, SUR, then the rest of
    /// the school's staff); `nil` for a code that is none of them.
    public var profile: Profile? {
        switch code {
        case "ENS": .teacher
        case "DOC": .librarian
        case "DIR": .head
        case "EDU", "AED", "SUR": .schoolLife
        case "ADF", "LAB", "ALB", "MDS", "OUV", "CTR", "ASE", "ORI", "CFC", "ACP", "AES", "TEC": .schoolStaff
        default: nil
        }
    }
}

/// What one file says of a responsible and a pupil of the same register.
public struct LinkRecord: Sendable, Hashable {
    /// The key of the pupil.
    public var pupil: String
    /// The key of the responsible.
    public var responsible: String
    /// AAF part 2 of `ENTElevePersRelEleve` (`lien`), SIECLE `CODE_PARENTE`; empty in ONDE and AAF 1D.
    public var kindCode: String
    /// The legal level, as stated.
    public var level: StatedLevel

    /// A link.
    public init(pupil: String, responsible: String, kindCode: String = "", level: StatedLevel = .absent) {
        self.pupil = pupil
        self.responsible = responsible
        self.kindCode = kindCode
        self.level = level
    }
}
