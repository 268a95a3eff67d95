/// Why a text is no JSON value that we read.
public enum JSONError: Error, Equatable {
    /// Longer than the limit.
    case tooLong
    /// Nested deeper than the limit.
    case tooDeep
    /// Not the grammar of RFC 8259, not UTF-8, or something after the value; the byte offset.
    case malformed(at: Int)
    /// Two members of one name in one object.
    case duplicateMember(String)
}

extension JSONValue {
    /// Reads one JSON value.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8, nothing around it but white space.
    ///   - maximumLength: in bytes.
    ///   - maximumDepth: of arrays and objects in one another.
    /// - Throws: ``JSONError``.
    public init(
        parsing bytes: some Collection<UInt8>, maximumLength: Int = 65536, maximumDepth: Int = 16
    ) throws(JSONError) {
        guard bytes.count <= maximumLength else { throw .tooLong }
        var reader = JSONReader(Array(bytes), depth: maximumDepth)
        self = try reader.document()
    }
}

private struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth: Int

    init(_ bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw .malformed(at: position) }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard take(byte) else { throw .malformed(at: position) }
        }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        switch next {
        case 0x7B: return try object()
        case 0x5B: return try array()
        case 0x22: return .string(try string())
        case 0x74: return try word("true", .bool(true))
        case 0x66: return try word("false", .bool(false))
        case 0x6E: return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        guard depth > 0 else { throw .tooDeep }
        depth -= 1
        defer { depth += 1 }
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(0x7D) { return .object(members) }
        while true {
            skipSpace()
            guard next == 0x22 else { throw .malformed(at: position) }
            let name = try string()
            skipSpace()
            guard take(0x3A) else { throw .malformed(at: position) }
            guard members.updateValue(try value(), forKey: name) == nil else { throw .duplicateMember(name) }
            skipSpace()
            if take(0x7D) { return .object(members) }
            guard take(0x2C) else { throw .malformed(at: position) }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        guard depth > 0 else { throw .tooDeep }
        depth -= 1
        defer { depth += 1 }
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take(0x5D) { return .array(values) }
        while true {
            values.append(try value())
            skipSpace()
            if take(0x5D) { return .array(values) }
            guard take(0x2C) else { throw .malformed(at: position) }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(0x2D)
        if !take(0x30) {
            guard let first = next, (0x31...0x39).contains(first) else { throw .malformed(at: position) }
            skipDigits()
        }
        var isWhole = true
        if take(0x2E) {
            isWhole = false
            try digits()
        }
        if next == 0x65 || next == 0x45 {
            isWhole = false
            position += 1
            if next == 0x2B || next == 0x2D { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else { throw .malformed(at: start) }
        return .number(number)
    }

    private mutating func skipDigits() {
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        skipDigits()
        guard position > start else { throw .malformed(at: position) }
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case 0x22:
                guard let string = String(validating: text, as: UTF8.self) else { throw .malformed(at: start) }
                return string
            case 0x5C: try escape(into: &text)
            case 0..<0x20: throw .malformed(at: position - 1)
            default: text.append(byte)
            }
        }
        throw .malformed(at: position)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = next else { throw .malformed(at: position) }
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75:
            var code = UInt32(try fourHexadecimal())
            if (0xD800..<0xDC00).contains(code) {
                guard take(0x5C), take(0x75) else { throw .malformed(at: position) }
                let low = UInt32(try fourHexadecimal())
                guard (0xDC00..<0xE000).contains(low) else { throw .malformed(at: position) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            // A lone low surrogate is no character.
            guard let scalar = Unicode.Scalar(code) else { throw .malformed(at: position) }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw .malformed(at: position - 1)
        }
    }

    private mutating func fourHexadecimal() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw .malformed(at: position) }
            position += 1
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw .malformed(at: position - 1)
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
