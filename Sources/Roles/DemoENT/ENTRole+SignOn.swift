import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import Logging
import OpenIDConnectProvider
import Web

extension ENTRole {
    /// `GET /`: the public page.
    func welcome(_ request: Request) async throws -> Response {
        if await visitor(of: request) != nil { return .redirectWithin(ENTRoutes.apps.path) }
        let view = PageView(language: pages.language(of: request, site: configuration.site))
        return pages.response(
            "ent-welcome", title: pages.texts(view.language).text("ent", "welcome_title"),
            ["signInURL": .text(ENTRoutes.signIn.path)], view: view)
    }

    /// `GET /connexion`: off to the portal.
    func signIn(_ request: Request) async throws -> Response {
        let destination = ENTRoutes.destination(try request.queryFields()[ENTRoutes.returnField])
        if await visitor(of: request) != nil { return .redirectWithin(destination) }
        var options = AuthorizationOptions()
        // A cookie has little room: a long way back is forgotten rather than the sign-on.
        options.returnTo = destination.utf8.count <= 200 ? destination : nil
        options.parameters["ui_locales"] = pages.language(of: request, site: configuration.site).rawValue
        do throws(ProviderError) {
            let start = try await relyingParty.start(options)
            return try begin(start, request)
        } catch {
            return refusal(error, request, destination)
        }
    }

    private func begin(_ start: AuthorizationStart, _ request: Request) throws(ProviderError) -> Response {
        var headers = HTTPFields()
        do {
            try signOns.set((signOns.pendings(in: request.headers) ?? []) + [start.pending], in: &headers)
        } catch {
            throw ProviderError(.configurationUnusable, "the sign-on cannot be sealed: \(error)")
        }
        return .redirect(toValidated: start.url, headers: headers)
    }

    /// `GET /oidc/callback`: back from the portal.
    func callback(_ request: Request) async throws -> Response {
        let under = signOns.pendings(in: request.headers)
        var pending: PendingAuthorization?
        do throws(ProviderError) {
            let parameters = try CallbackParameters(parsing: request.uri.query ?? "")
            pending = under?.first { $0.label == parameters.label }
            let identity = try await relyingParty.finish(parameters, pending: pending)
            let others = (under ?? []).filter { $0.label != parameters.label }
            return try await letIn(identity, request, others)
        } catch {
            return try await mend(error, request, under: under, pending: pending)
        }
    }

    private func letIn(
        _ identity: VerifiedIdentity, _ request: Request, _ others: [PendingAuthorization]
    ) async throws(ProviderError) -> Response {
        do {
            // The session of whoever was here before ends, and is not merged (OA-35).
            if let earlier = await visitor(of: request) {
                try await memory.end(earlier.sessionID, until: earlier.expiresAt)
            }
            let visitor = Visitor(identity, sessionID: random.token(bits: 128), now: clock.now())
            var headers = HTTPFields()
            try sessions.set(visitor, in: &headers)
            try signOns.set(others, in: &headers)
            restarted.erase(in: &headers)
            return .redirectWithin(ENTRoutes.destination(identity.returnTo), headers: headers)
        } catch {
            throw ProviderError(.configurationUnusable, "the session cannot be kept: \(error)")
        }
    }

    /// A callback that leads to nothing is mostly a person in another tab, at the back button, or back from lunch: whoever
    /// is signed in goes on, others begin again by themselves, once. Never a dead end.
    private func mend(
        _ error: ProviderError, _ request: Request, under: [PendingAuthorization]?, pending: PendingAuthorization?
    ) async throws -> Response {
        let destination = ENTRoutes.destination(pending?.returnTo)
        guard error.advice == .startAgain else { return refusal(error, request, destination) }
        if await visitor(of: request) != nil { return .redirectWithin(destination) }
        // A browser that sends no cookie would go round and round: it gets a page with a button instead.
        guard under != nil, restarted.value(in: request.headers) == nil else {
            return refusal(error, request, destination)
        }
        logger.info("a sign-on begins again", metadata: ["event": "ent.restarted", "reason": "\(error.code.rawValue)"])
        var headers = HTTPFields()
        restarted.set("1", maximumAge: .minutes(2), in: &headers)
        return .redirectWithin(ENTRoutes.signIn.with([(ENTRoutes.returnField, destination)]), headers: headers)
    }

    /// The page that says what to do, with a code that finds the line of the log.
    private func refusal(_ error: ProviderError, _ request: Request, _ destination: String) -> Response {
        let code = SupportCode(random: random)
        logger.warning(
            "a sign-on was refused: \(error.detail)",
            metadata: [
                "event": "ent.refused", "reason": "\(error.code.rawValue)", "support_code": "\(code)",
            ])
        let view = PageView(language: pages.language(of: request, site: configuration.site))
        let texts = pages.texts(view.language)
        let name = ["name": texts.text("common", "brand")]
        let (status, heading, sentence): (HTTPResponse.Status, String, String) =
            switch error.advice {
            case .declined:
                (.forbidden, texts.text("ent", "error_heading"), texts.text("error", "refused_sentence"))
            case .comeBackLater:
                (
                    .serviceUnavailable, texts.text("error", "unavailable_heading"),
                    texts.text("error", "unavailable_sentence", name)
                )
            case .startAgain:
                (.badRequest, texts.text("ent", "error_heading"), texts.text("ent", "error_sentence"))
            case .askForHelp:
                (.badGateway, texts.text("ent", "error_heading"), texts.text("ent", "error_sentence"))
            }
        var headers = HTTPFields()
        restarted.erase(in: &headers)
        return pages.response(
            "ent-error", title: heading,
            [
                "heading": .text(heading), "sentence": .text(sentence),
                "actionURL": .text(ENTRoutes.signIn.with([(ENTRoutes.returnField, destination)])),
                "actionLabel": .text(texts.text("ent", "error_retry")), "supportCode": .text(code.description),
            ], view: view, status: status, headers: headers)
    }

    /// `GET /deconnexion`: ends the session here, then at the portal. The link carries a token of the session, so that
    /// nobody's picture or link elsewhere signs people out.
    func signOut(_ request: Request) async throws -> Response {
        guard let visitor = await visitor(of: request) else { return .redirectWithin(ENTRoutes.signedOut.path) }
        guard let token = try request.queryFields()[ENTRoutes.tokenField], constantTimeEqual(token, visitor.token)
        else {
            return .redirectWithin(ENTRoutes.apps.path)
        }
        try await memory.end(visitor.sessionID, until: visitor.expiresAt)
        var headers = HTTPFields()
        sessions.erase(in: &headers)
        do throws(ProviderError) {
            if let url = try await relyingParty.logoutURL(idToken: visitor.idToken, state: nil) {
                return .redirect(toValidated: url, headers: headers)
            }
        } catch {
            // The session here has ended all the same; the page does not claim more.
            logger.warning(
                "the sign-out does not reach the portal: \(error.detail)",
                metadata: ["event": "ent.signout", "reason": "\(error.code.rawValue)"])
        }
        return .redirectWithin(ENTRoutes.signedOut.path, headers: headers)
    }

    /// `GET /au-revoir`.
    func signedOut(_ request: Request) async throws -> Response {
        let view = PageView(language: pages.language(of: request, site: configuration.site))
        return pages.response(
            "ent-signed-out", title: pages.texts(view.language).text("ent", "signed_out_title"),
            ["signInURL": .text(ENTRoutes.signIn.path)], view: view)
    }
}
