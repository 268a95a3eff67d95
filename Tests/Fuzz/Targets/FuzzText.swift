import Foundation

/// Inputs that are texts.
enum FuzzText {
    /// What stands before the first `mark`, and what stands after it.
    static func cut(_ input: [UInt8], at mark: String = "\n") -> (String, String) {
        let text = String(decoding: input, as: UTF8.self)
        guard let range = text.firstRange(of: mark) else { return (text, "") }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    /// The text with the words replaced by what they stand for.
    static func filled(_ text: String, _ words: [String: String]) -> String {
        guard text.utf8.contains(0x7B) else { return text }
        var text = text
        for (word, meaning) in words { text = text.replacingOccurrences(of: word, with: meaning) }
        return text
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// The fields of a form as Foundation reads them: another reader than the one under test.
    static func fields(_ form: String) -> [String: [String]] {
        var fields: [String: [String]] = [:]
        for part in form.components(separatedBy: "&") where !part.isEmpty {
            let halves = part.replacingOccurrences(of: "+", with: " ").split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let words = halves.map { String($0).removingPercentEncoding ?? "" }
            fields[words[0], default: []].append(words.count == 2 ? words[1] : "")
        }
        return fields
    }
}
