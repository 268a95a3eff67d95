import Clocks
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OpenIDConnectProvider
import Web

extension ENTRole {
    /// `POST /oidc/backchannel-logout`: the portal says that a session has ended (OpenID Connect Back-Channel Logout §2.5).
    /// No browser is there: what ends is found by the portal's name for it.
    func backchannelLogout(_ request: Request) async throws -> Response {
        let token: String?
        do {
            token = try await request.formFields().single("logout_token")
        } catch is FormFields.Failure {
            token = nil
        }
        guard let token else { return logoutAnswer(.badRequest) }
        do throws(ProviderError) {
            let logout = try await relyingParty.upstreamLogout(token)
            try await end(logout)
            logger.info("the portal ended a session", metadata: ["event": "ent.logout"])
            return logoutAnswer(.ok)
        } catch {
            logger.warning(
                "a logout token was refused: \(error.detail)",
                metadata: ["event": "ent.logout-refused", "reason": "\(error.code.rawValue)"])
            switch error.code {
            // Not the token's fault: the portal may try again.
            case .metadataUnavailable, .keysUnavailable, .configurationUnusable:
                return logoutAnswer(.serviceUnavailable)
            default: return logoutAnswer(.badRequest)
            }
        }
    }

    private func end(_ logout: UpstreamLogout) async throws(ProviderError) {
        let name: String
        if let session = logout.sessionID {
            name = Visitor.name(ofSession: session, at: logout.issuer)
        } else if let subject = logout.subject {
            name = Visitor.key(of: subject, at: logout.issuer)
        } else {
            return
        }
        // A session of that name may begin a moment later, when the sign-on was under way: it has ended all the same. Of a
        // person, those that began until the second that the token names.
        let until = clock.now() + Visitor.lifetime
        let at = logout.sessionID == nil ? logout.issuedAt + .seconds(1) : until
        do {
            try await memory.endUpstream(name, at: at, until: until)
        } catch {
            throw ProviderError(.configurationUnusable, "\(error)")
        }
    }

    /// The answer says no more than that (§2.8): the reason is in the log.
    private func logoutAnswer(_ status: HTTPResponse.Status) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        guard status != .ok else { return Response(status: status, headers: headers) }
        headers[.contentType] = "application/json"
        let error = status == .badRequest ? "invalid_request" : "temporarily_unavailable"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: "{\"error\":\"\(error)\"}")))
    }
}
