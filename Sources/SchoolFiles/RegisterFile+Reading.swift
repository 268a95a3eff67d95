internal import School

extension RegisterFile {
    /// Reads the file from its beginning to its end. Two files of an AAF can be read side by side; those of SIECLE and ONDE
    /// know each other only in ``RegisterExport/read(progress:_:)``.
    ///
    /// Synchronous, and as long as the file: the caller chooses the thread.
    ///
    /// - Parameters:
    ///   - progress: is told how many bytes were read since the last call.
    ///   - body: is given what the file says, in its order. What it throws ends the reading.
    /// - Throws: ``FileProblem``, or what `body` throws. Nothing counts that was told before.
    public func read(progress: (Int64) -> Void = { _ in }, _ body: (ReadEvent) throws -> Void) throws {
        switch register.format {
        case .aaf2D, .aaf1D: try read(AAFHandler(self), progress: progress, body)
        case .siecle: try read(SIECLEHandler(self), progress: progress, body)
        case .onde:
            try RegisterExport(register: register, extent: extent, date: date, files: [self]).read(
                progress: progress, body)
        }
    }

    fileprivate func read<Handler: RecordHandler>(
        _ handler: Handler, progress: (Int64) -> Void, _ body: (ReadEvent) throws -> Void
    ) throws {
        guard content != .other else { return progress(size) }
        if case .file(let path) = source, try FileBytes.size(ofFile: path) != size {
            throw FileProblem(.unreadable, in: name, "It has changed since the import began.")
        }
        try XMLReading(file: name, handler: handler)
            .read(try FileBytes(source, name: name), for: handler, progress: progress, body)
    }
}

extension RegisterExport {
    /// Reads all files, one after another, in their order.
    ///
    /// - Parameters:
    ///   - progress: is told how many bytes were read since the last call.
    ///   - body: is given what the files say. What it throws ends the reading.
    /// - Throws: ``FileProblem``, or what `body` throws. Nothing counts that was told before.
    public func read(progress: (Int64) -> Void = { _ in }, _ body: (ReadEvent) throws -> Void) throws {
        if register.format == .onde, case .school(let school) = register.scope {
            return try readONDE(school, progress: progress, body)
        }
        var pupils: SIECLESchool.Pupils?
        for file in files {
            guard register.format == .siecle else {
                try file.read(progress: progress, body)
                continue
            }
            let handler = SIECLEHandler(file, pupils: pupils)
            try file.read(handler, progress: progress, body)
            if file.content == .pupils { pupils = handler.school.pupils }
        }
    }
}
