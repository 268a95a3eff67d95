internal import School

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
        let read = try ONDEPupils(ONDETable(pupils.bytes(), file: pupils.name), school: school)
        progress(pupils.size)
        try body(.entry(.school(read.schoolRecord, .whole), FilePlace(file: pupils.name, line: 1)))
        for event in read.events { try body(event) }
        guard let responsibles else { return }
        let table = try ONDETable(responsibles.bytes(), file: responsibles.name)
        for event in try ONDEResponsibles(table, pupils: read.pupils).events { try body(event) }
        progress(responsibles.size)
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
