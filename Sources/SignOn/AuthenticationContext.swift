/// How well somebody proved who they are, from weaker to stronger, by the names of the REFEDS profiles, which education
/// federations share.
public enum AuthenticationContext: String, Sendable, Hashable, CaseIterable, Comparable, Codable {
    /// One factor (REFEDS Single Factor Authentication profile).
    case singleFactor = "https://refeds.org/profile/sfa"
    /// Several factors (REFEDS Multi Factor Authentication profile).
    case multiFactor = "https://refeds.org/profile/mfa"

    private var strength: Int { self == .singleFactor ? 1 : 2 }

    /// Whether the left one is weaker.
    public static func < (left: Self, right: Self) -> Bool { left.strength < right.strength }
}
