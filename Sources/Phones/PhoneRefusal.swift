/// Why a text is no number that a person could be found by. Closed: an import report counts each of them.
///
/// The raw values stand in reports; they say nothing of the number itself.
public enum PhoneRefusal: String, Error, Sendable, Hashable, CaseIterable {
    /// No digit: an empty field, a dash.
    case empty
    /// More than ``PhoneNumber/longestText`` bytes: it was not looked at.
    case tooLong = "too-long"
    /// Something that is neither a digit nor between digits: letters, an extension, a zero byte, a second `+`, brackets
    /// that do not match.
    case unexpectedCharacter = "unexpected-character"
    /// At most six digits: an emergency or service number, or a local one without its area.
    case shortNumber = "short-number"
    /// Neither the 0 of the national plan nor a country code in front: several countries have such a number.
    case noCountryCode = "no-country-code"
    /// No country, or none that the library knows, has that code.
    case unknownCountry = "unknown-country"
    /// Too many or too few digits for the plan.
    case wrongLength = "wrong-length"
    /// The code of an overseas territory in front of a number of another one, or of metropolitan France.
    case wrongTerritory = "wrong-territory"
    /// The plan gives out no such number.
    case unassigned
    /// Premium rate, toll free, satellite: nobody's own telephone.
    case service
    /// The ranges of machines, 0700 to 0709 but for the blocks opened to people overseas.
    case machine
    /// What is typed to fill a field: zeros, the same digit, digits that count up or down.
    case placeholder
    /// A number that ARCEP keeps for films; see ``FictionNumbers``.
    case fiction
    /// The library failed, or contradicted itself.
    case unreadable
}
