import Clocks

/// What an application wants, in no protocol's words.
public struct SignOnRequest: Sendable, Hashable, Codable {
    /// Which issuer took the request and will answer it.
    public let issuer: String
    /// The application's name in that protocol; `nil` when somebody comes to the portal for its own sake.
    public let party: String?
    /// The name of the application for people.
    public let partyName: String?
    /// The issuer's own words, to take up the request again: it alone reads them.
    public let payload: String
    /// The path of the issuer at which the sign-on goes on once the person is known.
    public let resumePath: String
    /// The origin at which the answer arrives, for the `form-action` of the pages on the way.
    public let replyOrigin: String?
    /// The person must prove who they are, live session or not.
    public let forcesAuthentication: Bool
    /// A proof older than that does not do.
    public let maximumAge: Duration?
    /// The contexts asked for, any of them or a stronger one.
    public let contexts: [AuthenticationContext]
    /// Only these contexts do; otherwise the wish is voluntary.
    public let contextsAreEssential: Bool
    /// What the application believes the person calls themselves here.
    public let loginHint: String?
    /// The door that the application names (`idp_hint`).
    public let doorHint: String?
    /// The languages asked for, best first.
    public let languages: [String]

    /// A request.
    public init(
        issuer: String, party: String?, partyName: String?, payload: String, resumePath: String, replyOrigin: String?,
        forcesAuthentication: Bool = false, maximumAge: Duration? = nil, contexts: [AuthenticationContext] = [],
        contextsAreEssential: Bool = false, loginHint: String? = nil, doorHint: String? = nil, languages: [String] = []
    ) {
        self.issuer = issuer
        self.party = party
        self.partyName = partyName
        self.payload = payload
        self.resumePath = resumePath
        self.replyOrigin = replyOrigin
        self.forcesAuthentication = forcesAuthentication
        self.maximumAge = maximumAge
        self.contexts = contexts
        self.contextsAreEssential = contextsAreEssential
        self.loginHint = loginHint
        self.doorHint = doorHint
        self.languages = languages
    }
}
