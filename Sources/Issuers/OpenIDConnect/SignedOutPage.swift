import Clocks
import HTTPTypes
import Hummingbird
import Keyring
import SignOn
import SignOnHTTP
import Stores
import Web

/// A session that has ended, as the browser carries it from the end to the page that tells of it: any node can show that
/// page, again and again.
struct EndedSession: Codable, Sendable {
    static let purpose = "ended session"
    static let lifetime = Duration.minutes(30)
    /// The field that carries it.
    static let field = "etat"

    /// The session; `nil` when there was none.
    let session: String?
    /// The client that asked for the end.
    let initiator: String?
    /// Where the browser goes on to: proved and registered.
    let target: String?

    init(session: SessionID? = nil, initiator: Client?, target: String? = nil) {
        self.session = session?.description
        self.initiator = initiator?.id
        self.target = target
    }
}

/// What became of one application when the session ended.
struct EndedApplication: Sendable {
    /// What is true of it.
    enum State: Sendable {
        /// It said that it has ended its session.
        case closed
        /// It is being told, or will be again.
        case pending
        /// The browser tells it; nobody hears an answer.
        case asked
        /// Nobody could tell it: the person has to leave there.
        case byHand
    }

    let name: String
    let home: String?
    let state: State
    /// The address that the browser is to frame.
    let frame: String?
}

extension OpenIDProvider {
    /// How long the page waits for the applications' answers before it tells what is true by then.
    private static let patience = Duration.milliseconds(1500)
    /// How long a page stands before the browser goes on by itself, in seconds: time for its frames.
    private static let secondsBeforeGoingOn = 3

    /// `GET /oidc/logout/termine`: what became of each application. Nothing is changed here.
    func signedOut(_ request: Request, _ context: RoleContext) async throws -> Response {
        let opened = try request.queryFields()[EndedSession.field].flatMap { text in
            exchange.seals.open(
                text, purpose: EndedSession.purpose, lifetime: EndedSession.lifetime, as: EndedSession.self)
        }
        // Somebody is signed in again: this page would not be true.
        guard try await exchange.session(of: request) == nil else { return .redirectWithin("/") }
        guard let ended = opened?.value else { return signedOutPage(EndedSession(initiator: nil), [], request) }
        return signedOutPage(ended, try await applications(of: ended), request)
    }

    /// The path of the page of `ended`.
    func address(of ended: EndedSession) throws -> String {
        OpenIDRoutes.signedOut.with([
            (EndedSession.field, try exchange.seals.seal(ended, purpose: EndedSession.purpose))
        ])
    }

    /// The applications of the session, in the order in which they were entered, after a short wait for their answers.
    func applications(of ended: EndedSession) async throws -> [EndedApplication] {
        guard let session = ended.session.map({ SessionID($0) }) else { return [] }
        let participants = try await sessions.participants(of: session)
        let reports = try await answers(of: session)
        let keys = keyring.snapshot
        return participants.map { participant in
            guard let client = clients.client(participant.client) else {
                return EndedApplication(name: participant.client, home: nil, state: .byHand, frame: nil)
            }
            let frame = client.logout.frontchannel.map { address in
                RedirectURI.adding(
                    [("iss", issuer), ("sid", sessionName(session, at: client, keys))], to: address)
            }
            return EndedApplication(
                name: client.party.name, home: client.party.home,
                state: Self.state(of: client, reports[client.id], isInitiator: client.id == ended.initiator),
                frame: frame)
        }
    }

    private static func state(
        of client: Client, _ report: LogoutNoticeState?, isInitiator: Bool
    ) -> EndedApplication.State {
        switch report {
        case .delivered: .closed
        case .waiting where client.logout.backchannel != nil: .pending
        case .waiting, .dead, .noChannel, nil:
            // It asks for the end after its own (RP-Initiated Logout §2).
            if isInitiator { .closed } else { client.logout.frontchannel == nil ? .byHand : .asked }
        }
    }

    /// Where the notices stand, once each that can be sent was tried, or at the end of our patience.
    private func answers(of session: SessionID) async throws -> [String: LogoutNoticeState] {
        var pause = Duration.milliseconds(25)
        var waited = Duration.zero
        while true {
            let reports = try await notices.notices(of: session)
            let isUntried = reports.contains { report in
                report.state == .waiting && report.lastFailure == nil
                    && clients.client(report.notice.client)?.logout.backchannel != nil
            }
            guard isUntried, waited < Self.patience else {
                return Dictionary(reports.map { ($0.notice.client, $0.state) }) { $1 }
            }
            try await Task.sleep(for: pause)
            waited += pause
            pause = min(pause * 2, .milliseconds(400))
        }
    }

    /// The page itself. Its frames, and nobody else's, are let in by its policy.
    func signedOutPage(
        _ ended: EndedSession, _ applications: [EndedApplication], _ request: Request,
        headers extra: HTTPFields = HTTPFields()
    ) -> Response {
        let language = pages.language(of: request, site: site)
        let texts = pages.texts(language)
        let path = (try? address(of: ended)).flatMap { LocalPath.isSafe($0) ? $0 : nil }
        let frames = applications.compactMap(\.frame)
        var headers = extra
        if let target = ended.target, let name = HTTPField.Name("Refresh") {
            headers[name] = "\(Self.secondsBeforeGoingOn); url=\(target)"
        }
        let isPending = applications.contains { $0.state == .pending }
        return pages.response(
            "logout-done", title: texts.text("logout", "done_title"),
            [
                "hasApplications": .flag(!applications.isEmpty), "applications": .list(applications.map(\.value)),
                "frames": .list(frames.map { ["url": .text($0)] }), "goesOn": .flag(ended.target != nil),
                "hasPending": .flag(isPending), "reloadURL": isPending ? .optional(path) : .flag(false),
                "hasByHand": .flag(applications.contains { $0.state == .byHand }),
            ].merging(wayOn(from: ended, texts)) { $1 },
            view: PageView(language: language, path: path ?? "/"),
            frameSources: Set(frames.compactMap { Origin(of: $0)?.description }).sorted(), headers: headers)
    }

    private func wayOn(from ended: EndedSession, _ texts: Texts) -> [String: PageValue] {
        guard let client = ended.initiator.flatMap({ clients.client($0) }) else {
            return ["returnURL": "/", "returnLabel": .text(texts.text("logout", "sign_in_again"))]
        }
        return [
            "returnURL": .text(ended.target ?? client.party.home ?? "/"),
            "returnLabel": .text(texts.text("logout", "return_to", ["name": client.party.name])),
        ]
    }
}

extension EndedApplication {
    fileprivate var value: PageValue {
        [
            "name": .text(name), "home": state == .byHand ? .optional(home) : .flag(false),
            "isClosed": .flag(state == .closed), "isPending": .flag(state == .pending),
            "isAsked": .flag(state == .asked), "isUnknown": .flag(state == .byHand),
        ]
    }
}
