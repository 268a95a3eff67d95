public import Clocks
import LocalAccountsProvider
public import OpenIDConnectIssuer
public import SignOn
public import SignOnHTTP
public import Web

/// The addresses of the portal itself.
public enum PortalRoutes {
    /// The portal's home: *Mes services* for who is signed in, the way in for who is not.
    public static let home = Route("/")
    /// The questions (J1).
    public static let questions = SignOnExchange.portal
    /// What this browser remembers of them.
    public static let memory = Route("/connexion/memoire")
    /// Taking up a sign-on that began at the portal itself.
    public static let arrived = Route("/connexion/retour")
    /// Ending one's sessions.
    public static let endSession = Route("/mon-compte/sessions")
}

/// The portal's own pages: the questions, the memory, the home.
public struct PortalDesk: Sendable {
    let exchange: SignOnExchange
    let plan: PortalPlan
    let clients: ClientRegistry
    let clock: any WallClock
    let pages: Pages
    let memoryCookie: RoleCookie

    /// The name of the portal as an issuer of sign-on requests: somebody came for the portal's own sake.
    static let issuerName = "portal"

    /// The portal's pages.
    public init(
        exchange: SignOnExchange, plan: PortalPlan, clients: ClientRegistry, clock: any WallClock, pages: Pages
    ) {
        self.exchange = exchange
        self.plan = plan
        self.clients = clients
        self.clock = clock
        self.pages = pages
        memoryCookie = RoleCookie("memoire", at: exchange.site)
    }

    /// A sign-on that wants nothing but the portal.
    func ownRequest() -> Requested {
        Requested(
            SignOnRequest(
                issuer: Self.issuerName, party: nil, partyName: nil, payload: "",
                resumePath: PortalRoutes.arrived.path, replyOrigin: nil), now: clock.now())
    }
}
