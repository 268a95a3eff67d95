/// Civilité (AAF `personalTitle`, SIECLE `LC_CIVILITE`, ONDE « Civilité Responsable »).
public enum Civility: String, Sendable, Hashable {
    /// Madame, and the Mademoiselle of old files.
    case madame = "F"
    /// Monsieur.
    case monsieur = "M"

    /// The civility that a file writes (`M.`, `MME`, `Mlle`, …); `nil` for anything else.
    public init?(written text: String) {
        switch text.uppercased().filter({ $0.isLetter }) {
        case "M", "MR", "MONSIEUR": self = .monsieur
        case "MME", "MLLE", "MADAME", "MADEMOISELLE": self = .madame
        default: return nil
        }
    }
}
