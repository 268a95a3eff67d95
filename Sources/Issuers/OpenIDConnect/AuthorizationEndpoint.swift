import Clocks
import HTTPTypes
import Hummingbird
import Keyring
import Logging
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

extension OpenIDProvider {
    /// `GET /oidc/authorize` (OpenID Connect Core §3.1.2).
    func authorize(_ request: Request, _ context: RoleContext) async throws -> Response {
        let query = try request.queryFields()
        return try await authorize(try asked(query), query, since: nil, request, context)
    }

    /// `POST /oidc/authorize`. Coming from another site, the request brings no cookie of ours (SameSite=Lax): the browser is
    /// sent to ask again by GET, from which the session is seen.
    func authorizeByPost(_ request: Request, _ context: RoleContext) async throws -> Response {
        guard (request.uri.query ?? "").isEmpty else {
            throw refusalPage("parameters in the query and in the body (OA-09)")
        }
        let fields = try await request.formFields()
        let path = OpenIDRoutes.authorize.path + "?" + AuthorizationRules.knownFields(fields)
        guard LocalPath.isSafe(path) else {
            return try await authorize(try asked(fields), fields, since: nil, request, context)
        }
        return .redirectWithin(path)
    }

    /// `GET /oidc/authorize/resume`: the sign-on comes back. The request is validated anew: what was registered when it came
    /// may not be any more (BR-07).
    func resume(_ request: Request, _ context: RoleContext) async throws -> Response {
        let query = try request.queryFields()
        let pending = try exchange.takeUp(query[SignOnExchange.stateField], from: request)
        guard pending.request.issuer == Self.issuerName else {
            throw refusalPage("the carried sign-on is another issuer's")
        }
        let asked = try Asked(payload: pending.request.payload)
        let fields = asked.fields
        if query["annuler"] != nil {
            let client = try unwrapPage { () throws(AuthorizationRefusal) in
                try AuthorizationRules.client(fields, clients)
            }
            let redirectURI = try unwrapPage { () throws(AuthorizationRefusal) in
                try AuthorizationRules.redirectURI(fields, client)
            }
            let place = AnswerPlace(fields, client, redirectURI, query: nil)
            return answer(.accessDenied, "the person went back", at: place, request)
        }
        return try await authorize(
            asked, asked.pushed == nil ? fields : nil, since: pending.requested, request, context)
    }

    /// - Parameter query: what leads here again, when an address holds it.
    private func authorize(
        _ asked: Asked, _ query: FormFields?, since pending: Requested?, _ request: Request, _ context: RoleContext
    ) async throws -> Response {
        let fields = asked.fields
        let client = try unwrapPage { () throws(AuthorizationRefusal) in try AuthorizationRules.client(fields, clients)
        }
        let redirectURI = try unwrapPage { () throws(AuthorizationRefusal) in
            try AuthorizationRules.redirectURI(fields, client)
        }
        let place = AnswerPlace(fields, client, redirectURI, query: query)
        guard asked.pushed != nil || !client.requiresPushedRequests else {
            return answer(.invalidRequest, "the request must be pushed first (RFC 9126)", at: place, request)
        }
        let authorization: AuthorizationRequest
        do {
            authorization = try validated(fields, client: client, redirectURI: redirectURI)
        } catch {
            guard case .answer(let code, let description) = error else { throw error }
            return answer(code, description, at: place, request)
        }
        let live = try await exchange.session(of: request)
        let arrival = Arrival(asked: asked, pending: pending, at: exchange.now())
        return try await decide(authorization, arrival, live, place, request)
    }

    /// Grants at once, asks the person, or tells the client why neither is possible.
    private func decide(
        _ authorization: AuthorizationRequest, _ arrival: Arrival, _ live: LiveSession?, _ place: AnswerPlace,
        _ request: Request
    ) async throws -> Response {
        let isSilent = authorization.prompts.contains(.none)
        do {
            guard let live else { throw SignOnRefusal.authenticationRequired }
            let granted = try arrival.requested(authorization, carrying: false).granted(
                with: live, to: authorization.client.party, obligations: obligations, now: exchange.now())
            let keys = keyring.snapshot
            if let expected = authorization.expectedSubject,
                expected != subject(of: granted.account.id, at: authorization.client, keys)
            {
                // Another person than the client wants: asked once, then the client is told.
                if isSilent || arrival.pending != nil {
                    return answer(.loginRequired, "another person is signed in", at: place, request)
                }
                throw SignOnRefusal.authenticationRequired
            }
            try await use(arrival.asked, authorization.client)
            let code = try self.code(for: granted, authorization, keys)
            var headers = HTTPFields()
            try exchange.renew(live, in: &headers)
            return positive(code, at: place, request, headers: headers)
        } catch let refusal as SignOnRefusal {
            do {
                return try refused(refusal, authorization, arrival, isSilent: isSilent, place, request)
            } catch is TooLongToCarry {
                return answer(.invalidRequest, "the request is too long", at: place, request)
            }
        }
    }

    private func refused(
        _ refusal: SignOnRefusal, _ authorization: AuthorizationRequest, _ arrival: Arrival, isSilent: Bool,
        _ place: AnswerPlace, _ request: Request
    ) throws -> Response {
        switch refusal {
        case .authenticationRequired, .accountLocked, .notLinked:
            // BR-08: whether or not somebody may be asked, asking would not help.
            if authorization.contextsAreEssential, !authorization.contexts.contains(.singleFactor) {
                return answer(
                    .unmetAuthenticationRequirements, "the essential acr cannot be reached", at: place, request)
            }
            if isSilent {
                return answer(.loginRequired, "nobody is signed in", at: place, request)
            }
            return try exchange.sendToPortal(arrival.requested(authorization, carrying: true), from: request)
        case .obligations:
            if isSilent {
                return answer(.interactionRequired, "a page is needed", at: place, request)
            }
            return try exchange.sendToPortal(arrival.requested(authorization, carrying: true), from: request)
        case .notAdmitted, .unknownParty:
            if isSilent {
                return answer(.accessDenied, "the application is not open to this person", at: place, request)
            }
            // The person reads why here; the link tells the application (RFC 6749 §4.1.2.1).
            throw Problem(
                .forbidden, .forbidden, name: authorization.client.party.name, action: .backToApplication,
                actionURL: place.link(
                    to: errorFields(.accessDenied, "the application is not open to this person", place)),
                detail: "not admitted to \(authorization.client.id)")
        }
    }

    /// Uses a pushed request, once and last: it may lead to many pages, and to one code (RFC 9126 §4).
    private func use(_ asked: Asked, _ client: Client) async throws {
        guard let (id, until) = asked.pushed else { return }
        guard try await singleUses.use(SecretHash(of: id), as: .pushedRequest, rememberedUntil: until) else {
            throw spentRequest(client, "the pushed request was used before")
        }
    }

    private func unwrapPage<Value>(_ rule: () throws(AuthorizationRefusal) -> Value) throws(Problem) -> Value {
        do {
            return try rule()
        } catch {
            switch error {
            case .page(let detail), .answer(_, let detail): throw refusalPage(detail)
            }
        }
    }

    /// OA-02: while client or address are not proved, a page of ours and no redirect.
    private func refusalPage(_ detail: String) -> Problem {
        Problem(.badRequest, .unknownApplication, detail: "authorize: " + detail)
    }
}

/// A request as it stands at the endpoint: just come, or come back from the portal.
private struct Arrival {
    let asked: Asked
    let pending: Requested?
    let at: Instant

    /// The sign-on of the request.
    ///
    /// - Parameter carrying: with everything that the browser must carry to the portal; a live session needs none of it.
    func requested(_ authorization: AuthorizationRequest, carrying: Bool) -> Requested {
        if let pending { return pending }
        let signOn =
            carrying
            ? authorization.signOn(
                fields: asked.payload,
                replyOrigin: Origin(of: authorization.redirectURI)?.description)
            : authorization.signOn(fields: "", replyOrigin: nil)
        return Requested(signOn, now: at)
    }
}
