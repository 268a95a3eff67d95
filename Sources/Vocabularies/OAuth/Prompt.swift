/// The values of `prompt` (OpenID Connect Core §3.1.2.1).
public enum Prompt: String, Sendable, Hashable, CaseIterable {
    /// No page at all: an error where one would be needed.
    case none
    /// Prove again who you are.
    case login
    /// Agree again. A closed federation asks no consent; the value changes nothing.
    case consent
    /// Choose among accounts. The portal asks for a fresh proof, which lets another person come in.
    case selectAccount = "select_account"

    /// Reads blank-separated values.
    ///
    /// - Returns: `nil` for an unknown value, and for `none` beside another one.
    public static func parse(_ text: String) -> Set<Prompt>? {
        var prompts: Set<Prompt> = []
        for part in text.split(separator: " ") {
            guard let prompt = Prompt(rawValue: String(part)) else { return nil }
            prompts.insert(prompt)
        }
        if prompts.contains(.none), prompts.count > 1 { return nil }
        return prompts
    }
}
