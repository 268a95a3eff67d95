import Clocks
public import Cryptography
public import HTTPTypes
public import JOSE
import NIOCore
import OAuth
import Web

/// A client of the tests, with what it knows.
public struct TestParty: Sendable {
    /// `client_id`.
    public let id: String
    /// `client_secret`.
    public let secret: String
    /// Its first address.
    public let redirectURI: String
    /// Whether it does PKCE.
    public let usesPKCE: Bool
    /// Whether its secret goes into the form.
    public let posts: Bool
    /// Its algorithm.
    public let algorithm: SignatureAlgorithm
    /// Whether it is given refresh tokens.
    public let refreshes: Bool

    /// The client of the conformance suite: no PKCE, RS256, HTTP Basic.
    public static let conformance = TestParty(
        id: "conformance", secret: "secret-of-the-conformance-client", algorithm: .rs256, usesPKCE: false,
        refreshes: true)
    /// Its second client.
    public static let conformance2 = TestParty(
        id: "conformance-2", secret: "secret-of-the-second-client-0002", algorithm: .rs256, usesPKCE: false,
        refreshes: true)
    /// Its client with the secret in the form.
    public static let conformancePost = TestParty(
        id: "conformance-post", secret: "secret-of-the-posting-client-003", algorithm: .rs256, usesPKCE: false,
        posts: true)
    /// An application as most are: PKCE, ES256.
    public static let ent = TestParty(id: "ent", secret: "secret-of-the-ent-0123456789abcdef", algorithm: .es256)
    /// One for teachers only, with EdDSA.
    public static let teachers = TestParty(
        id: "enseignants", secret: "secret-of-the-teachers-0123456789", algorithm: .edDSA)
    /// One that receives the name of the family alone.
    public static let narrow = TestParty(id: "etroite", secret: "secret-of-the-narrow-one-012345678", algorithm: .es256)

    /// All of them.
    public static let all = [conformance, conformance2, conformancePost, ent, teachers, narrow]

    /// A client whose file a test brings itself.
    public init(
        id: String, secret: String = "", algorithm: SignatureAlgorithm = .es256, usesPKCE: Bool = true,
        posts: Bool = false, refreshes: Bool = false
    ) {
        self.id = id
        self.secret = secret
        self.algorithm = algorithm
        self.usesPKCE = usesPKCE
        self.posts = posts
        self.refreshes = refreshes
        redirectURI = "https://\(id).exemple.org/callback"
    }

    static let files: [String: String] = {
        let extra = [
            "enseignants": "profiles: [National_ENS]\n",
            "etroite": "claims: {nom: family_name}\n",
        ]
        return Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.yaml + (extra[$0.id] ?? "")) })
    }()

    /// The file of a client of ``all``, to be written with changes.
    public static func yaml(of party: TestParty) -> String? { files[party.id] }

    private var yaml: String {
        """
        client_id: \(id)
        client_name: Application \(id)
        client_uri: https://\(id).exemple.org/
        client_secret: \(secret)
        redirect_uris: ["\(redirectURI)", "https://\(id).exemple.org/callback?avec=question"]
        post_logout_redirect_uris: ["https://\(id).exemple.org/parti"]
        token_endpoint_auth_method: \(posts ? "client_secret_post" : "client_secret_basic")
        id_token_signed_response_alg: \(algorithm.rawValue)
        require_pkce: \(usesPKCE)
        grant_types: [authorization_code\(refreshes ? ", refresh_token" : "")]
        scope: openid profile email phone address school

        """
    }

    /// An authentication request.
    ///
    /// - Parameter changes: parameters to add or replace; `nil` takes one away.
    public func attempt(_ changes: KeyValuePairs<String, String?> = [:]) -> AuthorizationAttempt {
        AuthorizationAttempt(self, changes)
    }
}

/// One authentication request of a client, with what it must remember of it.
public struct AuthorizationAttempt: Sendable {
    /// The client.
    public let party: TestParty
    /// The parameters, in their order.
    public var parameters: [(String, String)]
    /// The verifier behind the challenge.
    public let verifier: String?

    /// The `response_mode` of every request made within: whole plans are run again in another mode.
    @TaskLocal public static var responseMode: String?

    init(_ party: TestParty, _ changes: KeyValuePairs<String, String?>) {
        let random = SystemRandom()
        self.party = party
        parameters = [
            ("response_type", "code"), ("client_id", party.id), ("redirect_uri", party.redirectURI),
            ("scope", "openid"), ("state", random.token(bits: 128)), ("nonce", random.token(bits: 128)),
        ]
        if let mode = Self.responseMode { parameters.append(("response_mode", mode)) }
        let text = random.token(bits: 256)
        if party.usesPKCE, let verifier = CodeVerifier(parsing: text) {
            parameters.append(("code_challenge", CodeChallenge(of: verifier).value))
            parameters.append(("code_challenge_method", "S256"))
            self.verifier = text
        } else {
            verifier = nil
        }
        for (name, value) in changes {
            let place = parameters.firstIndex { $0.0 == name }
            if let value, let place {
                parameters[place].1 = value
            } else if let value {
                parameters.append((name, value))
            } else if let place {
                parameters.remove(at: place)
            }
        }
    }

    /// The parameter of that name.
    public subscript(_ name: String) -> String? { parameters.first { $0.0 == name }?.1 }

    /// The address that the client sends the browser to.
    public var address: String { "/oidc/authorize?" + FormFields.encode(parameters) }

    /// Whether `page` is on its way to the client: a redirect, or a page whose form goes there.
    public func isAnswered(by page: Page) -> Bool { page.outside != nil || form(page) != nil }

    private func form(_ page: Page) -> HTMLForm? {
        guard self["response_mode"] == "form_post", let address = self["redirect_uri"] else { return nil }
        return (try? page.scan())?.forms.first { $0.action == address }
    }

    /// The answer that arrives at the client, in the mode of the request.
    ///
    /// - Throws: ``MissingPart`` when `page` leads nowhere, or not to the address of the request.
    public func answer(_ page: Page) throws -> AuthorizationAnswer {
        if self["response_mode"] == "form_post" {
            guard page.status == 200, page.headers[.location] == nil, let form = form(page), form.method == "post",
                form.controls.isEmpty
            else { throw MissingPart(description: "no form with the answer: \(page.status) at \(page.address)") }
            return try AuthorizationAnswer(FormFields(form.fields))
        }
        guard let outside = page.outside, let expected = self["redirect_uri"] else {
            throw MissingPart(description: "no answer: \(page.status) at \(page.address)")
        }
        let separator = expected.contains("?") ? "&" : "?"
        guard outside.hasPrefix(expected + separator) else {
            throw MissingPart(description: "the answer went to \(outside)")
        }
        return try AuthorizationAnswer(FormFields(parsing: outside.dropFirst(expected.count + 1)))
    }
}

/// What arrives at a client's address.
public struct AuthorizationAnswer: Sendable {
    /// The parameters, each once.
    public let parameters: [String: String]

    init(_ fields: FormFields) throws {
        guard Set(fields.pairs.map(\.name)).count == fields.pairs.count else {
            throw MissingPart(description: "a parameter stands twice in the answer")
        }
        parameters = Dictionary(fields.pairs.map { ($0.name, $0.value) }) { $1 }
    }

    /// `code`.
    public var code: String? { parameters["code"] }
    /// `error`.
    public var error: String? { parameters["error"] }
    /// `state`.
    public var state: String? { parameters["state"] }
    /// `iss`.
    public var issuer: String? { parameters["iss"] }
}

/// What an endpoint for programs answered.
public struct JSONAnswer: Sendable {
    /// The status.
    public let status: Int
    /// The headers.
    public let headers: HTTPFields
    /// The body.
    public let json: JSONValue
    /// The body, whatever it is.
    public let text: String

    /// The member of that name.
    public subscript(_ name: String) -> JSONValue? { json[name] }
    /// `access_token`.
    public var accessToken: String { json["access_token"]?.string ?? "" }
    /// `id_token`.
    public var idToken: String { json["id_token"]?.string ?? "" }
    /// `error`.
    public var error: String? { json["error"]?.string }
}
