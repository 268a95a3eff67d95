/// A page of HTML taken apart into tags and texts, as a browser would read what our templates write. No more of HTML than
/// that: it is strict where a browser is lenient, so that a page that it reads has no surprise for one.
public struct HTMLScan: Sendable {
    /// A start or end tag.
    public struct Tag: Sendable, Hashable {
        /// Its name in lower case.
        public let name: String
        /// Whether it is an end tag.
        public let isEnd: Bool
        /// Its attributes, decoded; an attribute without a value has an empty one.
        public let attributes: [String: String]
    }

    /// A piece of the page.
    public enum Piece: Sendable, Hashable {
        /// A tag.
        case tag(Tag)
        /// A text, decoded.
        case text(String)
    }

    /// The page in order.
    public let pieces: [Piece]

    /// Why a page cannot be taken apart.
    public struct Failure: Error, CustomStringConvertible {
        /// What is wrong, with what follows.
        public let description: String
    }

    /// Takes the page apart.
    ///
    /// - Throws: ``Failure`` for a tag that does not end or an attribute without quotes.
    public init(_ html: String) throws {
        var pieces: [Piece] = []
        var rest = html[...]
        while !rest.isEmpty {
            if rest.hasPrefix("<!") {
                guard let end = rest.firstIndex(of: ">") else { throw Failure(description: "<! without end") }
                rest = rest[rest.index(after: end)...]
            } else if rest.hasPrefix("<") {
                rest = rest.dropFirst()
                pieces.append(.tag(try Self.tag(&rest)))
            } else {
                let end = rest.firstIndex(of: "<") ?? rest.endIndex
                pieces.append(.text(Self.decoded(rest[..<end])))
                rest = rest[end...]
            }
        }
        self.pieces = pieces
    }

    private static func tag(_ rest: inout Substring) throws -> Tag {
        let isEnd = rest.hasPrefix("/")
        if isEnd { rest = rest.dropFirst() }
        let name = rest.prefix { $0.isLetter || $0.isNumber }.lowercased()
        guard !name.isEmpty else { throw Failure(description: "a bare <: \(rest.prefix(40))") }
        rest = rest.dropFirst(name.count)
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard let first = rest.first else { throw Failure(description: "a tag \(name) without end") }
            if first == ">" {
                rest = rest.dropFirst()
                return Tag(name: name, isEnd: isEnd, attributes: attributes)
            }
            let key = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != ">" }.lowercased()
            rest = rest.dropFirst(key.count)
            guard rest.first == "=" else {
                attributes[key] = ""
                continue
            }
            guard rest.dropFirst().first == "\"", let end = rest.dropFirst(2).firstIndex(of: "\"") else {
                throw Failure(description: "an attribute without quotes: \(key)\(rest.prefix(40))")
            }
            attributes[key] = decoded(rest.dropFirst(2)[..<end])
            rest = rest[rest.index(after: end)...]
        }
    }

    private static let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

    private static func decoded(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            rest = rest[rest.index(after: ampersand)...]
            guard let end = rest.prefix(8).firstIndex(of: ";"), let meaning = meaning(of: rest[..<end]) else {
                result += "&"
                continue
            }
            result += meaning
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func meaning(of name: Substring) -> String? {
        guard name.hasPrefix("#") else { return entities[String(name)] }
        let digits = name.dropFirst()
        let number = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String($0) }
    }

    /// The start tags, in order.
    public var tags: [Tag] {
        pieces.compactMap { piece in
            if case .tag(let tag) = piece, !tag.isEnd { return tag }
            return nil
        }
    }

    /// The words of the page, blanks run together.
    public var words: String {
        let texts = pieces.compactMap { piece in
            if case .text(let text) = piece { return text }
            return nil
        }
        return texts.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The addresses of the links, with their words.
    public var links: [(address: String, words: String)] {
        var links: [(address: String, words: String)] = []
        var open: (address: String, words: String)?
        for piece in pieces {
            switch piece {
            case .tag(let tag) where tag.name == "a":
                if tag.isEnd {
                    if let open { links.append(open) }
                    open = nil
                } else {
                    open = (tag.attributes["href"] ?? "", "")
                }
            case .tag: break
            case .text(let text): open?.words += text
            }
        }
        return links
    }

    /// The forms, in order.
    public var forms: [HTMLForm] {
        var forms: [HTMLForm] = []
        var open: HTMLForm?
        for piece in pieces {
            guard case .tag(let tag) = piece else { continue }
            switch tag.name {
            case "form":
                if tag.isEnd {
                    if let open { forms.append(open) }
                    open = nil
                } else {
                    open = HTMLForm(method: tag.attributes["method"] ?? "get", action: tag.attributes["action"] ?? "")
                }
            case "input", "button": if !tag.isEnd { open?.take(tag) }
            default: break
            }
        }
        return forms
    }
}

/// A form as a browser would send it.
public struct HTMLForm: Sendable {
    /// `get` or `post`.
    public let method: String
    /// Where it goes.
    public let action: String
    /// What it sends untouched: hidden fields, prefilled texts, checked boxes.
    public private(set) var fields: [(name: String, value: String)] = []
    /// The names of everything that can be filled in.
    public private(set) var controls: [String] = []
    /// The buttons with a name, and the radio buttons: what can be chosen.
    public private(set) var choices: [(name: String, value: String)] = []

    init(method: String, action: String) {
        self.method = method
        self.action = action
    }

    mutating func take(_ tag: HTMLScan.Tag) {
        guard let name = tag.attributes["name"] else { return }
        let value = tag.attributes["value"] ?? ""
        if tag.name == "button" {
            choices.append((name, value))
            return
        }
        switch tag.attributes["type"] ?? "text" {
        case "radio", "checkbox":
            choices.append((name, value))
            controls.append(name)
            if tag.attributes["checked"] != nil { fields.append((name, value)) }
        case "hidden": fields.append((name, value))
        default:
            controls.append(name)
            fields.append((name, value))
        }
    }

    /// The prefilled or hidden value of a field.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// What a browser sends when these fields are filled in or pressed.
    public func filled(_ values: [String: String]) -> [(String, String)] {
        var pairs = fields.filter { values[$0.name] == nil }.map { ($0.name, $0.value) }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { pairs.append((name, value)) }
        return pairs
    }
}
