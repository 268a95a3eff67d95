import Clocks
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import SignOn
import SignOnHTTP
import Stores
import Web

/// What a page asks before it ends a session that no proved hint speaks of.
private struct LogoutConfirmation: Codable, Sendable {
    static let purpose = "logout confirmation"
    let session: String
}

extension OpenIDProvider {
    /// `GET /oidc/logout` (OpenID Connect RP-Initiated Logout §2).
    func endSession(_ request: Request, _ context: RoleContext) async throws -> Response {
        try await endSession(try request.queryFields(), request, context)
    }

    /// `POST /oidc/logout`: a client's, or the confirmation of our own page.
    func endSessionByPost(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.formFields()
        guard let confirmation = fields["confirmation"] else {
            if !exchange.carriesSession(request), let path = Self.path(fields) { return .redirectWithin(path) }
            return try await endSession(fields, request, context)
        }
        try request.requireOwnOrigin(at: site)
        let live = try await exchange.session(of: request)
        let opened = exchange.seals.open(
            confirmation, purpose: LogoutConfirmation.purpose, lifetime: .minutes(30), as: LogoutConfirmation.self)
        if let live {
            guard opened?.value.session == live.session.id.description else {
                return try confirmationPage(live, request)
            }
            return try await ended(live, initiator: nil, returning: nil, request)
        }
        return try await ended(nil, initiator: nil, returning: nil, request)
    }

    private static let parameters: Set<String> = ["id_token_hint", "post_logout_redirect_uri", "client_id", "state"]

    /// The request as an address of ours; `nil` when none holds it.
    ///
    /// A form of another site comes without the session's cookie (`SameSite=Lax`), which a redirect then brings: without
    /// it, nobody would be signed out and the client would believe it.
    private static func path(_ fields: FormFields) -> String? {
        let known = fields.pairs.filter { parameters.contains($0.name) }.map { ($0.name, $0.value) }
        let path = OpenIDRoutes.endSession.with(known)
        return LocalPath.isSafe(path) ? path : nil
    }

    private func endSession(_ fields: FormFields, _ request: Request, _ context: RoleContext) async throws -> Response {
        if let name = fields.firstRepeated(among: Self.parameters) {
            throw Problem(.badRequest, .application, detail: "logout: \(name) stands twice")
        }
        let hint = fields["id_token_hint"].flatMap(verifiedHint)
        let client = hint.flatMap { try? $0.audiences() }.flatMap { $0.count == 1 ? clients.client($0[0]) : nil }
        // A client_id that is not the hint's: nothing of the request can be believed (§2).
        let isProved = client != nil && (fields["client_id"] == nil || fields["client_id"] == client?.id)
        var target: String?
        if let address = fields["post_logout_redirect_uri"] {
            // OA-03, OA-19: without a proved hint, or not registered letter by letter, no redirect.
            guard isProved, let client,
                client.postLogoutRedirectURIs.contains(where: { $0.utf8.elementsEqual(address.utf8) })
            else {
                let live = try await exchange.session(of: request)
                guard let live else {
                    throw Problem(.badRequest, .unknownApplication, detail: "logout: the address is not proved")
                }
                return try confirmationPage(live, request)
            }
            target = fields["state"].map { RedirectURI.adding([("state", $0)], to: address) } ?? address
        }
        guard let live = try await exchange.session(of: request) else {
            return try await ended(nil, initiator: client, returning: target, request)
        }
        let keys = keyring.snapshot
        guard isProved, let hint, let client,
            hint["sub"]?.string == subject(of: live.account.id, at: client, keys)
        else { return try confirmationPage(live, request) }
        return try await ended(live, initiator: client, returning: target, request)
    }

    /// OA-19, ASVS 10.6.2: who is signed out without having asked may be somebody's prank.
    private func confirmationPage(_ live: LiveSession, _ request: Request) throws -> Response {
        let language = pages.language(of: request, site: site)
        let seal = try exchange.seals.seal(
            LogoutConfirmation(session: live.session.id.description), purpose: LogoutConfirmation.purpose)
        return pages.response(
            "logout-confirm", title: pages.texts(language).text("logout", "confirm_title"),
            [
                "action": .text(OpenIDRoutes.endSession.path), "hidden": .hidden([("confirmation", seal)]),
                "name": .text(live.account.person.givenName), "cancelURL": "/",
            ], view: PageView(language: language, path: OpenIDRoutes.endSession.path))
    }

    /// Ends the session, whose applications are told from now on, and sends the browser where it is to go: back to the
    /// application at once, or to the page that tells what became of each (``signedOut(_:_:)``). Browsers tell those that
    /// want to be told in frames, so that such a page comes first.
    private func ended(
        _ live: LiveSession?, initiator: Client?, returning target: String?, _ request: Request
    ) async throws -> Response {
        var participants: [SessionParticipant] = []
        if let live { participants = try await exchange.desk.end(live.session.id) }
        var headers = HTTPFields()
        // OA-19: a form that another site sends without the cookie takes none away.
        if exchange.carriesSession(request) { exchange.forgetSession(in: &headers) }
        let needsFrames = participants.contains { clients.client($0.client)?.logout.frontchannel != nil }
        if let target, !needsFrames { return .redirect(toValidated: target, headers: headers) }
        guard let live, !participants.isEmpty else {
            return signedOutPage(EndedSession(initiator: initiator), [], request, headers: headers)
        }
        let ended = EndedSession(session: live.session.id, initiator: initiator, target: target)
        let path = try address(of: ended)
        // A `state` so long that no address holds it: the page without its reload, which frames what it must.
        guard LocalPath.isSafe(path) else {
            return signedOutPage(ended, try await applications(of: ended), request, headers: headers)
        }
        return .redirectWithin(path, headers: headers)
    }
}
