internal import CXML

/// The functions that libxml2 calls; each finds its reading in the context.
enum XMLCallbacks {
    static var all: xmlSAXHandler {
        var callbacks = unsafe xmlSAXHandler()
        unsafe callbacks.initialized = XML_SAX2_MAGIC
        unsafe callbacks.startDocument = { context in unsafe reading(context) { $0.begins() } }
        unsafe callbacks.startElementNs = { context, name, prefix, _, _, _, count, _, attributes in
            unsafe reading(context) {
                unsafe $0.starts(name, prefix: prefix, XMLAttributes(count: Int(count), pointers: attributes))
            }
        }
        unsafe callbacks.endElementNs = { context, name, prefix, _ in
            unsafe reading(context) { unsafe $0.ends(name, prefix: prefix) }
        }
        // One function for both: then libxml2 does not look whether a text is blank.
        let text: charactersSAXFunc = { context, bytes, count in
            unsafe reading(context) { unsafe $0.reads(bytes, count: count) }
        }
        unsafe callbacks.characters = unsafe text
        unsafe callbacks.ignorableWhitespace = unsafe text
        unsafe callbacks.cdataBlock = unsafe text
        unsafe callbacks.comment = { context, text in unsafe reading(context) { unsafe $0.comments(text) } }
        unsafe callbacks.serror = { context, error in unsafe reading(context) { unsafe $0.fails(error) } }
        unsafe refuseDeclarations(in: &callbacks)
        return unsafe callbacks
    }

    private static func refuseDeclarations(in callbacks: inout xmlSAXHandler) {
        unsafe callbacks.entityDecl = { context, _, _, _, _, _ in unsafe reading(context) { $0.declares() } }
        unsafe callbacks.unparsedEntityDecl = { context, _, _, _, _ in unsafe reading(context) { $0.declares() } }
        unsafe callbacks.notationDecl = { context, _, _, _ in unsafe reading(context) { $0.declares() } }
        unsafe callbacks.elementDecl = { context, _, _, _ in unsafe reading(context) { $0.declares() } }
        unsafe callbacks.attributeDecl = { context, _, _, _, _, _, names in
            unsafe reading(context) { $0.declares() }
            // "attributeDecl … is responsible for freeing the tree" (SAX2.c, xmlSAX2AttributeDecl).
            unsafe xmlFreeEnumeration(names)
        }
        unsafe callbacks.getEntity = { context, _ in
            unsafe reading(context) { $0.refers() }
            return nil
        }
        unsafe callbacks.getParameterEntity = { context, _ in
            unsafe reading(context) { $0.refers() }
            return nil
        }
        unsafe callbacks.reference = { context, _ in unsafe reading(context) { $0.refers() } }
        // Nothing is fetched: there is no loader.
        unsafe callbacks.resolveEntity = { _, _, _ in nil }
    }
}

/// libxml2 hands back the pointer of ``XMLReading/init(file:handler:limits:)``, whose object outlives the context: it is
/// not retained for a call, of which there are some hundred millions.
@inline(__always)
private func reading(_ context: UnsafeMutableRawPointer?, _ body: (XMLReading) -> Void) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<XMLReading>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}

/// The attributes of an element: five pointers each (name, prefix, address, begin and end of the value), good for as long
/// as the call that hands them over.
@safe struct XMLAttributes {
    let count: Int
    private let pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?

    init(count: Int, pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
        self.count = unsafe pointers == nil ? 0 : count
        unsafe self.pointers = unsafe pointers
    }

    func areWithin(_ limits: XMLLimits) -> Bool {
        if count == 0 { return true }
        return count <= limits.attributes && (0..<count).allSatisfy { value(at: $0).count <= limits.attribute }
    }

    /// The value of the attribute of that name, without a prefix.
    func value(of name: StaticString) -> ByteText? {
        for place in 0..<count {
            guard let pointers = unsafe pointers, let written = unsafe pointers[place * 5],
                unsafe pointers[place * 5 + 1] == nil
            else { continue }
            let isIt = unsafe xmlStrEqual(written, UnsafePointer(name.utf8Start)) == 1
            if isIt { return value(at: place) }
        }
        return nil
    }

    private func value(at place: Int) -> ByteText {
        guard let pointers = unsafe pointers, let begin = unsafe pointers[place * 5 + 3],
            let end = unsafe pointers[place * 5 + 4]
        else { return unsafe ByteText(nil) }
        return unsafe ByteText(UnsafeBufferPointer(start: begin, count: end - begin))
    }
}

/// Which of the names that a handler knows an element has. libxml2 keeps one copy of each name of a context, so that a
/// name is compared once and its pointer afterwards.
@safe final class XMLNames {
    private static let slots = 128
    private let words: ByteWords
    private let names: UnsafeMutablePointer<UnsafePointer<xmlChar>?>
    private let places: UnsafeMutablePointer<Int>

    init(_ names: [String]) {
        words = ByteWords(names)
        unsafe self.names = .allocate(capacity: Self.slots)
        unsafe self.names.initialize(repeating: nil, count: Self.slots)
        unsafe places = .allocate(capacity: Self.slots)
        unsafe places.initialize(repeating: 0, count: Self.slots)
    }

    deinit {
        unsafe names.deallocate()
        unsafe places.deallocate()
    }

    func place(of name: UnsafePointer<xmlChar>?) -> Int {
        guard let name = unsafe name else { return 0 }
        let slot = (Int(bitPattern: name) >> 3) & (Self.slots - 1)
        if unsafe names[slot] == name { return unsafe places[slot] }
        let length = Int(unsafe xmlStrlen(name))
        let place = unsafe words.place(of: ByteText(UnsafeBufferPointer(start: name, count: length)))
        unsafe names[slot] = unsafe name
        unsafe places[slot] = place
        return place
    }
}
