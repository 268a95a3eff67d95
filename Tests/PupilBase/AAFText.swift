/// Writes AAF files of invented people, as the academies export them.
struct AAFText {
    var academy = "09"
    var version = "AAF-VE2407"
    var date = "2025-09-15"
    var requests: [String] = []

    /// The text of a file.
    var text: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">
        <ficAlimMENESR>
        <!-- versionAF="\(version)" versionSDET="6" codeAcademieExport="\(academy)" degre="2D" \
        dateGenerationExport="\(date)" -->
        \(requests.joined(separator: "\n"))
        </ficAlimMENESR>

        """
    }

    private static func values(_ values: [String]) -> String {
        values.isEmpty ? "<value/>" : values.map { $0.isEmpty ? "<value/>" : "<value>\($0)</value>" }.joined()
    }

    static func head(_ category: String) -> String {
        let kind = category == "EtabEducNat" ? "categorieStructure" : "categoriePersonne"
        return "<operationalAttributes><attr name=\"\(kind)\"><value>\(category)</value></attr></operationalAttributes>"
    }

    mutating func add(_ category: String, _ id: String, _ attributes: [(String, [String])]) {
        let list = attributes.map { "<attr name=\"\($0.0)\">\(Self.values($0.1))</attr>" }.joined(separator: "\n")
        requests.append(
            "<addRequest>\(Self.head(category))<identifier><id>\(id)</id></identifier>\n<attributes>\n\(list)\n"
                + "</attributes></addRequest>")
    }

    mutating func modify(_ category: String, _ id: String, _ attributes: [(String, [String])]) {
        let list = attributes.map {
            "<modification name=\"\($0.0)\" operation=\"replace\">\(Self.values($0.1))</modification>"
        }.joined()
        requests.append(
            "<modifyRequest>\(Self.head(category))<identifier><id>\(id)</id></identifier>"
                + "<modifications>\(list)</modifications></modifyRequest>")
    }

    mutating func delete(_ category: String, _ id: String) {
        requests.append(
            "<deleteRequest>\(Self.head(category))<identifier><id>\(id)</id></identifier></deleteRequest>")
    }
}

/// An invented collège, which a test changes as it needs.
struct College {
    struct Pupil {
        var id: String
        var birth = "EXEMPLE"
        var usage = "EXEMPLE"
        var given = "Léa"
        var born = "14/03/2012"
        var ine = ""
        var file = "7001"
        var links: [String] = []
        var classes = ["900001$5A"]
        var school = "900001"
    }

    struct Parent {
        var id: String
        var birth = "DEMO"
        var usage = "EXEMPLE"
        var given = "Camille"
        var title = "Mme"
        var mobile: [String] = []
        var sms = ""
        var mail = ""
    }

    var version = "AAF-VE2407"
    var academy = "09"
    var date = "2025-09-15"
    var pupils: [Pupil] = [
        Pupil(
            id: "910001", ine: "999000001AA", links: ["920001$10$1$1$1$1", "920002$20$0$1$1$0", "920003$38$0$3$1$0"]),
        Pupil(
            id: "910002", given: "Zoé", born: "02/11/2009", ine: "999000002AB", file: "7002",
            links: ["920001$10$1$1$1$1", "920002$20$0$1$1$0"], classes: ["900001$3B"]),
    ]
    var parents: [Parent] = [
        Parent(
            id: "920001", mobile: ["+33 6 39 98 00 01"], sms: "+33 6 39 98 00 01", mail: "camille.exemple@example.org"),
        Parent(
            id: "920002", birth: "EXEMPLE", given: "Alex", title: "M.", mobile: ["06.39.98.00.02", "0639980012"],
            sms: "06.39.98.00.02"),
        Parent(id: "920003", usage: "DEMO", given: "Odette"),
    ]

    private var empty: AAFText { AAFText(academy: academy, version: version, date: date) }

    /// Its files, complete.
    func files() -> [String: String] {
        let day = date.replacing("-", with: "")
        var schools = empty
        schools.add(
            "EtabEducNat", "900001",
            [
                ("ENTStructureJointure", ["900001"]), ("ENTStructureUAI", ["0599901S"]),
                ("ENTStructureNomCourant", ["CLG-ALICE FICTIVE-ac-LILLE"]), ("ENTStructureTypeStruct", ["COLLEGE"]),
                ("postalCode", ["59000"]), ("l", ["LILLE"]),
                ("ENTStructureClasses", ["5A$5EME A$10110001110", "3B$3EME B$10310019110"]),
            ])
        var people = empty
        for pupil in pupils { people.add("Eleve", pupil.id, Self.attributes(pupil)) }
        var parents = empty
        for parent in self.parents { parents.add("PersRelEleve", parent.id, Self.attributes(parent)) }
        return [
            "ENT_Complet_\(day)_EtabEducNat_0000.xml": schools.text, "ENT_Complet_\(day)_Eleve_0000.xml": people.text,
            "ENT_Complet_\(day)_PersRelEleve_0000.xml": parents.text,
        ]
    }

    /// A delta of pupils and one of responsibles.
    static func delta(
        _ date: String, pupils: (inout AAFText) -> Void = { _ in }, parents: (inout AAFText) -> Void = { _ in }
    ) -> [String: String] {
        let day = date.replacing("-", with: "")
        var (one, other) = (AAFText(date: date), AAFText(date: date))
        pupils(&one)
        parents(&other)
        var files: [String: String] = [:]
        if !one.requests.isEmpty { files["ENT_Delta_\(day)_Eleve_0000.xml"] = one.text }
        if !other.requests.isEmpty { files["ENT_Delta_\(day)_PersRelEleve_0000.xml"] = other.text }
        return files
    }

    static func attributes(_ pupil: Pupil) -> [(String, [String])] {
        [
            ("ENTPersonJointure", [pupil.id]), ("ENTEleveINE", [pupil.ine]), ("ENTEleveStructRattachId", [pupil.file]),
            ("ENTPersonDateNaissance", [pupil.born]), ("ENTPersonNomPatro", [pupil.birth]), ("sn", [pupil.usage]),
            ("givenName", [pupil.given]), ("ENTElevePersRelEleve", pupil.links),
            ("ENTPersonStructRattach", [pupil.school]),
            ("ENTEleveClasses", pupil.classes), ("ENTPersonCodePostal", ["59000"]),
        ]
    }

    static func attributes(_ parent: Parent) -> [(String, [String])] {
        [
            ("ENTPersonJointure", [parent.id]), ("ENTPersonNomPatro", [parent.birth]), ("sn", [parent.usage]),
            ("givenName", [parent.given]), ("personalTitle", [parent.title]), ("mobile", parent.mobile),
            ("ENTPersonMobileSMS", [parent.sms]), ("mail", [parent.mail]),
        ]
    }
}
