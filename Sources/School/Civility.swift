/// Civilité (AAF `personalTitle`, SIECLE `LC_CIVILITE`, ONDE « Civilité Responsable »).
public enum Civility: String, Sendable, Hashable {
    /// Madame, and the Mademoiselle of old files.
    case madame = "F"
    /// Monsieur.
    case monsieur = "M"

    /// The civility that a file writes: `M.`, `MME`, `Mlle`; of a pupil, SIECLE's `CODE_SEXE` 1 and 2, and ONDE's `M` and
    /// `F`; `nil` for anything else.
    public init?(written text: String) {
        switch text.uppercased().filter({ $0.isLetter || $0.isNumber }) {
        case "M", "MR", "MONSIEUR", "1": self = .monsieur
        case "MME", "MLLE", "MADAME", "MADEMOISELLE", "F", "2": self = .madame
        default: return nil
        }
    }
}
