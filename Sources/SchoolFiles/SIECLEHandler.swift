internal import School

/// Reads the files of SIECLE (BEE_ELEVES, BEE_RESPONSABLES): sections of records whose fields are elements. What belongs
/// together stands in several sections, so that the records of the one school are held until the file ends.
final class SIECLEHandler: RecordHandler {
    static let elements = Field.allCases.map(\.rawValue)

    /// What one school never has.
    enum Limits {
        static let pupils = 20_000
        static let persons = 60_000
        static let links = 200_000
        static let addresses = 100_000
        /// Classes and groups of all pupils together.
        static let places = 400_000
        /// Bytes of all texts.
        static let bytes = 64 * 1024 * 1024
    }

    /// The elements that mean something.
    enum Field: String, CaseIterable {
        case beeEleves = "BEE_ELEVES"
        case beeResponsables = "BEE_RESPONSABLES"
        case beeEPHCResponsables = "BEE_EPHC_RESPONSABLES"
        case parametres = "PARAMETRES"
        case uaj = "UAJ"
        case dateExport = "DATE_EXPORT"
        case eleve = "ELEVE"
        case structuresEleve = "STRUCTURES_ELEVE"
        case structure = "STRUCTURE"
        case personne = "PERSONNE"
        case responsableEleve = "RESPONSABLE_ELEVE"
        case adresse = "ADRESSE"
        case eleveID = "ELEVE_ID"
        case elenoet = "ELENOET"
        case personneID = "PERSONNE_ID"
        case adresseID = "ADRESSE_ID"
        case idNational = "ID_NATIONAL"
        case ineBEA = "INE_BEA"
        case ineRNIE = "INE_RNIE"
        case idEleveEtab = "ID_ELEVE_ETAB"
        case nomDeFamille = "NOM_DE_FAMILLE"
        case nomUsage = "NOM_USAGE"
        case nom = "NOM"
        case prenom = "PRENOM"
        case prenom2 = "PRENOM2"
        case prenom3 = "PRENOM3"
        case dateNaiss = "DATE_NAISS"
        case codeSexe = "CODE_SEXE"
        case lcCivilite = "LC_CIVILITE"
        case llCivilite = "LL_CIVILITE"
        case codeMEF = "CODE_MEF"
        case mel = "MEL"
        case telPortable = "TEL_PORTABLE"
        case dateSortie = "DATE_SORTIE"
        case codeStructure = "CODE_STRUCTURE"
        case typeStructure = "TYPE_STRUCTURE"
        case codeParente = "CODE_PARENTE"
        case niveauResponsabilite = "NIVEAU_RESPONSABILITE"
        case respLegal = "RESP_LEGAL"
        case codePostal = "CODE_POSTAL"

        static let all = Array(allCases)
    }

    /// A section's record while its fields are read, by their names; the text of each is its first.
    struct Fields {
        var values: [Field: String] = [:]
        let line: Int

        subscript(_ names: Field...) -> String {
            names.lazy.compactMap { values[$0] }.first { !$0.isEmpty } ?? ""
        }
    }

    var events: [ReadEvent] = []
    var school: SIECLESchool
    private let file: RegisterFile
    /// The record that is being read, and the depth of its element.
    private var record: Field?
    private var recordDepth = 0
    private var fields = Fields(line: 0)
    /// Bytes of all that is held.
    private var bytes = 0
    /// The fields of the `STRUCTURE` in a `STRUCTURES_ELEVE`.
    private var structure: [Field: String] = [:]

    /// - Parameter pupils: what the file of the pupils told, when it was read before that of the responsibles.
    init(_ file: RegisterFile, pupils: SIECLESchool.Pupils? = nil) {
        self.file = file
        school = SIECLESchool(file, known: pupils)
    }

    func finish(in reading: XMLReading) {
        guard school.hasSameSchool else {
            return reading.refuse(.malformed, "Its PARAMETRES do not name the school (UAJ) that they named before.")
        }
        let found = school.events()
        if let problem = RecordLimits.problem(in: found) {
            return reading.refuse(problem.reason, problem.sentence, line: problem.line)
        }
        events += found
    }

    func start(_ place: Int, _ attributes: XMLAttributes, in reading: XMLReading) {
        let field = place > 0 ? Field.all[place - 1] : nil
        let depth = reading.depth
        if depth == 1 { return checkRoot(field, in: reading) }
        guard let record else {
            if let field, isRecord(field, depth) { begin(field, attributes, in: reading) }
            return
        }
        if depth == recordDepth + 1 {
            reading.keepsText = field != nil
            if field == .structure { structure = [:] }
        } else if record == .structuresEleve, depth == recordDepth + 2 {
            reading.keepsText = field == .codeStructure || field == .typeStructure
        }
    }

    func end(_ place: Int, in reading: XMLReading) {
        let depth = reading.depth
        guard let record else { return }
        if depth == recordDepth {
            self.record = nil
            return take(record, in: reading)
        }
        guard place > 0 else { return }
        let field = Field.all[place - 1]
        if record == .structuresEleve, field == .structure, depth == recordDepth + 1 {
            school.take(structure: structure[.codeStructure] ?? "", type: structure[.typeStructure] ?? "", fields)
        } else if reading.keepsText {
            let text = reading.withText(\.string)
            bytes += text.utf8.count
            if depth == recordDepth + 2 {
                structure[field] = text
            } else if fields.values[field, default: ""].isEmpty {
                fields.values[field] = text
            }
        }
    }

    private func begin(_ field: Field, _ attributes: XMLAttributes, in reading: XMLReading) {
        record = field
        recordDepth = reading.depth
        fields = Fields(line: reading.line)
        fields.values[.eleveID] = attributes.value(of: "ELEVE_ID")?.trimmed.string
        fields.values[.elenoet] = attributes.value(of: "ELENOET")?.trimmed.string
        fields.values[.personneID] = attributes.value(of: "PERSONNE_ID")?.trimmed.string
        fields.values[.adresseID] = attributes.value(of: "ADRESSE_ID")?.trimmed.string
    }

    private func checkRoot(_ field: Field?, in reading: XMLReading) {
        let isIt: Bool
        switch field {
        case .beeEleves: isIt = file.content == .pupils
        case .beeResponsables, .beeEPHCResponsables: isIt = file.content == .responsibles
        default: isIt = false
        }
        if !isIt { reading.refuse(.unrecognised, "Its root is not that of a SIECLE file of this kind.") }
    }

    /// `root/DONNEES/section/record`, and `root/PARAMETRES`.
    private func isRecord(_ field: Field, _ depth: Int) -> Bool {
        switch field {
        case .parametres: depth == 2
        case .eleve, .structuresEleve: depth == 4 && file.content == .pupils
        case .personne, .responsableEleve: depth == 4 && file.content == .responsibles
        case .adresse: depth == 4
        default: false
        }
    }

    private func take(_ record: Field, in reading: XMLReading) {
        switch record {
        case .parametres: school.take(parameters: fields)
        case .eleve: school.take(pupil: fields)
        case .personne: school.take(person: fields)
        case .responsableEleve: school.take(link: fields)
        case .adresse: school.take(address: fields)
        default: break
        }
        if school.isTooLarge || bytes > Limits.bytes {
            reading.refuse(.limit, "It holds more than any one school has.")
        }
    }
}
