package import School

extension RegisterFile {
    /// The CSV file at `path` that begins like this.
    ///
    /// - Throws: `.unrecognised`; `.needsOption` when the school is not told.
    static func recogniseONDE(
        _ path: String, beginning: [UInt8], size: Int64, options: RegisterExports.Options
    ) throws(FileProblem) -> RegisterFile {
        guard let content = contentOfONDE(beginning: beginning, name: path) else {
            throw FileProblem(
                .unrecognised, in: path,
                "It is no file of ONDE: its first line is not the header of the pupils or of the responsibles.")
        }
        guard let school = options.school else {
            throw FileProblem(
                .needsOption, in: path, "Files of ONDE do not say of which school they are: tell its UAI.")
        }
        return RegisterFile(
            name: path, register: Register(.onde, .school(school)), content: content, extent: .complete, size: size,
            source: .file(path: path))
    }
}

extension RegisterExport {
    /// Reads the files of a school, pupils first: responsibles name them.
    ///
    /// - Throws: `.incompleteSet` when the pupils are missing; ``FileProblem``, or what `body` throws.
    func readONDE(_ school: UAI, progress: (Int64) -> Void, _ body: (ReadEvent) throws -> Void) throws {
        let pupils = files.first { $0.content == .pupils }
        let responsibles = files.first { $0.content == .responsibles }
        guard let pupils else {
            // The teachers alone are nothing to read.
            guard let responsibles else { return }
            throw FileProblem(
                .incompleteSet, in: responsibles.name,
                "It names pupils, and their file (CSVExtraction-eleves.csv) is missing: import both together.")
        }
        let events = try ONDESchool(school).events(
            pupils: pupils.bytes(), in: pupils.name, responsibles: responsibles?.bytes(), in: responsibles?.name ?? "")
        progress(size)
        for event in events { try body(event) }
    }
}

/// The files of one school.
package struct ONDESchool: Sendable {
    private let school: UAI

    /// The school of that number.
    package init(_ school: UAI) { self.school = school }

    /// What the bytes of the two files say; the pupils come first, since responsibles name them.
    ///
    /// - Throws: why one of them is refused.
    package func events(
        pupils: [UInt8], in pupilsFile: String, responsibles: [UInt8]?, in responsiblesFile: String
    ) throws(FileProblem) -> [ReadEvent] {
        let read = try ONDEPupils(ONDETable(pupils, file: pupilsFile), school: school)
        let place = FilePlace(file: pupilsFile, line: 1)
        var events = [.entry(.school(read.schoolRecord, .whole), place)] + read.events
        if let responsibles {
            events += try ONDEResponsibles(ONDETable(responsibles, file: responsiblesFile), pupils: read.pupils).events
        }
        if let problem = RecordLimits.problem(in: events) { throw problem }
        return events
    }
}

extension RegisterFile {
    /// All bytes of a file that is small.
    ///
    /// - Throws: `.unreadable`; `.limit` when it is not small.
    fileprivate func bytes() throws -> [UInt8] {
        guard size <= ONDETable.Limits.size else {
            throw FileProblem(.limit, in: name, "It is larger than \(ONDETable.Limits.size >> 20) MB.")
        }
        var bytes: [UInt8] = []
        try unsafe FileBytes(source, name: name).forEachPiece { piece in
            unsafe bytes.append(contentsOf: piece)
            if bytes.count > size { throw FileProblem(.unreadable, in: name, "It has changed since the import began.") }
        }
        guard bytes.count == size else {
            throw FileProblem(.unreadable, in: name, "It has changed since the import began.")
        }
        return bytes
    }
}
