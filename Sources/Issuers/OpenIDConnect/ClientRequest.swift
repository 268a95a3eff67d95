import Clocks
import HTTPTypes
import Hummingbird
import JOSE
import Logging
import NIOCore
import OAuth
import Stores
import Web

/// What a client that has proved itself asks at one of the endpoints made for clients.
struct ClientRequest: Sendable {
    let client: Client
    let fields: FormFields
    let headers: HTTPFields
    let method: HTTPRequest.Method
    let now: Instant

    /// A parameter that must be there.
    func required(_ name: String) throws(TokenRefusal) -> String {
        guard let value = fields[name] else {
            throw TokenRefusal(code: .invalidRequest, description: "\(name) is missing")
        }
        return value
    }
}

extension OpenIDProvider {
    /// The parameters of these endpoints: none stands twice (OA-09). Those of the authorization endpoint are among them,
    /// because they may be pushed.
    private static let clientParameters = AuthorizationRules.known.union([
        "grant_type", "code", "code_verifier", "refresh_token", "client_secret", "client_assertion",
        "client_assertion_type", "token", "token_type_hint",
    ])

    /// Runs an endpoint for clients: reads the form, proves the client, and turns what is thrown into the answers of RFC
    /// 6749 §5.2.
    func forClient(
        _ request: Request, _ context: RoleContext, _ endpoint: String,
        _ body: (ClientRequest) async throws -> Response
    ) async throws -> Response {
        do {
            // OA-09: parameters stand in the body, and there only.
            guard (request.uri.query ?? "").isEmpty else {
                throw TokenRefusal(code: .invalidRequest, description: "parameters belong in the body")
            }
            let fields = try await request.formFields()
            if let name = fields.firstRepeated(among: Self.clientParameters) {
                throw TokenRefusal(code: .invalidRequest, description: "\(name) stands twice")
            }
            let now = clock.now()
            let address = addresses.range(peer: context.peer, headers: request.headers)
            let client = try await authenticatedClient(request, fields, from: address ?? "", now: now).client
            keySetReadings.saw(client.id, from: address)
            return try await body(
                ClientRequest(
                    client: client, fields: fields, headers: request.headers, method: request.method, now: now))
        } catch let refusal as TokenRefusal {
            let detail = refusal.detail.map { " (\($0))" } ?? ""
            context.logger.info(
                "\(endpoint) refused: \(refusal.description)\(detail)", metadata: ["event": "\(endpoint).refused"])
            return tokenError(refusal)
        } catch is FormFields.Failure {
            return tokenError(TokenRefusal(code: .invalidRequest, description: "the form is not understood"))
        } catch let error as HTTPError where error.status.code < 500 {
            return tokenError(
                TokenRefusal(code: .invalidRequest, description: "the body must be a small urlencoded form"))
        } catch let error as StoreError {
            context.logger.error("\(endpoint): \(error)", metadata: ["event": "store.failed"])
            return json(
                .serviceUnavailable, ["error": .string(OAuthErrorCode.temporarilyUnavailable.rawValue)])
        }
    }

    private func tokenError(_ refusal: TokenRefusal) -> Response {
        let status: HTTPResponse.Status =
            refusal.retryAfter != nil ? .tooManyRequests : refusal.code == .invalidClient ? .unauthorized : .badRequest
        var response = json(
            status,
            ["error": .string(refusal.code.rawValue), "error_description": .string(refusal.description)])
        if refusal.challenges { response.headers[.wwwAuthenticate] = "Basic realm=\"Loge\"" }
        if let wait = refusal.retryAfter { response.headers[.retryAfter] = String(max(1, wait.wholeSeconds)) }
        return response
    }

    /// A JSON answer that nobody keeps (OA-14).
    func json(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
        var headers = Self.unkept
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.encoded)))
    }

    /// The headers of an answer that nobody keeps (RFC 6749 §5.1).
    static let unkept: HTTPFields = {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        if let pragma = HTTPField.Name("Pragma") { headers[pragma] = "no-cache" }
        headers[.xContentTypeOptions] = "nosniff"
        return headers
    }()
}
