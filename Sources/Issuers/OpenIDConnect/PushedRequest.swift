import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import OAuth
import SignOn
import SignOnHTTP
import Stores
import Web

/// An authorization request that the client sent by itself, before its person (RFC 9126): sealed inside the `request_uri`,
/// not stored; that it was answered with a code is what the store remembers.
struct PushedRequest: Sendable {
    static let prefix = "urn:ietf:params:oauth:request_uri:"
    private static let purpose = "oidc pushed request"
    /// The longest `request_uri`: it travels in an address, and servers commonly read lines of 8 kB.
    static let longest = 6000

    /// Its random name.
    let id: String
    let client: String
    /// The parameters, form-encoded.
    let fields: String
    let expiresAt: Instant

    func requestURI(_ keys: KeyringSnapshot, random: any RandomSource) throws -> String {
        let members: JSONValue = [
            "i": .string(id), "c": .string(client), "f": .string(fields),
            "x": .integer(expiresAt.millisecondsSinceEpoch),
        ]
        return try Self.prefix + keys.seal(members.encoded, purpose: Self.purpose, random: random)
    }

    /// The request behind a `request_uri`, expired or not; `nil` for anything that we did not hand out.
    init?(_ uri: String, _ keys: KeyringSnapshot) {
        guard uri.hasPrefix(Self.prefix), uri.utf8.count <= Self.longest,
            let bytes = try? keys.open(String(uri.dropFirst(Self.prefix.count)), purpose: Self.purpose),
            let json = try? JSONValue(parsing: bytes), let id = json["i"]?.string, let client = json["c"]?.string,
            let fields = json["f"]?.string, let expiry = json["x"]?.integer
        else { return nil }
        self.init(id: id, client: client, fields: fields, expiresAt: Instant(millisecondsSinceEpoch: expiry))
    }

    init(id: String, client: String, fields: String, expiresAt: Instant) {
        self.id = id
        self.client = client
        self.fields = fields
        self.expiresAt = expiresAt
    }
}

/// What an authentication request asks for, by its own parameters or by pushed ones.
struct Asked: Sendable {
    let fields: FormFields
    /// The name of the pushed request, and until when its one use is remembered.
    var pushed: (id: String, rememberedUntil: Instant)?

    /// As a sign-on carries it. Form-encoded text never begins with a brace.
    var payload: String {
        let known = AuthorizationRules.knownFields(fields)
        guard let pushed else { return known }
        let members: JSONValue = [
            "i": .string(pushed.id), "u": .integer(pushed.rememberedUntil.millisecondsSinceEpoch),
            "f": .string(known),
        ]
        return members.text
    }

    init(fields: FormFields, pushed: (id: String, rememberedUntil: Instant)? = nil) {
        self.fields = fields
        self.pushed = pushed
    }

    /// From a sign-on that comes back: sealed by us.
    ///
    /// - Throws: `FormFields.Failure`.
    init(payload: String) throws(FormFields.Failure) {
        guard payload.hasPrefix("{") else {
            fields = try FormFields(parsing: payload)
            return
        }
        guard let json = try? JSONValue(parsing: Array(payload.utf8)), let id = json["i"]?.string,
            let until = json["u"]?.integer, let known = json["f"]?.string
        else { throw .malformed }
        fields = try FormFields(parsing: known)
        pushed = (id, Instant(millisecondsSinceEpoch: until))
    }
}

extension OpenIDProvider {
    /// `POST /oidc/par` (RFC 9126 §2).
    func push(_ request: Request, _ context: RoleContext) async throws -> Response {
        try await forClient(request, context, "push") { request in
            let client = request.client
            guard request.fields["request_uri"] == nil else {
                throw TokenRefusal(code: .invalidRequest, description: "a request_uri cannot be pushed")
            }
            guard request.fields["client_id"] ?? client.id == client.id else {
                throw TokenRefusal(code: .invalidRequest, description: "client_id is another client's")
            }
            let url = site.url(OpenIDRoutes.push.path)
            let proof = try proof(in: request.headers, request.method, url, accessToken: nil, now: request.now)
            let fields = try completed(request.fields, client, proof)
            try checkPushed(fields, client)
            let now = request.now
            let pushed = PushedRequest(
                id: random.token(bits: 128), client: client.id, fields: AuthorizationRules.knownFields(fields),
                expiresAt: now + lifetimes.pushedRequest)
            let uri = try pushed.requestURI(keyring.snapshot, random: random)
            guard uri.utf8.count <= PushedRequest.longest else {
                throw TokenRefusal(code: .invalidRequest, description: "the request is too long")
            }
            try await use(proof)
            return json(
                .created,
                ["request_uri": .string(uri), "expires_in": .integer(lifetimes.pushedRequest.wholeSeconds)])
        }
    }

    /// The parameters with what the client proved beside them: its name, and the key of its DPoP proof (RFC 9449 §10.1).
    private func completed(
        _ fields: FormFields, _ client: Client, _ proof: ProvedKey?
    ) throws(TokenRefusal) -> FormFields {
        var pairs = fields.pairs
        if fields["client_id"] == nil { pairs.append(("client_id", client.id)) }
        if let proof {
            guard fields["dpop_jkt"] ?? proof.thumbprint == proof.thumbprint else {
                throw TokenRefusal(code: .invalidDPoPProof, description: "dpop_jkt is another key's")
            }
            if fields["dpop_jkt"] == nil { pairs.append(("dpop_jkt", proof.thumbprint)) }
        }
        return FormFields(pairs)
    }

    /// RFC 9126 §2.1: checked as the authorization endpoint would, which does so again when the person arrives.
    private func checkPushed(_ fields: FormFields, _ client: Client) throws(TokenRefusal) {
        do {
            let redirectURI = try AuthorizationRules.redirectURI(fields, client)
            _ = try validated(fields, client: client, redirectURI: redirectURI)
        } catch {
            switch error {
            case .page(let reason): throw TokenRefusal(code: .invalidRequest, description: reason)
            case .answer(let code, let reason): throw TokenRefusal(code: code, description: reason)
            }
        }
    }

    /// What the query of a browser asks for. The parameters beside a pushed request mean nothing (RFC 9126 §4, RFC 9101
    /// §6.3), but for the client's name, which must be the one that pushed.
    ///
    /// - Throws: ``Web/Problem``: nothing but the seal would prove an address to answer at.
    func asked(_ query: FormFields) throws(Problem) -> Asked {
        guard query.pairs.contains(where: { $0.name == "request_uri" && $0.value.hasPrefix(PushedRequest.prefix) })
        else { return Asked(fields: query) }
        guard let uri = try? query.single("request_uri"), let name = try? query.single("client_id"),
            let pushed = PushedRequest(uri, keyring.snapshot), pushed.client == name,
            let fields = try? FormFields(parsing: pushed.fields)
        else {
            throw Problem(
                .badRequest, .application, detail: "authorize: the request_uri is not one that we gave to this client")
        }
        guard clock.now() < pushed.expiresAt else {
            throw spentRequest(clients.client(pushed.client), "the pushed request has expired")
        }
        // A sign-on may wait that long: as long as a code can come of it, the use is known.
        return Asked(
            fields: fields, pushed: (pushed.id, rememberedUntil: pushed.expiresAt + PendingSignOns.lifetime))
    }

    /// A pushed request that is over: the person goes back to the application, which begins anew.
    func spentRequest(_ client: Client?, _ detail: String) -> Problem {
        Problem(
            .badRequest, .expired, name: client?.party.name,
            action: client?.party.home == nil ? .restart : .backToApplication, actionURL: client?.party.home ?? "/",
            detail: "authorize: " + detail)
    }
}
