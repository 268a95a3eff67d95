import Clocks
import Cryptography
import HTTPTypes
public import Hummingbird
import JOSE
import Keyring
import NIOCore
import OAuth
import SignOn
public import Web

extension OpenIDProvider {
    /// The discovery document (OpenID Connect Discovery §3, RFC 8414 §2). What is not offered is said: no request objects,
    /// no registration, no implicit flow.
    var metadata: JSONValue {
        [
            "issuer": .string(issuer),
            "authorization_endpoint": .string(site.url(OpenIDRoutes.authorize.path)),
            "token_endpoint": .string(site.url(OpenIDRoutes.token.path)),
            "userinfo_endpoint": .string(site.url(OpenIDRoutes.userInfo.path)),
            "jwks_uri": .string(site.url(OpenIDRoutes.jwks.path)),
            "pushed_authorization_request_endpoint": .string(site.url(OpenIDRoutes.push.path)),
            "introspection_endpoint": .string(site.url(OpenIDRoutes.introspect.path)),
            "revocation_endpoint": .string(site.url(OpenIDRoutes.revoke.path)),
            "end_session_endpoint": .string(site.url(OpenIDRoutes.endSession.path)),
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "frontchannel_logout_supported": true,
            "frontchannel_logout_session_supported": true,
            "scopes_supported": .array(StandardScope.all.map(JSONValue.string)),
            "response_types_supported": ["code"],
            "response_modes_supported": .array(ResponseMode.allCases.map { .string($0.rawValue) }),
            "grant_types_supported": .array(GrantType.allCases.map { .string($0.rawValue) }),
            "subject_types_supported": .array(SubjectType.allCases.map { .string($0.rawValue) }),
            "id_token_signing_alg_values_supported": .array(
                SignatureAlgorithm.allCases.map { .string($0.rawValue) }),
            "id_token_encryption_alg_values_supported": Self.keyManagement,
            "id_token_encryption_enc_values_supported": Self.contentEncryption,
            "userinfo_signing_alg_values_supported": .array(
                SignatureAlgorithm.allCases.map { .string($0.rawValue) }),
            "userinfo_encryption_alg_values_supported": Self.keyManagement,
            "userinfo_encryption_enc_values_supported": Self.contentEncryption,
            "token_endpoint_auth_methods_supported": .array(
                ClientAuthenticationMethod.allCases.map { .string($0.rawValue) }),
            "token_endpoint_auth_signing_alg_values_supported": Self.assertionAlgorithms,
            "introspection_endpoint_auth_methods_supported": .array(
                ClientAuthenticationMethod.allCases.filter { $0 != .none }.map { .string($0.rawValue) }),
            "introspection_endpoint_auth_signing_alg_values_supported": Self.assertionAlgorithms,
            "revocation_endpoint_auth_methods_supported": .array(
                ClientAuthenticationMethod.allCases.map { .string($0.rawValue) }),
            "revocation_endpoint_auth_signing_alg_values_supported": Self.assertionAlgorithms,
            "require_pushed_authorization_requests": false,
            "dpop_signing_alg_values_supported": .array(
                DPoPProof.algorithms.map(\.rawValue).sorted().map(JSONValue.string)),
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [.string(AuthenticationContext.singleFactor.rawValue)],
            "display_values_supported": ["page"],
            "claim_types_supported": ["normal"],
            "claims_supported": .array(Self.claimsSupported.map(JSONValue.string)),
            "ui_locales_supported": .array(Language.allCases.map { .string($0.rawValue) }),
            "prompt_values_supported": .array(Prompt.allCases.map { .string($0.rawValue) }),
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "require_request_uri_registration": false,
            "authorization_response_iss_parameter_supported": true,
        ]
    }

    private static let assertionAlgorithms = JSONValue.array(
        SignatureAlgorithm.allCases.map { .string($0.rawValue) })
    private static let keyManagement = JSONValue.array(KeyManagementAlgorithm.allCases.map { .string($0.rawValue) })
    private static let contentEncryption = JSONValue.array(
        ContentEncryptionAlgorithm.allCases.map { .string($0.rawValue) })

    private static let claimsSupported: [String] = {
        let released = StandardScope.claims.values.flatMap(\.keys)
        return Set(released + ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"]).sorted()
    }()

    func cached(_ bytes: [UInt8], type: String = "application/json") -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "public, max-age=\(lifetimes.cache.wholeSeconds), must-revalidate"
        headers[.xContentTypeOptions] = "nosniff"
        // Public documents: any page may read them.
        headers[.accessControlAllowOrigin] = "*"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension OpenIDProvider {
    /// Mounts every endpoint.
    public func mount(on router: Router<RoleContext>) {
        let document = ByteBuffer(bytes: metadata.encoded)
        for route in [OpenIDRoutes.discovery, OpenIDRoutes.authorizationServer] {
            router.get("\(route.path)") { _, _ in cached(Array(document.readableBytesView)) }
        }
        router.get("\(OpenIDRoutes.jwks.path)") { request, context in
            keySetReadings.saw(nil, from: addresses.range(peer: context.peer, headers: request.headers))
            return cached(keyring.snapshot.publishedJSON, type: "application/jwk-set+json")
        }
        router.get("\(OpenIDRoutes.authorize.path)", use: authorize)
        router.post("\(OpenIDRoutes.authorize.path)", use: authorizeByPost)
        router.get("\(OpenIDRoutes.resume.path)", use: resume)
        router.post("\(OpenIDRoutes.token.path)", use: token)
        for route in [OpenIDRoutes.token, OpenIDRoutes.push, OpenIDRoutes.introspect, OpenIDRoutes.revoke] {
            // These are for programs, by POST alone (RFC 6749 §3.2, RFC 9126 §2.3).
            for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                router.on("\(route.path)", method: method) { _, _ in
                    var response = json(.methodNotAllowed, ["error": .string(OAuthErrorCode.invalidRequest.rawValue)])
                    response.headers[.allow] = "POST"
                    return response
                }
            }
        }
        router.post("\(OpenIDRoutes.push.path)", use: push)
        router.post("\(OpenIDRoutes.introspect.path)", use: introspect)
        router.post("\(OpenIDRoutes.revoke.path)", use: revoke)
        router.get("\(OpenIDRoutes.userInfo.path)", use: userInfo)
        router.post("\(OpenIDRoutes.userInfo.path)", use: userInfo)
        router.get("\(OpenIDRoutes.endSession.path)", use: endSession)
        router.post("\(OpenIDRoutes.endSession.path)", use: endSessionByPost)
        router.get("\(OpenIDRoutes.signedOut.path)", use: signedOut)
    }
}
