/// What a person is to the school: the profiles of the SDET (`ENTPersonProfils`).
public enum Profile: String, Sendable, Hashable, CaseIterable, Codable {
    /// Élève.
    case pupil = "National_ELV"
    /// Responsable légal d'un élève (tuteur légal).
    case responsible = "National_TUT"
    /// Enseignant.
    case teacher = "National_ENS"
    /// Personnel de documentation.
    case librarian = "National_DOC"
    /// Personnel de direction.
    case head = "National_DIR"
    /// Personnel de vie scolaire.
    case schoolLife = "National_EVS"
    /// Personnel administratif, technique ou d'encadrement de l'établissement.
    case schoolStaff = "National_ETA"
    /// Personnel de rectorat ou de service académique.
    case academyStaff = "National_ACA"
    /// Personnel de collectivité territoriale.
    case localAuthority = "National_COL"
    /// Invité.
    case guest = "National_AUT"
}

/// Where a pupil's school stands: the second question of the portal.
public enum Level: String, Sendable, Hashable, CaseIterable, Codable {
    /// École (premier degré).
    case primary = "ecole"
    /// Collège.
    case lowerSecondary = "college"
    /// Lycée.
    case upperSecondary = "lycee"
}
