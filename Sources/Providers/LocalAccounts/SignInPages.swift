import Accounts
import Clocks
import Foundation
import HTTPTypes
public import Hummingbird
import Logging
import School
import SignOn
import SignOnHTTP
import Stores
public import Web

extension LocalAccountsProvider {
    /// Mounts every page.
    public func mount(on router: Router<RoleContext>) {
        router.get("\(LocalAccountsRoutes.signIn.path)", use: showSignIn)
        router.post("\(LocalAccountsRoutes.signIn.path)", use: signIn)
        router.get("\(LocalAccountsRoutes.firstConnection.path)", use: showFirstConnectionAgain)
        router.post("\(LocalAccountsRoutes.firstConnection.path)", use: settle)
        router.get("\(LocalAccountsRoutes.forgotten.path)", use: showForgotten)
        router.post("\(LocalAccountsRoutes.forgotten.path)", use: requestLink)
        router.get("\(LocalAccountsRoutes.newPassword.path)", use: showNewPassword)
        router.post("\(LocalAccountsRoutes.newPassword.path)", use: choosePassword)
    }

    @Sendable func showSignIn(_ request: Request, _ context: RoleContext) async throws -> Response {
        let door = try self.door(try request.queryFields())
        let pending = try exchange.takeUp(door.state, from: request)
        return signInPage(door, pending, request, login: pending.request.loginHint)
    }

    func door(_ fields: FormFields) throws(Problem) -> DoorState {
        guard let door = DoorState(fields) else {
            throw Problem(.badRequest, .expired, action: .restart, detail: "no carried sign-on at the door")
        }
        return door
    }

    /// One proof: a password, or the activation code of the letter.
    @Sendable func signIn(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        let door = try self.door(fields)
        let pending = try exchange.takeUp(door.state, from: request)
        let login = fields["identifiant"] ?? ""
        let secret = fields["secret"] ?? ""
        guard !login.isEmpty, !secret.isEmpty else {
            return signInPage(door, pending, request, status: .badRequest, login: login, error: "error_empty")
        }
        let address = addresses.range(peer: context.peer, headers: request.headers)
        let now = clock.now()
        switch try await signIns.signIn(login: login, secret: secret, from: address, now: now) {
        case .signedIn(let account):
            return try await identified(account, door, pending, at: now, request)
        case .firstConnection(let account, _):
            let unsettled = UnsettledState(
                state: door.state, door: door.door.description, level: door.level?.rawValue,
                account: account.id.description, code: secret, revision: account.revision,
                at: now.millisecondsSinceEpoch)
            return try settlePage(unsettled, account, pending, request, [])
        case .refused:
            context.logger.info("sign-in refused", metadata: ["event": "signin.refused"])
            return signInPage(door, pending, request, status: .unauthorized, login: login, error: "error_wrong")
        case .wait(let pause):
            return slowDown(door, pending, request, login: login, pause)
        case .busy(let pause):
            return busyPage(pause, retryURL: LocalAccountsRoutes.signIn.with(door.pairs), request, pending.request)
        }
    }

    /// The proof was right: what stands open is settled first, then the session begins and the issuer takes over.
    func identified(
        _ account: Account, _ door: DoorState, _ pending: PendingSignOn, at: Instant, _ request: Request
    ) async throws -> Response {
        let identification = Identification(
            issuer: Identification.localIssuer, subject: account.id.description, context: .singleFactor,
            methods: ["pwd"], at: at)
        let identified = pending.requested.choosing(door.door).identified(identification)
        do {
            let linked = try identified.linked(to: account, party: parties(pending.request))
            _ = try linked.meeting(obligations)
        } catch {
            switch error {
            case .obligations:
                let unsettled = UnsettledState(
                    state: door.state, door: door.door.description, level: door.level?.rawValue,
                    account: account.id.description, code: nil, revision: account.revision,
                    at: at.millisecondsSinceEpoch)
                return try settlePage(unsettled, account, pending, request, [])
            case .notAdmitted, .unknownParty:
                // The person is who they say; the issuer tells them that this application is not theirs.
                break
            case .accountLocked, .notLinked, .authenticationRequired:
                return signInPage(
                    door, pending, request, status: .unauthorized, login: account.login.description,
                    error: "error_wrong")
            }
        }
        return try await begun(account, door, pending, identification, request)
    }

    private func begun(
        _ account: Account, _ door: DoorState, _ pending: PendingSignOn, _ identification: Identification,
        _ request: Request
    ) async throws -> Response {
        let present = try await exchange.session(of: request)
        guard
            let (_, token) = try await exchange.desk.authenticated(
                account, by: identification, door: door.door,
                device: DeviceName.describe(request.headers[.userAgent]), present: present)
        else {
            return signInPage(
                door, pending, request, status: .unauthorized, login: account.login.description, error: "error_expired")
        }
        var headers = HTTPFields()
        exchange.setSession(token, in: &headers)
        return try exchange.resume(pending.requested, from: request, headers: headers)
    }

    func signInPage(
        _ door: DoorState, _ pending: PendingSignOn, _ request: Request, status: HTTPResponse.Status = .ok,
        login: String? = nil, error: String? = nil, values: [String: String] = [:], headers: HTTPFields = HTTPFields()
    ) -> Response {
        let path = LocalAccountsRoutes.signIn.with(door.pairs)
        let view = pages.view(
            of: request, at: exchange.site, signOn: pending.request, level: door.level, path: path)
        let texts = pages.texts(view.language)
        let portal = SignOnExchange.portal.with([(SignOnExchange.stateField, door.state), ("changer", "1")])
        let remembered = remembered(request, texts, door.door, door.state)
        return pages.response(
            "account-sign-in", title: texts.text("account", "title"),
            [
                "action": .text(LocalAccountsRoutes.signIn.path), "hidden": .hidden(door.pairs),
                "identifiant": .optional((login ?? "").isEmpty ? nil : login),
                "error": .optional(error.map { texts.text("account", $0, values) }),
                "hasErrors": .flag(error != nil), "needsScript": true,
                "remembered": remembered.map {
                    ["sentence": .text($0.sentence), "changeURL": .text($0.changeURL)]
                } ?? .flag(false),
                "forgotURL": .text(LocalAccountsRoutes.forgotten.with(door.pairs)), "backURL": .text(portal),
                "application": pending.request.applicationValue,
                "footLinks": pending.request.footLinks(
                    texts, state: door.state,
                    memory: "/connexion/memoire?" + FormFields.encode([("retour", portal)])),
            ], view: view, status: status, formTargets: pending.request.replyOrigin.map { [$0] } ?? [],
            headers: headers)
    }

    private func slowDown(
        _ door: DoorState, _ pending: PendingSignOn, _ request: Request, login: String, _ pause: Duration
    ) -> Response {
        var headers = HTTPFields()
        headers[.retryAfter] = String(max(1, pause.wholeSeconds))
        let minutes = max(1, (pause.wholeSeconds + 59) / 60)
        return signInPage(
            door, pending, request, status: .tooManyRequests, login: login, error: "error_slow_down",
            values: ["minutes": String(minutes)], headers: headers)
    }

    func busyPage(
        _ pause: Duration, retryURL: String, _ request: Request, _ signOn: SignOnRequest?
    ) -> Response {
        let view = pages.view(of: request, at: exchange.site, signOn: signOn, path: retryURL)
        var headers = HTTPFields()
        let seconds = String(max(1, pause.wholeSeconds))
        headers[.retryAfter] = seconds
        return pages.response(
            "busy", title: pages.texts(view.language).text("error", "busy_title"),
            ["retryURL": .text(retryURL), "seconds": .text(seconds)], view: view, status: .serviceUnavailable,
            headers: headers)
    }
}
