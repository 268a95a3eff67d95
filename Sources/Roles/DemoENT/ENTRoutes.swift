public import Web

/// The addresses of the demo ENT.
public enum ENTRoutes {
    /// The public page.
    public static let welcome = Route("/")
    /// The beginning of a sign-on.
    public static let signIn = Route("/connexion")
    /// Where the portal sends the browser back: the `redirect_uri` of the registration.
    public static let callback = Route("/oidc/callback")
    /// Where the portal says that a session has ended: the `backchannel_logout_uri` of the registration.
    public static let backchannelLogout = Route("/oidc/backchannel-logout")
    /// The charter, at the first connection.
    public static let charter = Route("/charte")
    /// Mes applis.
    public static let apps = Route("/applis")
    /// La classe.
    public static let classroom = Route("/classe")
    /// Fil de nouveautés.
    public static let news = Route("/nouveautes")
    /// Theme and language.
    public static let preferences = Route("/preferences")
    /// The end of the session, here and at the portal.
    public static let signOut = Route("/deconnexion")
    /// Where the portal sends the browser after that: the `post_logout_redirect_uri` of the registration.
    public static let signedOut = Route("/au-revoir")

    /// The name of the field that says where the person was going.
    static let returnField = "retour"
    /// The name of the field that proves that a link or form is of this session's pages (WEB-01).
    static let tokenField = "jeton"

    /// The page to go on to: a path of ours, and none that would lead round in a circle.
    static func destination(_ path: String?) -> String {
        guard let path, LocalPath.isSafe(path) else { return apps.path }
        let circles = [welcome, signIn, callback, signOut, signedOut, charter].map(\.path)
        return circles.contains(String(path.prefix { $0 != "?" })) ? apps.path : path
    }
}
