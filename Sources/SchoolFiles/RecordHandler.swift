/// A handler that finds records.
protocol RecordHandler: XMLHandler {
    /// What has been found and not been fetched yet.
    var events: [ReadEvent] { get set }
    /// The file has been read to its end.
    func finish(in reading: XMLReading)
}

extension XMLReading {
    /// Reads all that `bytes` holds, and hands on what the handler finds, outside of the parser's calls.
    ///
    /// - Throws: ``FileProblem``, or what `body` throws.
    func read(
        _ bytes: FileBytes, for handler: any RecordHandler, progress: (Int64) -> Void,
        _ body: (ReadEvent) throws -> Void
    ) throws {
        try unsafe bytes.forEachPiece { piece in
            try unsafe feed(piece)
            progress(Int64(piece.count))
            try handOn(of: handler, body)
        }
        try finish()
        handler.finish(in: self)
        if let problem { throw problem }
        try handOn(of: handler, body)
    }

    private func handOn(of handler: any RecordHandler, _ body: (ReadEvent) throws -> Void) throws {
        for event in handler.events { try body(event) }
        handler.events.removeAll(keepingCapacity: true)
    }
}
