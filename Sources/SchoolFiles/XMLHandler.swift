/// What a format makes of the elements of a file. It is called while the parser stands in the file: what it finds out it
/// keeps until the reader asks, and a reason to refuse it gives to ``XMLReading/refuse(_:_:)``.
protocol XMLHandler: AnyObject {
    /// The names of elements that mean something; the place of a name here, from 1, is what ``start`` and ``end`` get,
    /// and 0 any other.
    static var elements: [String] { get }
    /// An element begins. ``XMLReading/keepsText`` says whether its text is wanted, and is `false` before the call.
    func start(_ element: Int, _ attributes: XMLAttributes, in reading: XMLReading)
    /// An element ends; ``XMLReading/withText(_:)`` has its text until the call returns.
    func end(_ element: Int, in reading: XMLReading)
    /// The name of the root, before it begins.
    func root(_ name: ByteText)
    /// A comment.
    func comment(_ text: String, in reading: XMLReading)
}

extension XMLHandler {
    func root(_ name: ByteText) {}
    func comment(_ text: String, in reading: XMLReading) {}
}

/// Bounds that no file of a register comes near.
struct XMLLimits: Sendable {
    /// Elements within elements.
    var depth = 16
    /// Bytes of text without a tag in between.
    var text = 64 * 1024
    /// Bytes of the value of one attribute, and how many attributes an element may have.
    var attribute = 4096
    var attributes = 64
    /// Bytes that the parser may hold back because a tag, a comment or a declaration does not end.
    var pending = 256 * 1024
}
