internal import CXML
internal import Foundation

/// The SAX2 push parser of libxml2 (the calls of `libxml/parser.h`), fed in pieces.
///
/// Nothing is ever looked up: a DOCTYPE may name its DTD, which is not loaded; a declaration of any kind in the internal
/// subset, and any reference but the five predefined ones, ends the reading. The parser's own bounds stay on
/// (`XML_PARSE_HUGE` is not set), and ours are far below them.
@safe final class XMLReading {
    /// What messages call the file.
    let file: String
    /// Whether the text of the element that has just begun is kept.
    var keepsText = false
    /// The depth of the element that begins or ends: 1 is the root.
    private(set) var depth = 0
    /// Why the file is refused.
    private(set) var problem: FileProblem?
    /// Whether the handler has seen all that it wants.
    private(set) var isDone = false

    let limits: XMLLimits
    private let handler: any XMLHandler
    private let names: XMLNames
    private var context: xmlParserCtxtPtr
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var textCount = 0
    private var rootHasEnded = false
    private var isEnding = false
    private var isLatin = false
    private var hasBytes = false

    private static let endsTooEarly = "It ends before its last element is closed."
    private static let isIllFormed = "It is not well-formed XML."
    private static let isPrepared: Bool = {
        xmlInitParser()
        return true
    }()

    /// A parser of one file.
    init<Handler: XMLHandler>(file: String, handler: Handler, limits: XMLLimits = XMLLimits()) {
        precondition(Self.isPrepared)
        self.file = file
        self.handler = handler
        self.limits = limits
        names = XMLNames(Handler.elements)
        var callbacks = unsafe XMLCallbacks.all
        guard let made = unsafe xmlCreatePushParserCtxt(&callbacks, nil, nil, 0, nil) else {
            fatalError("out of memory: no XML parser")
        }
        unsafe context = made
        unsafe buffer = .allocate(capacity: limits.text)
        unsafe made.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe xmlCtxtUseOptions(made, CInt(XML_PARSE_NONET.rawValue))
    }

    deinit {
        unsafe xmlFreeParserCtxt(context)
        unsafe buffer.deallocate()
    }

    /// The line where the parser stands, from 1.
    var line: Int {
        guard let input = unsafe context.pointee.input else { return 1 }
        return Int(unsafe input.pointee.line)
    }

    /// Reads on.
    ///
    /// - Throws: why the file is refused.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(FileProblem) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty, !isDone {
            // libxml2 2.9 moves what it holds back after every 4 KB that it has read: larger pieces cost more.
            let piece = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(16 * 1024))
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            try unsafe feed(piece: piece)
        }
    }

    /// The file has ended.
    ///
    /// - Throws: why the file is refused; a file that ends too early is `.truncated`.
    func finish() throws(FileProblem) {
        guard !isDone else { return }
        guard hasBytes else { throw FileProblem(.empty, in: file, "It is empty.") }
        // What waits for its conversion to UTF-8 is read before the end is told, so that an error in it is seen as one.
        _ = unsafe xmlParseChunk(context, nil, 0, 0)
        if let problem { throw problem }
        isEnding = true
        _ = unsafe xmlParseChunk(context, nil, 0, 1)
        let isWellFormed = unsafe context.pointee.wellFormed == 1
        if !rootHasEnded || !isWellFormed {
            refuse(
                rootHasEnded ? .malformed : .truncated,
                rootHasEnded ? Self.isIllFormed : Self.endsTooEarly)
        }
        if let problem { throw problem }
    }

    private func feed(piece: UnsafeRawBufferPointer) throws(FileProblem) {
        var piece = unsafe piece
        // XML has no U+0000, and the encodings that are read here have no zero bytes.
        let zero = unsafe piece.baseAddress.flatMap { start in
            unsafe memchr(start, 0, piece.count).map { unsafe UnsafeRawPointer($0) - start }
        }
        if let zero { unsafe piece = UnsafeRawBufferPointer(rebasing: piece[..<zero]) }
        if !hasBytes { try unsafe begin(piece, hasZero: zero != nil) }
        if let start = piece.baseAddress, unsafe !piece.isEmpty {
            hasBytes = true
            _ = unsafe xmlParseChunk(context, start.assumingMemoryBound(to: CChar.self), CInt(piece.count), 0)
        }
        if zero != nil, !isDone { refuse(.malformed, "It holds a zero byte, which no XML file has.") }
        if problem == nil, !isDone, pending > limits.pending {
            refuse(.limit, "A tag, a comment or a declaration is longer than \(limits.pending / 1024) KB.")
        }
        if let problem { throw problem }
    }

    /// The first bytes. Whatever is no XML, and an encoding that is never used for these files, is told before the parser
    /// guesses what it might be.
    private func begin(_ piece: UnsafeRawBufferPointer, hasZero: Bool) throws(FileProblem) {
        var head = unsafe Array(piece.prefix(200))
        if head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE]) || (hasZero && head.count < 4) {
            throw FileProblem(.encoding, in: file, line: 1, "It is written in UTF-16 or UTF-32: UTF-8 is asked for.")
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { head.removeFirst(3) }
        guard let first = head.first, first == 0x3C || first == 0x20 || (0x09...0x0D).contains(first) else {
            throw FileProblem(.unrecognised, in: file, line: 1, "It is no XML file.")
        }
        let declaration = String(decoding: head, as: UTF8.self).prefix { $0 != ">" }
        guard declaration.hasPrefix("<?xml"), let range = declaration.firstRange(of: "encoding") else { return }
        let value = declaration[range.upperBound...].drop { " \t\r\n=\"'".contains($0) }
        try admit(value.prefix { !" \t\r\n\"'?".contains($0) })
    }

    /// Other encodings than those of the ministries are not tried.
    private func admit(_ encoding: some StringProtocol) throws(FileProblem) {
        switch encoding.uppercased() {
        case "UTF-8": isLatin = false
        case "ISO-8859-15", "ISO-8859-1": isLatin = true
        default:
            throw FileProblem(
                .encoding, in: file, line: 1, "Its encoding is neither UTF-8 nor ISO-8859-15 nor ISO-8859-1.")
        }
    }

    private var pending: Int {
        guard let input = unsafe context.pointee.input, let end = unsafe input.pointee.end,
            let current = unsafe input.pointee.cur
        else { return 0 }
        return unsafe end - current
    }

    /// Refuses the file for the first reason that is found, at the line where the parser stands. The parser calls nobody
    /// any more, and gets no further piece; it is not stopped at once because it stands in memory that this would free.
    func refuse(_ reason: FileProblem.Reason, _ sentence: String, line: Int? = nil) {
        guard problem == nil, !isDone else { return }
        problem = FileProblem(reason, in: file, line: line ?? self.line, sentence)
        unsafe context.pointee.disableSAX = 1
    }

    /// Reads no further: all that was wanted is known.
    func stop() {
        guard problem == nil else { return }
        isDone = true
        unsafe context.pointee.disableSAX = 1
    }

    /// The text of the element that ends, without the blanks around it.
    func withText<Result>(_ body: (ByteText) -> Result) -> Result {
        let text = unsafe ByteText(UnsafeBufferPointer(rebasing: buffer[..<textCount]))
        if isLatin, text.isMojibake { refuseMojibake() }
        return body(text.trimmed)
    }
}

// MARK: - What the parser calls

extension XMLReading {
    /// The parser has read the declaration, and says which encoding it uses.
    func begins() {
        let input = unsafe context.pointee.input
        guard let declared = unsafe context.pointee.encoding ?? input?.pointee.encoding else { return isLatin = false }
        do { try admit(unsafe String(cString: declared)) } catch { refuse(error.reason, error.sentence, line: 1) }
    }

    func starts(
        _ name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?, _ attributes: XMLAttributes
    ) {
        // With the end of the file libxml2 takes what has no end for a tag.
        guard !isEnding else { return refuse(.truncated, Self.endsTooEarly) }
        depth += 1
        textCount = 0
        keepsText = false
        guard depth <= limits.depth else {
            return refuse(.limit, "Its elements stand more than \(limits.depth) deep in one another.")
        }
        guard attributes.areWithin(limits) else {
            return refuse(.limit, "An element has too many attributes, or one that is too long.")
        }
        if depth == 1, let name = unsafe name {
            unsafe handler.root(ByteText(UnsafeBufferPointer(start: name, count: Int(xmlStrlen(name)))))
        }
        handler.start(unsafe prefix == nil ? names.place(of: name) : 0, attributes, in: self)
    }

    func ends(_ name: UnsafePointer<xmlChar>?, prefix: UnsafePointer<xmlChar>?) {
        handler.end(unsafe prefix == nil ? names.place(of: name) : 0, in: self)
        keepsText = false
        textCount = 0
        depth -= 1
        if depth == 0 { rootHasEnded = true }
    }

    func reads(_ bytes: UnsafePointer<xmlChar>?, count: CInt) {
        let after = textCount + Int(count)
        guard after <= limits.text else {
            return refuse(.limit, "A text is longer than \(limits.text / 1024) KB.")
        }
        if keepsText, let bytes = unsafe bytes {
            unsafe buffer.baseAddress?.advanced(by: textCount).update(from: bytes, count: Int(count))
        }
        textCount = after
    }

    func comments(_ text: UnsafePointer<xmlChar>?) {
        if let text = unsafe text { handler.comment(unsafe String(cString: text), in: self) }
    }

    func declares() {
        refuse(.entity, "It declares entities or elements of its own, which is not allowed: nothing is looked up.")
    }

    func refers() {
        refuse(.entity, "It refers to an entity, which is not allowed: nothing is looked up.")
    }

    func refuseMojibake() {
        refuse(
            .encoding, "It says that it is ISO-8859, but its accents are written in UTF-8: ask for the export again.")
    }

    /// An error of the parser; what it only warns of is let pass.
    func fails(_ error: xmlErrorPtr?) {
        guard let error = unsafe error?.pointee, unsafe error.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let code = unsafe xmlParserErrors(UInt32(bitPattern: error.code))
        let unknown = [XML_ERR_UNSUPPORTED_ENCODING, XML_ERR_UNKNOWN_ENCODING, XML_ERR_INVALID_ENCODING]
        let isOfConversion = unsafe UInt32(bitPattern: error.domain) == XML_FROM_I18N.rawValue
        if unknown.contains(code) || isOfConversion || (!isEnding && isAtForeignByte) {
            refuse(.encoding, "Its bytes are not what its encoding says: ask for the export again, in UTF-8.")
        } else if code == XML_ERR_UNDECLARED_ENTITY || code == XML_WAR_UNDECLARED_ENTITY {
            refers()
        } else if isEnding, !rootHasEnded {
            refuse(.truncated, Self.endsTooEarly)
        } else {
            refuse(.malformed, Self.isIllFormed)
        }
    }

    /// Whether the parser stands at a byte above ASCII: then an error is one of the encoding.
    private var isAtForeignByte: Bool {
        guard let input = unsafe context.pointee.input, let current = unsafe input.pointee.cur,
            let end = unsafe input.pointee.end, unsafe current < end
        else { return false }
        return unsafe current.pointee >= 0x80
    }
}
