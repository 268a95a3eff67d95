import Cryptography

/// One text changed in many small ways, none of which is the text itself.
enum Mutations {
    static func of(_ text: String) -> [String] {
        var results: [String] = []
        let characters = Array(text)
        for index in stride(from: 0, to: characters.count, by: max(1, characters.count / 40)) {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            results.append(String(changed))
        }
        // The last character of base64url may hold bits that count for nothing: a second spelling of the same bytes.
        if let last = characters.last {
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" where other != last {
                results.append(String(characters.dropLast()) + String(other))
            }
        }
        results += [
            String(text.dropLast()), String(text.dropFirst()), text + "A", text + "=", text + ".", "." + text,
            text + " ",
            " " + text, text + "\n", String(text.reversed()), text.uppercased(), text.lowercased(), text + text,
        ]
        if let dot = characters.firstIndex(of: ".") {
            results += [String(characters[(dot + 1)...]), String(characters[..<dot]), String(characters[...dot])]
        }
        return results.filter { $0 != text }
    }
}
