internal import School

/// Reads what the AAF files of both degrees have in common: requests about persons and structures.
final class AAFHandler: RecordHandler {
    static let elements = [
        "ficAlimMENESR", "addRequest", "modifyRequest", "deleteRequest", "operationalAttributes", "identifier", "id",
        "attributes", "modifications", "attr", "modification", "value",
    ]

    /// ``elements``, in their order.
    enum Element: Int {
        case other, root, add, modify, delete, operational, identifier, id, attributes, modifications, attr,
            modification, value
    }

    /// Values that one request may have, without the classes and groups of a school, which have a limit of their own.
    static let valuesOfARequest = 2_000
    /// Bytes of all values of a request.
    static let bytesOfARequest = 4 * 1024 * 1024

    var events: [ReadEvent] = []
    private let file: RegisterFile
    private var record: AAFRecord
    private var request = Element.other
    private var section = Element.other
    private var attribute: AAFAttribute?
    private var line = 0
    private var values = 0
    /// Values of each attribute that is kept, however many elements they stand in.
    private var valuesOf: [AAFAttribute: Int] = [:]
    private var bytes = 0
    /// The depth of the element that is skipped with all that is in it; 0 when none is.
    private var skipped = 0
    private var warned: Set<String> = []

    init(_ file: RegisterFile) {
        self.file = file
        record = AAFRecord(file.register.format)
    }

    func finish(in reading: XMLReading) {}

    func start(_ place: Int, _ attributes: XMLAttributes, in reading: XMLReading) {
        guard skipped == 0 else { return }
        let element = Element(rawValue: place) ?? .other
        switch (reading.depth, element) {
        case (1, .root): break
        case (1, _): reading.refuse(.unrecognised, "Its root is not ficAlimMENESR: it is no AAF file.")
        case (2, .add), (2, .modify), (2, .delete): begin(element, in: reading)
        case (3, .operational), (3, .identifier): section = element
        case (3, .attributes) where request == .add: section = element
        case (3, .modifications) where request == .modify: section = element
        case (4, .id) where section == .identifier: reading.keepsText = true
        case (4, .attr) where section == .attributes || section == .operational: begin(attributes)
        case (4, .modification) where section == .modifications:
            guard let operation = attributes.value(of: "operation"), operation.string == "replace" else {
                return reading.refuse(.malformed, "A modification is no \"replace\": Loge knows no other.")
            }
            begin(attributes)
            if let attribute { record.fields.formUnion(attribute.field) }
        case (5, .value) where section != .identifier: beginValue(in: reading)
        case (2..., .other): skip(in: reading)
        default: reading.refuse(.malformed, "An element of the AAF stands where it has no place.")
        }
    }

    func end(_ place: Int, in reading: XMLReading) {
        if skipped > 0 {
            if skipped == reading.depth { skipped = 0 }
            return
        }
        switch reading.depth {
        case 5:
            guard reading.keepsText, let attribute else { return }
            reading.withText { text in
                bytes += text.count
                record.take(text, of: attribute)
            }
            if bytes > Self.bytesOfARequest {
                reading.refuse(.limit, "A request is longer than \(Self.bytesOfARequest / 1_048_576) MB.")
            }
        case 4:
            if section == .identifier, reading.keepsText { reading.withText { record.key = $0.string } }
            attribute = nil
        case 3: section = .other
        case 2: end(in: reading)
        default: break
        }
    }

    private func begin(_ request: Element, in reading: XMLReading) {
        if request != .add, file.extent == .complete {
            return reading.refuse(.malformed, "A complete file has a request to modify or to delete.")
        }
        self.request = request
        section = .other
        attribute = nil
        line = reading.line
        values = 0
        valuesOf.removeAll(keepingCapacity: true)
        bytes = 0
        record = AAFRecord(file.register.format)
    }

    private func begin(_ attributes: XMLAttributes) {
        attribute = attributes.value(of: "name").flatMap { AAFAttribute($0) }
        // Each kind of attribute counts only where it belongs.
        if attribute?.isOperational != (section == .operational) { attribute = nil }
    }

    private func beginValue(in reading: XMLReading) {
        if let attribute {
            valuesOf[attribute, default: 0] += 1
            if valuesOf[attribute, default: 0] > attribute.mostValues {
                reading.refuse(.limit, "An attribute has more than \(attribute.mostValues) values.")
            }
        }
        if attribute?.isOfManyValues != true { values += 1 }
        if values > Self.valuesOfARequest {
            reading.refuse(.limit, "A request has more than \(Self.valuesOfARequest) values.")
        }
        reading.keepsText = attribute != nil
    }

    private func skip(in reading: XMLReading) {
        skipped = reading.depth
        warnOnce(of: reading.depth == 2 ? "request" : "element", at: reading.line)
    }

    private func warnOnce(of section: String, at line: Int) {
        guard warned.insert(section).inserted else { return }
        events.append(
            .warning(FileWarning(.unknownSection, at: FilePlace(file: file.name, line: line), field: section)))
    }

    /// A request is whole.
    private func end(in reading: XMLReading) {
        guard record.hasCategory else {
            return reading.refuse(.malformed, "A request does not say what it is about.", line: line)
        }
        guard let category = record.category else { return warnOnce(of: "categorie", at: line) }
        guard category.content == file.content else {
            return reading.refuse(
                .mixed, "It holds requests of two kinds, such as pupils and responsibles.", line: line)
        }
        guard !record.key.isEmpty else {
            return reading.refuse(.malformed, "A request has no identifier.", line: line)
        }
        let place = FilePlace(file: file.name, line: line)
        for oddity in record.oddities {
            events.append(.warning(FileWarning(.malformedValue, at: place, field: oddity.rawValue)))
        }
        let entry = entry(of: category)
        if let excess = RecordLimits.excess(of: entry) { return reading.refuse(.limit, excess, line: line) }
        events.append(.entry(entry, place))
    }

    private func entry(of category: AAFCategory) -> RegisterEntry {
        let change: EntryChange =
            switch request {
            case .modify: .fields(record.fields)
            case .delete: .deletion
            default: .whole
            }
        return switch category {
        case .schools:
            .school(request == .delete ? SchoolRecord(key: record.key) : record.finishedSchool(), change)
        case .pupils: person(.pupil, change)
        case .responsibles: person(.responsible, change)
        default: person(.staff, change)
        }
    }

    private func person(_ kind: PersonKind, _ change: EntryChange) -> RegisterEntry {
        .person(request == .delete ? PersonRecord(kind, key: record.key) : record.person(kind), change)
    }
}
