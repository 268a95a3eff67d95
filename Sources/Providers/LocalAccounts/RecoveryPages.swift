import Accounts
import Clocks
import HTTPTypes
import Hummingbird
import Logging
import SignOn
import SignOnHTTP
import Stores
import Web

extension LocalAccountsProvider {
    @Sendable func showForgotten(_ request: Request, _ context: RoleContext) async throws -> Response {
        forgottenPage(DoorState(try request.queryFields()), request)
    }

    private func forgottenPage(
        _ door: DoorState?, _ request: Request, status: HTTPResponse.Status = .ok, error: String? = nil
    ) -> Response {
        let pairs = door?.pairs ?? []
        let view = pages.view(
            of: request, at: exchange.site, level: door?.level, path: LocalAccountsRoutes.forgotten.with(pairs))
        let texts = pages.texts(view.language)
        return pages.response(
            "account-forgot", title: texts.text("forgot", "title"),
            [
                "action": .text(LocalAccountsRoutes.forgotten.path), "hidden": .hidden(pairs),
                "error": .optional(error.map { texts.text("forgot", $0) }), "hasErrors": .flag(error != nil),
                "backURL": .text(door.map { LocalAccountsRoutes.signIn.with($0.pairs) } ?? "/"),
            ], view: view, status: status)
    }

    /// The same answer whoever it is (ENUM-01, PW-04).
    @Sendable func requestLink(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        let door = DoorState(fields)
        guard let typed = fields["identifiant"], !typed.allSatisfy(\.isWhitespace) else {
            return forgottenPage(door, request, status: .badRequest, error: "error_empty")
        }
        let address = addresses.range(peer: context.peer, headers: request.headers)
        try await recovery.requestLink(for: typed, from: address, now: clock.now())
        let pairs = door?.pairs ?? []
        let again = LocalAccountsRoutes.forgotten.with(pairs)
        let view = pages.view(of: request, at: exchange.site, level: door?.level, path: again)
        return pages.response(
            "account-forgot-sent", title: pages.texts(view.language).text("forgot", "sent_title"),
            [
                "backURL": .text(door.map { LocalAccountsRoutes.signIn.with($0.pairs) } ?? "/"),
                "againURL": .text(again),
            ], view: view)
    }

    /// Looking at the link does not use it: scanners of mails follow links (MAIL-01).
    @Sendable func showNewPassword(_ request: Request, _ context: RoleContext) async throws -> Response {
        let token = try request.queryFields()["jeton"] ?? ""
        guard let account = try await recovery.account(of: token, now: clock.now()) else {
            return deadLinkPage(request)
        }
        return newPasswordPage(token, account, request, [])
    }

    @Sendable func choosePassword(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        let token = fields["jeton"] ?? ""
        guard let account = try await recovery.account(of: token, now: clock.now()) else {
            return deadLinkPage(request)
        }
        let password = fields["motDePasse"] ?? ""
        guard password == fields["confirmation"] else {
            let failure = SettleFailure(
                field: "confirmation", section: "password", key: "error_confirmation", values: [:])
            return newPasswordPage(token, account, request, [failure])
        }
        switch try await recovery.choosePassword(password, with: token, rules: rules.password, now: clock.now()) {
        case .changed(let id):
            exchange.directory.apply(.account(id))
            context.logger.notice("password changed by a mailed link", metadata: ["event": "password.reset"])
            let view = pages.view(of: request, at: exchange.site, path: "/")
            var headers = HTTPFields()
            exchange.forgetSession(in: &headers)
            return pages.response(
                "account-reset-done", title: pages.texts(view.language).text("forgot", "done_title"),
                ["signInURL": "/"], view: view, headers: headers)
        case .unsuitable(let broken):
            return newPasswordPage(token, account, request, broken.map(SettleFailure.init))
        case .deadLink: return deadLinkPage(request)
        case .busy(let pause):
            return busyPage(pause, retryURL: LocalAccountsRoutes.newPassword.with([("jeton", token)]), request, nil)
        }
    }

    private func newPasswordPage(
        _ token: String, _ account: Account, _ request: Request, _ failures: [SettleFailure]
    ) -> Response {
        let view = pages.view(
            of: request, at: exchange.site, level: account.person.level,
            path: LocalAccountsRoutes.newPassword.with([("jeton", token)]))
        let texts = pages.texts(view.language)
        var values: [String: PageValue] = [
            "action": .text(LocalAccountsRoutes.newPassword.path), "hidden": .hidden([("jeton", token)]),
            "login": .text(account.login.description), "needsScript": true,
        ]
        values.merge(passwordRuleValues(texts)) { $1 }
        values.merge(SettleFailure.values(failures, texts)) { $1 }
        return pages.response(
            "account-reset", title: texts.text("forgot", "reset_title"), values, view: view,
            status: failures.isEmpty ? .ok : .unprocessableContent)
    }

    private func deadLinkPage(_ request: Request) -> Response {
        let view = pages.view(of: request, at: exchange.site, path: LocalAccountsRoutes.forgotten.path)
        return pages.response(
            "account-link-invalid", title: pages.texts(view.language).text("forgot", "invalid_title"),
            ["forgotURL": .text(LocalAccountsRoutes.forgotten.path)], view: view, status: .notFound)
    }
}
