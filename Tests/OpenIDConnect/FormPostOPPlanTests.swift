import LogeTesting
import Testing

/// The Form Post OP certification plan of the OpenID Foundation (`oidcc-formpost-basic-certification-test-plan`): the modules
/// of the Basic plan, each request with `response_mode=form_post`. The answers are then read from the page's form.
@Suite("oidcc-formpost-basic-certification-test-plan")
struct FormPostOPPlanTests {
    private let basic = BasicOPPlanTests()

    private func inForms(_ body: () async throws -> Void) async throws {
        try await AuthorizationAttempt.$responseMode.withValue("form_post") { try await body() }
    }

    @Test("oidcc-server")
    func server() async throws { try await inForms { try await basic.server() } }

    @Test("oidcc-response-type-missing")
    func responseTypeMissing() async throws { try await inForms { try await basic.responseTypeMissing() } }

    @Test("oidcc-idtoken-signature")
    func idTokenSignature() async throws { try await inForms { try await basic.idTokenSignature() } }

    @Test("oidcc-idtoken-unsigned")
    func idTokenUnsigned() async throws { try await inForms { try await basic.idTokenUnsigned() } }

    @Test("oidcc-userinfo-get")
    func userInfoGet() async throws { try await inForms { try await basic.userInfoGet() } }

    @Test("oidcc-userinfo-post-header")
    func userInfoPostHeader() async throws { try await inForms { try await basic.userInfoPostHeader() } }

    @Test("oidcc-userinfo-post-body")
    func userInfoPostBody() async throws { try await inForms { try await basic.userInfoPostBody() } }

    @Test("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
    func withoutNonce() async throws { try await inForms { try await basic.withoutNonce() } }

    @Test("oidcc-scope-profile")
    func scopeProfile() async throws { try await inForms { try await basic.scopeProfile() } }

    @Test("oidcc-scope-email")
    func scopeEmail() async throws { try await inForms { try await basic.scopeEmail() } }

    @Test("oidcc-scope-address")
    func scopeAddress() async throws { try await inForms { try await basic.scopeAddress() } }

    @Test("oidcc-scope-phone")
    func scopePhone() async throws { try await inForms { try await basic.scopePhone() } }

    @Test("oidcc-scope-all")
    func scopeAll() async throws { try await inForms { try await basic.scopeAll() } }

    @Test("oidcc-alternate-happy-flow")
    func alternateHappyFlow() async throws { try await inForms { try await basic.alternateHappyFlow() } }

    @Test("oidcc-display-page")
    func displayPage() async throws { try await inForms { try await basic.displayPage() } }

    @Test("oidcc-display-popup")
    func displayPopup() async throws { try await inForms { try await basic.displayPopup() } }

    @Test("oidcc-prompt-login")
    func promptLogin() async throws { try await inForms { try await basic.promptLogin() } }

    @Test("oidcc-prompt-none-not-logged-in")
    func promptNoneNotLoggedIn() async throws { try await inForms { try await basic.promptNoneNotLoggedIn() } }

    @Test("oidcc-prompt-none-logged-in")
    func promptNoneLoggedIn() async throws { try await inForms { try await basic.promptNoneLoggedIn() } }

    @Test("oidcc-max-age-1")
    func maximumAge1() async throws { try await inForms { try await basic.maximumAge1() } }

    @Test("oidcc-max-age-10000")
    func maximumAge10000() async throws { try await inForms { try await basic.maximumAge10000() } }

    @Test("oidcc-ensure-request-with-unknown-parameter-succeeds")
    func unknownParameter() async throws { try await inForms { try await basic.unknownParameter() } }

    @Test("oidcc-id-token-hint")
    func idTokenHint() async throws { try await inForms { try await basic.idTokenHint() } }

    @Test("oidcc-login-hint")
    func loginHint() async throws { try await inForms { try await basic.loginHint() } }

    @Test("oidcc-ui-locales")
    func uiLocales() async throws {
        try await inForms { try await basic.uiLocales(("se tr fr", "tr")) }
    }

    @Test("oidcc-claims-locales")
    func claimsLocales() async throws { try await inForms { try await basic.claimsLocales() } }

    @Test("oidcc-ensure-request-with-acr-values-succeeds")
    func acrValues() async throws { try await inForms { try await basic.acrValues() } }

    @Test("oidcc-codereuse")
    func codeReuse() async throws { try await inForms { try await basic.codeReuse() } }

    @Test("oidcc-codereuse-30seconds")
    func codeReuse30Seconds() async throws { try await inForms { try await basic.codeReuse30Seconds() } }

    @Test("oidcc-ensure-registered-redirect-uri")
    func registeredRedirectURI() async throws { try await inForms { try await basic.registeredRedirectURI() } }

    @Test("oidcc-ensure-post-request-succeeds")
    func postRequest() async throws { try await inForms { try await basic.postRequest() } }

    @Test("oidcc-server-client-secret-post")
    func clientSecretPost() async throws { try await inForms { try await basic.clientSecretPost() } }

    @Test("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")
    func requestURI() async throws { try await inForms { try await basic.requestURI() } }

    @Test("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
    func requestObject() async throws { try await inForms { try await basic.requestObject() } }

    @Test("oidcc-ensure-request-object-with-redirect-uri")
    func requestObjectWithRedirectURI() async throws {
        try await inForms { try await basic.requestObjectWithRedirectURI() }
    }

    @Test("oidcc-claims-essential")
    func claimsEssential() async throws { try await inForms { try await basic.claimsEssential() } }

    @Test("oidcc-refresh-token")
    func refreshToken() async throws { try await inForms { try await basic.refreshToken() } }

    @Test("oidcc-ensure-request-with-valid-pkce-succeeds", arguments: [TestParty.ent, .conformance])
    func validPKCE(_ party: TestParty) async throws {
        try await inForms { try await basic.validPKCE(party) }
    }
}
