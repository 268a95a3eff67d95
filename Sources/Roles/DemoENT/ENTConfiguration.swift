public import Cryptography
public import OpenIDConnectProvider
public import Web

/// What the demo ENT is told.
public struct ENTConfiguration: Sendable {
    /// The ENT on the web.
    public let site: RoleSite
    /// The portal's issuer.
    public let issuer: String
    /// Our `client_id` at the portal.
    public let clientID: String
    /// Our secret there.
    public let clientSecret: SecretBytes
    /// The file that remembers who accepted the charter, and their preferences.
    public let memoryFile: String
    /// The version of the charter: a new one is shown to everybody again.
    public let charterVersion: Int
    /// Whether the portal may be plain http on this machine.
    public let endpointSecurity: EndpointSecurity

    /// A configuration.
    public init(
        site: RoleSite, issuer: String, clientID: String, clientSecret: SecretBytes, memoryFile: String,
        charterVersion: Int = 1, endpointSecurity: EndpointSecurity = .https
    ) {
        self.site = site
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.memoryFile = memoryFile
        self.charterVersion = charterVersion
        self.endpointSecurity = endpointSecurity
    }

    /// Our registration at the portal.
    var provider: ProviderConfiguration {
        var provider = ProviderConfiguration(
            issuer: issuer, clientID: clientID, authentication: .secretBasic(clientSecret),
            redirectURI: site.url(ENTRoutes.callback.path))
        provider.postLogoutRedirectURI = site.url(ENTRoutes.signedOut.path)
        provider.scopes = ["openid", "profile", "school"]
        provider.endpointSecurity = endpointSecurity
        return provider
    }
}
