/// The fields of a query or of a form body (`application/x-www-form-urlencoded`), read strictly: bounded, valid UTF-8, and
/// a field that stands twice is told from one that stands once.
public struct FormFields: Sendable {
    /// Why the text is no list of fields that we read.
    public enum Failure: Error, Equatable {
        /// More fields or longer ones than anybody needs.
        case tooLarge
        /// A broken percent escape, bytes that are no UTF-8, or a zero byte.
        case malformed
        /// This known field stands twice (OA-09).
        case repeated(String)
    }

    /// The most bytes of a text that is read.
    public static let maximumLength = 65536
    /// The most fields.
    public static let maximumCount = 100

    /// The fields, in their order.
    public let pairs: [(name: String, value: String)]

    /// Reads `text`, with `+` for a blank; an empty text has no fields.
    ///
    /// - Throws: ``Failure`` `.tooLarge` or `.malformed`.
    public init(parsing text: some StringProtocol) throws(Failure) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength else { throw .tooLarge }
        var pairs: [(name: String, value: String)] = []
        for part in bytes.split(separator: 0x26) {
            guard pairs.count < Self.maximumCount else { throw .tooLarge }
            let equals = part.firstIndex(of: 0x3D)
            let name = try Self.decode(part[..<(equals ?? part.endIndex)])
            let value = try equals.map { index throws(Failure) in try Self.decode(part[(index + 1)...]) } ?? ""
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The fields given.
    public init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// The value of a field that may stand once; `nil` when it does not stand at all.
    ///
    /// - Throws: ``Failure`` `.repeated` when it stands more than once.
    public func single(_ name: String) throws(Failure) -> String? {
        var found: String?
        for pair in pairs where pair.name == name {
            guard found == nil else { throw .repeated(name) }
            found = pair.value
        }
        return found
    }

    /// The first value of a field, for fields of our own pages, where a second one changes nothing.
    public subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// The first of the known names that stands more than once.
    public func firstRepeated(among names: Set<String>) -> String? {
        var seen: Set<String> = []
        for pair in pairs where names.contains(pair.name) {
            if !seen.insert(pair.name).inserted { return pair.name }
        }
        return nil
    }

    private static func decode(_ bytes: some Collection<UInt8>) throws(Failure) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case 0x2B: output.append(0x20)
            case 0x25:
                guard let high = rest.next().flatMap(Self.digit), let low = rest.next().flatMap(Self.digit) else {
                    throw .malformed
                }
                output.append(high << 4 | low)
            default: output.append(byte)
            }
        }
        guard !output.contains(0), let text = String(validating: output, as: UTF8.self) else { throw .malformed }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static let unreserved: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8 {
            table[Int(byte)] = true
        }
        return table
    }()
    private static let hexadecimal = Array("0123456789ABCDEF".utf8)

    /// `text` with everything but RFC 3986's unreserved characters escaped.
    public static func escape(_ text: String) -> String {
        let unreserved = unreserved
        if text.utf8.allSatisfy({ unreserved[Int($0)] }) { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if unreserved[Int(byte)] {
                output.append(byte)
            } else {
                output.append(contentsOf: [0x25, hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The fields as a query or form body.
    public static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { escape($0.0) + "=" + escape($0.1) }.joined(separator: "&")
    }
}
