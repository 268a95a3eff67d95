import HTTPTypes
import JOSE
import LogeTesting
import Testing

/// The Config OP certification plan of the OpenID Foundation (`oidcc-config-certification-test-plan`).
@Suite("oidcc-config-certification-test-plan")
struct ConfigOPPlanTests {
    /// OpenID Connect Discovery §3, RFC 8414 §2, and what the logout specification adds.
    private static let registered: Set<String> = [
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "scopes_supported",
        "response_types_supported", "response_modes_supported", "grant_types_supported", "acr_values_supported",
        "subject_types_supported", "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "display_values_supported", "claim_types_supported", "claims_supported", "ui_locales_supported",
        "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
        "require_request_uri_registration", "code_challenge_methods_supported", "end_session_endpoint",
        "authorization_response_iss_parameter_supported", "prompt_values_supported",
        "pushed_authorization_request_endpoint", "require_pushed_authorization_requests", "introspection_endpoint",
        "introspection_endpoint_auth_methods_supported", "introspection_endpoint_auth_signing_alg_values_supported",
        "revocation_endpoint", "revocation_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_signing_alg_values_supported", "dpop_signing_alg_values_supported",
        "id_token_encryption_alg_values_supported", "id_token_encryption_enc_values_supported",
        "userinfo_signing_alg_values_supported", "userinfo_encryption_alg_values_supported",
        "userinfo_encryption_enc_values_supported", "backchannel_logout_supported",
        "backchannel_logout_session_supported", "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ]

    @Test("oidcc-discovery-endpoint-verification")
    func discovery() async throws {
        try await withPortal { portal in
            let document = try await portal.send(.get, "/.well-known/openid-configuration")
            #expect(document.status == 200)
            #expect(document.headers[.contentType] == "application/json")
            let members = try #require(document.json.object)
            #expect(Set(members.keys).subtracting(Self.registered).isEmpty)
            #expect(document["issuer"] == .string(TestPortal.origin))
            for name in members.keys where name.hasSuffix("_endpoint") || name.hasSuffix("_uri") {
                let address = try #require(document[name]?.string)
                #expect(address.hasPrefix(TestPortal.origin + "/"), "\(name)")
            }
            #expect(document["response_types_supported"] == ["code"])
            #expect(document["response_modes_supported"] == ["query", "form_post"])
            #expect(
                document["token_endpoint_auth_methods_supported"]
                    == ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
            #expect(
                document["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "PS256", "ES256", "EdDSA"])
            #expect(document["grant_types_supported"] == ["authorization_code", "refresh_token"])
            #expect(document["subject_types_supported"] == ["pairwise", "public"])
            #expect(document["id_token_signing_alg_values_supported"]?.array?.contains("RS256") == true)
            for answer in ["id_token", "userinfo"] {
                #expect(
                    document[answer + "_encryption_alg_values_supported"] == ["ECDH-ES", "RSA-OAEP", "RSA-OAEP-256"])
                #expect(document[answer + "_encryption_enc_values_supported"] == ["A256GCM"])
                #expect(document[answer + "_signing_alg_values_supported"] == ["RS256", "PS256", "ES256", "EdDSA"])
            }
            #expect(document["code_challenge_methods_supported"] == ["S256"])
            #expect(document["request_parameter_supported"] == false)
            #expect(document["request_uri_parameter_supported"] == false)
            #expect(document["authorization_response_iss_parameter_supported"] == true)
            let scopes = (document["scopes_supported"]?.array ?? []).compactMap(\.string)
            #expect(scopes.contains("openid"))
            #expect(scopes.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter } })
            #expect(document["claims_supported"]?.array?.contains("sub") == true)
            #expect(document["ui_locales_supported"] == ["fr", "en", "ar", "pt", "tr"])
        }
    }

    @Test("oidcc-discovery-endpoint-verification: the key set has no private part, no kid twice, RSA of 3072 bits")
    func keySet() async throws {
        try await withPortal { portal in
            let answer = try await portal.send(.get, "/oidc/jwks")
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "application/jwk-set+json")
            let keys = try #require(answer["keys"]?.array)
            #expect(Set(keys.compactMap { $0["alg"]?.string }) == ["RS256", "PS256", "ES256", "EdDSA"])
            #expect(Set(keys.compactMap { $0["kid"]?.string }).count == keys.count)
            for key in keys {
                let allowed: Set<String> = ["kty", "use", "kid", "alg", "n", "e", "crv", "x", "y"]
                #expect(Set((key.object ?? [:]).keys).isSubset(of: allowed))
                if key["kty"] == "RSA" { #expect(key["n"]?.string?.count == 512) }
            }
        }
    }

    @Test("RFC 8414 §3: the same document under the name of OAuth")
    func authorizationServer() async throws {
        try await withPortal { portal in
            let one = try await portal.send(.get, "/.well-known/openid-configuration")
            let other = try await portal.send(.get, "/.well-known/oauth-authorization-server")
            #expect(other.json == one.json)
            #expect(other.status == 200)
        }
    }

    @Test("every endpoint named in the document is there")
    func endpoints() async throws {
        try await withPortal { portal in
            let document = try await portal.send(.get, "/.well-known/openid-configuration")
            for (name, value) in document.json.object ?? [:] where name.hasSuffix("_endpoint") || name == "jwks_uri" {
                let address = try #require(value.string).dropFirst(TestPortal.origin.count)
                let answer = try await portal.send(.get, String(address), body: "")
                #expect(answer.status != 404, "\(name)")
                guard answer.status == 405 else { continue }
                #expect(answer.headers[.allow] == "POST")
                let posted = try await portal.send(.post, String(address), body: "")
                #expect(posted.error == "invalid_client", "\(name)")
            }
        }
    }
}
