import Foundation
import Yams

/// A language of the pages, by its BCP 47 tag.
public enum Language: String, Sendable, CaseIterable {
    /// French: first and complete.
    case french = "fr"
    /// English.
    case english = "en"
    /// Arabic, from right to left.
    case arabic = "ar"
    /// Portuguese.
    case portuguese = "pt"
    /// Turkish.
    case turkish = "tr"

    /// The language's name in itself.
    public var name: String {
        switch self {
        case .french: "Français"
        case .english: "English"
        case .arabic: "العربية"
        case .portuguese: "Português"
        case .turkish: "Türkçe"
        }
    }

    /// `ltr` or `rtl`.
    public var direction: String { self == .arabic ? "rtl" : "ltr" }

    /// The first language that we have among `tags` in the order of preference, each a BCP 47 tag.
    public static func first(among tags: [some StringProtocol]) -> Language? {
        for tag in tags {
            let primary = tag.split(separator: "-").first.map { $0.lowercased() } ?? ""
            if let language = Language(rawValue: primary) { return language }
        }
        return nil
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4), by its weights.
    public static func best(for header: String?) -> Language? {
        guard let header, header.utf8.count <= 1024 else { return nil }
        var weighted: [(tag: String, weight: Double, order: Int)] = []
        for (order, part) in header.split(separator: ",").prefix(20).enumerated() {
            let pieces = part.split(separator: ";")
            guard let tag = pieces.first?.trimmingCharacters(in: .whitespaces) else { continue }
            var weight = 1.0
            for piece in pieces.dropFirst() {
                let text = piece.trimmingCharacters(in: .whitespaces)
                if text.hasPrefix("q=") { weight = Double(text.dropFirst(2)) ?? 0 }
            }
            if weight > 0 { weighted.append((tag, weight, order)) }
        }
        weighted.sort { ($0.weight, -$0.order) > ($1.weight, -$1.order) }
        return first(among: weighted.map(\.tag))
    }
}

/// The texts of the pages in one language: section, key, text.
public struct Texts: Sendable {
    let sections: [String: [String: String]]
    /// Whether these are the French texts, which the operator's own words stand beside.
    public let isFrench: Bool

    init(yaml: String, isFrench: Bool) throws {
        self.isFrench = isFrench
        guard let loaded = try Yams.load(yaml: yaml) as? [String: [String: String]] else {
            throw PagesError("a text catalogue is not sections of keys and texts")
        }
        sections = loaded
    }

    /// The text at `section.key`; `nil` when there is none.
    public func find(_ section: String, _ key: String) -> String? { sections[section]?[key] }

    /// The text at `section.key`, with each `{name}` replaced; the key itself when there is no such text, so that a page
    /// still says something.
    public func text(_ section: String, _ key: String, _ values: [String: String] = [:]) -> String {
        guard var text = sections[section]?[key] else { return "\(section).\(key)" }
        for (name, value) in values { text = text.replacing("{\(name)}", with: value) }
        return text
    }
}

/// Pages or texts that cannot be loaded.
public struct PagesError: Error, CustomStringConvertible {
    /// What is wrong, for the operator.
    public let description: String
    init(_ description: String) { self.description = description }
}
