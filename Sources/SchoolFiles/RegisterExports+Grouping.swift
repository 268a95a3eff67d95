internal import School

extension RegisterExports {
    /// What makes one export of files.
    private struct Group: Hashable {
        let register: Register
        let extent: RegisterFile.Extent
        let date: String?
    }

    /// The exports that the files make.
    ///
    /// - Throws: `.mixed` and `.incompleteSet`.
    static func grouped(_ files: [RegisterFile]) throws(FileProblem) -> [RegisterExport] {
        try checkAcademies(files)
        var groups: [Group: [RegisterFile]] = [:]
        var order: [Group] = []
        for file in files {
            // The two files of a school are asked for one after the other, perhaps on two days.
            let date = file.register.format == .siecle ? nil : file.date
            let group = Group(register: file.register, extent: file.extent, date: date)
            if groups[group] == nil { order.append(group) }
            groups[group, default: []].append(file)
        }
        var exports: [RegisterExport] = []
        for group in order {
            let files = groups[group] ?? []
            try checkNumbers(files)
            exports.append(
                RegisterExport(
                    register: group.register, extent: group.extent, date: files.compactMap(\.date).min(),
                    files: files.sorted { place($0) < place($1) }))
        }
        try checkExtents(exports)
        // Sorting is stable: what has no date stays where it was named.
        return exports.sorted {
            ($0.extent == .changes ? 1 : 0, $0.date ?? "") < ($1.extent == .changes ? 1 : 0, $1.date ?? "")
        }
    }

    /// Schools before pupils, pupils before responsibles, before staff; files of one kind by their numbers.
    private static func place(_ file: RegisterFile) -> (Int, Int) {
        (RegisterFile.Content.allCases.firstIndex(of: file.content) ?? 0, file.number ?? 0)
    }

    private static func checkAcademies(_ files: [RegisterFile]) throws(FileProblem) {
        for format in [Register.Format.aaf2D, .aaf1D] {
            let first = files.first { $0.register.format == format }
            if let other = files.first(where: { $0.register.format == format && $0.register != first?.register }) {
                throw FileProblem(
                    .mixed, in: other.name,
                    "It is of another academy than \(first?.name ?? ""): import the academies one after the other.")
            }
        }
    }

    /// The files of one kind are all there and once: numbered from 0, or a single one.
    private static func checkNumbers(_ files: [RegisterFile]) throws(FileProblem) {
        for content in RegisterFile.Content.allCases where content != .other {
            let kind = files.filter { $0.content == content }.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
            guard let last = kind.last else { continue }
            if kind.count > 1 && kind.contains(where: { $0.number == nil }) {
                throw FileProblem(.incompleteSet, in: last.name, "It is there twice: \(kind[0].name) holds the same.")
            }
            for (place, file) in kind.enumerated() where (file.number ?? 0) != place {
                let isTwice = (file.number ?? 0) < place
                throw FileProblem(
                    .incompleteSet, in: file.name,
                    isTwice
                        ? "A file of this kind and number is there twice." : "The file numbered before it is missing.")
            }
        }
    }

    /// Beside a complete export of a register stand only changes of later days.
    private static func checkExtents(_ exports: [RegisterExport]) throws(FileProblem) {
        for export in exports where export.extent == .complete {
            for other in exports where other.register == export.register && other.extent != .complete {
                if other.extent == .changes, let since = export.date, let date = other.date, since < date { continue }
                throw FileProblem(
                    .mixed, in: other.files.first?.name ?? "",
                    "It stands beside a complete export that is not older: import one of them.")
            }
        }
        for export in exports where export.extent == .unstated {
            guard let other = exports.first(where: { $0.register == export.register && $0.extent == .changes }) else {
                continue
            }
            throw FileProblem(
                .mixed, in: export.files.first?.name ?? "",
                "It does not say whether it is complete, and stands beside changes (\(other.files.first?.name ?? "")).")
        }
    }
}
