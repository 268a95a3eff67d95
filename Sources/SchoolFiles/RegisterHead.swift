internal import School

/// Finds out what an XML file is by its beginning: the root, the comment and the first requests of an AAF, the
/// `PARAMETRES` of a SIECLE file.
final class RegisterHead: XMLHandler {
    static let elements = [
        "ficAlimMENESR", "addRequest", "modifyRequest", "deleteRequest", "operationalAttributes", "attr", "value",
        "BEE_ELEVES", "BEE_RESPONSABLES", "BEE_EPHC_RESPONSABLES", "PARAMETRES", "UAJ", "DATE_EXPORT",
    ]

    private enum Element: Int {
        case other, aaf, add, modify, delete, operational, attr, value
        case eleves, responsables, ephcResponsables, parametres, uaj, dateExport
    }

    /// The root.
    enum Root {
        case aaf
        case siecle(RegisterFile.Content)
        case other
    }

    private(set) var root: Root?
    private(set) var comment = AAFComment()
    /// What the first request of a known kind is about.
    private(set) var category: AAFCategory?
    private(set) var hasRequests = false
    /// Whether there is a request to modify or to delete.
    private(set) var hasChanges = false
    /// Whether there are attributes that only the first degree has.
    private(set) var has1DNames = false
    private(set) var uaj = ""
    private(set) var dateExport = ""
    private var isOfSIECLE = false
    private var isOperational = false
    private var isCategory = false

    func start(_ place: Int, _ attributes: XMLAttributes, in reading: XMLReading) {
        let element = Element(rawValue: place) ?? .other
        switch (reading.depth, element) {
        case (1, .aaf): root = .aaf
        case (1, .eleves): root = .siecle(.pupils)
        case (1, .responsables), (1, .ephcResponsables): root = .siecle(.responsibles)
        case (1, _):
            // Nomenclature.xml and the others that SIECLE exports beside the pupils.
            root = isOfSIECLE ? .siecle(.other) : .other
            if !isOfSIECLE { reading.stop() }
        case (2, .add), (2, .modify), (2, .delete):
            hasRequests = true
            if element != .add { hasChanges = true }
        case (3, _): isOperational = element == .operational
        case (4, .attr):
            guard let name = attributes.value(of: "name")?.string else { return }
            isCategory = isOperational && name.hasPrefix("categorie")
            if ["ENTPersonNom", "ENTPersonPrenom", "ENTStructureVille"].contains(name) { has1DNames = true }
        case (5, .value): reading.keepsText = isCategory && category == nil
        default: break
        }
        if reading.depth == 3, element == .uaj || element == .dateExport { reading.keepsText = true }
    }

    func end(_ place: Int, in reading: XMLReading) {
        guard reading.keepsText else {
            if reading.depth == 2, place == Element.parametres.rawValue { reading.stop() }
            return
        }
        let text = reading.withText(\.string)
        switch Element(rawValue: place) {
        case .uaj: uaj = text
        case .dateExport: dateExport = text
        default: category = category ?? AAFCategory(rawValue: text)
        }
    }

    func root(_ name: ByteText) { isOfSIECLE = name.string.hasPrefix("BEE_") }

    func comment(_ text: String, in reading: XMLReading) {
        if !hasRequests { comment.take(text) }
    }
}

extension RegisterFile {
    /// The XML file that messages call `name`; its beginning is read, or all of it when it is short.
    ///
    /// - Throws: why it is no file of a register.
    static func recogniseXML(
        _ source: FileSource, name: String, size: Int64, options: RegisterExports.Options
    ) throws(FileProblem) -> RegisterFile {
        guard size > 0 else { throw FileProblem(.empty, in: name, "It is empty.") }
        let head = RegisterHead()
        let reading = XMLReading(file: name, handler: head)
        let bytes = try FileBytes(source, name: name)
        let piece = unsafe try bytes.next()
        let isBlank = unsafe ByteText(piece.bindMemory(to: UInt8.self)).trimmed.isEmpty
        guard !isBlank || Int64(piece.count) < size else { throw FileProblem(.empty, in: name, "It is empty.") }
        try unsafe reading.feed(piece)
        if Int64(piece.count) == size { try reading.finish() }
        switch head.root {
        case .aaf: return try aaf(source, name: name, size: size, head, options)
        case .siecle(let content): return try siecle(source, name: name, size: size, head, content)
        case .other, nil:
            throw FileProblem(.unrecognised, in: name, "It is no file of the AAF and none of SIECLE.")
        }
    }

    private static func aaf(
        _ source: FileSource, name: String, size: Int64, _ head: RegisterHead, _ options: RegisterExports.Options
    ) throws(FileProblem) -> RegisterFile {
        let fileName = AAFName(name)
        guard let category = head.category ?? fileName?.category else {
            throw head.hasRequests
                ? FileProblem(.unrecognised, in: name, "Its requests are about nothing that Loge knows.")
                : FileProblem(.empty, in: name, "It holds no request, and its name does not say what it is about.")
        }
        if let told = fileName?.category, told != category {
            throw FileProblem(.mixed, in: name, "Its name says \(told.rawValue), but it holds \(category.rawValue).")
        }
        guard let academy = head.comment.academy ?? options.academy else {
            throw FileProblem(
                .needsOption, in: name, "It does not say of which academy it is (codeAcademieExport): tell its code.")
        }
        let format: Register.Format
        switch head.comment.degree?.uppercased() {
        case "1D": format = .aaf1D
        case "2D": format = .aaf2D
        case nil: format = head.has1DNames ? .aaf1D : .aaf2D
        default: throw FileProblem(.unrecognised, in: name, "Its degre is neither 1D nor 2D.")
        }
        let extent = fileName?.extent ?? (head.hasChanges ? .changes : options.assumeComplete ? .complete : .unstated)
        return RegisterFile(
            name: name, register: Register(format, .academy(academy)), content: category.content, extent: extent,
            date: fileName?.date ?? head.comment.date.flatMap(AAFName.day),
            version: head.comment.version.flatMap { AAFVersion($0) }, number: fileName?.number, size: size,
            source: source)
    }

    private static func siecle(
        _ source: FileSource, name: String, size: Int64, _ head: RegisterHead, _ content: Content
    ) throws(FileProblem) -> RegisterFile {
        guard let uai = UAI(head.uaj) else {
            throw FileProblem(.malformed, in: name, "Its PARAMETRES do not name the school (UAJ).")
        }
        return RegisterFile(
            name: name, register: Register(.siecle, .school(uai)), content: content, extent: .complete,
            date: AAFName.day(head.dateExport), size: size, source: source)
    }
}
