import Clocks
import Cryptography
import JOSE
import OAuth
import School
public import Settings
import SignOn
import Web

extension Client {
    /// Reads a client from its file.
    ///
    /// - Throws: `SettingsError` with the line and what is accepted.
    public init(_ settings: SettingsNode) throws {
        let id = try settings.value("client_id", expected: "1 to 128 printable characters without blanks") {
            (1...128).contains($0.utf8.count) && $0.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ? $0 : nil
        }
        let profiles = try settings.enumerationList("profiles", of: Profile.self, default: [])
        let schools = try settings.stringList("schools", default: []).map { text in
            guard let school = UAI(text) else {
                throw settings.error(at: "schools", "\"\(text)\" is no UAI: seven digits and a letter.")
            }
            return school
        }
        party = RelyingParty(
            id: id, name: try settings.string("client_name"), home: try settings.optionalString("client_uri"),
            profiles: profiles.isEmpty ? nil : Set(profiles), schools: schools.isEmpty ? nil : Set(schools))
        let method = try settings.enumeration(
            "token_endpoint_auth_method", default: ClientAuthenticationMethod.clientSecretBasic)
        authenticationMethod = method
        let needsKeys = method == .privateKeyJWT || ClientAnswers.needKeys(settings)
        let keys = needsKeys ? try ClientKeys(settings) : nil
        assertions = try Self.assertions(method, keys, settings)
        secretHashes = try Self.secrets(method, settings)
        redirectURIs = try Self.addresses("redirect_uris", settings)
        guard !redirectURIs.isEmpty else {
            throw settings.error(at: "redirect_uris", "At least one address is needed.")
        }
        postLogoutRedirectURIs = try Self.addresses("post_logout_redirect_uris", settings)
        logout = try LogoutRegistration(settings, redirectURIs: redirectURIs)
        scope =
            try settings.optionalValue("scope", expected: "blank-separated scopes with openid among them") { text in
                Scope(parsing: text).flatMap { $0.contains("openid") ? $0 : nil }
            } ?? Scope(["openid", "profile"])
        for value in scope.values where !StandardScope.all.contains(value) {
            throw settings.error(
                at: "scope", "There is no scope \(value). Known scopes: \(StandardScope.all.joined(separator: ", ")).")
        }
        let answers = try ClientAnswers(settings, keys)
        idTokenAlgorithm = answers.algorithm
        idTokenEncryption = answers.idTokenEncryption
        userInfo = answers.userInfo
        subjectType = try settings.enumeration("subject_type", default: SubjectType.pairwise)
        requiresPKCE = try settings.boolean("require_pkce", default: true)
        // RFC 9700 §2.1.1: nothing else binds a public client to its codes.
        guard requiresPKCE || method != .none else {
            throw settings.error(at: "require_pkce", "A client of the method none does PKCE always. Remove the key.")
        }
        grantTypes = try Self.grantTypes(settings)
        requiresPushedRequests = try settings.boolean("require_pushed_authorization_requests", default: false)
        requiresProofOfPossession = try settings.boolean("dpop_bound_access_tokens", default: false)
        introspects = Set(try settings.stringList("introspects", default: []))
        guard introspects.isEmpty || method != .none else {
            throw settings.error(
                at: "introspects", "A client of the method none proves nothing and may not introspect. Remove the key.")
        }
        let hosts = Set(redirectURIs.compactMap { Origin(of: $0)?.host })
        if let sector = try settings.optionalString("sector_identifier") {
            self.sector = sector
        } else if hosts.count == 1, let host = hosts.first {
            sector = host
        } else if subjectType == .public {
            sector = id
        } else {
            // OIDC Core §8.1: without a sector identifier there must be one host.
            throw settings.error(
                at: "redirect_uris", "The addresses have several hosts: give a sector_identifier for pairwise subjects."
            )
        }
        defaultMaximumAge = try settings.has("default_max_age") ? settings.duration("default_max_age") : nil
        defaultContexts = try settings.enumerationList(
            "default_acr_values", of: AuthenticationContext.self, default: [])
        let mapped = try settings.strings("claims")
        for (name, attribute) in mapped where !Attribute.names.contains(attribute) {
            throw settings.error(
                at: "claims",
                "\(name): there is no attribute \(attribute). Known: \(Attribute.names.joined(separator: ", ")).")
        }
        claims = settings.has("claims") ? Dictionary(mapped.map { ($0.name, $0.value) }) { $1 } : nil
    }

    private static func grantTypes(_ settings: SettingsNode) throws -> Set<GrantType> {
        let types = Set(
            try settings.enumerationList("grant_types", of: GrantType.self, default: [.authorizationCode]))
        guard types.contains(.authorizationCode) else {
            throw settings.error(
                at: "grant_types", "authorization_code must be among them: all else follows from a code.")
        }
        return types
    }

    /// The keys for assertions: needed by `private_key_jwt`, and of no use to the other methods.
    private static func assertions(
        _ method: ClientAuthenticationMethod, _ keys: ClientKeys?, _ settings: SettingsNode
    ) throws -> ClientAssertionRegistration? {
        guard method == .privateKeyJWT else {
            if settings.has("token_endpoint_auth_signing_alg") {
                throw settings.error(
                    at: "token_endpoint_auth_signing_alg",
                    "Only a client of token_endpoint_auth_method: private_key_jwt has it. Remove the key.")
            }
            for key in ["jwks", "jwks_file"] where keys == nil && settings.has(key) {
                throw settings.error(
                    at: key,
                    "Only a client of token_endpoint_auth_method: private_key_jwt has it, or one that receives encrypted "
                        + "answers. Remove the key.")
            }
            return nil
        }
        let algorithm = try settings.enumeration("token_endpoint_auth_signing_alg", of: SignatureAlgorithm.self)
        guard let keys, !keys.declared.signatureKeys.candidates(for: algorithm, keyID: nil).isEmpty else {
            throw settings.error(
                at: keys?.place ?? "jwks",
                "No key of the set is for signatures with \(algorithm.rawValue).\(keys?.reasons ?? "")")
        }
        return ClientAssertionRegistration(algorithm: algorithm, keys: keys.declared.signatureKeys)
    }

    /// One secret, or two while the integrator changes from one to the other; each can be given by its hash instead. None
    /// for a client of a method without.
    private static func secrets(
        _ method: ClientAuthenticationMethod, _ settings: SettingsNode
    ) throws -> [[UInt8]] {
        guard method == .clientSecretBasic || method == .clientSecretPost else {
            for key in ["client_secret", "next_client_secret"].flatMap({ [$0, $0 + "_file", $0 + "_sha256"] })
            where settings.has(key) {
                throw settings.error(
                    at: key, "A client of the method \(method.rawValue) has no secret. Remove the key.")
            }
            return []
        }
        var hashes: [[UInt8]] = []
        for key in ["client_secret", "next_client_secret"] {
            if let secret = try settings.optionalSecret(key) {
                // JW-08 and OA-15: an empty or guessable secret is no secret.
                guard secret.count >= 16 else {
                    throw settings.error(
                        at: key, "The secret is too short: 16 characters at least, 32 random ones are right.")
                }
                hashes.append(secret.withBytes { SHA256.hash($0) })
            }
            let hashed = try settings.optionalValue(
                key + "_sha256", expected: "the SHA-256 of the secret, 64 hexadecimal digits"
            ) { text -> [UInt8]? in
                guard text.utf8.count == 64 else { return nil }
                let digits = text.compactMap(\.hexDigitValue)
                guard digits.count == 64 else { return nil }
                return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
            }
            if let hashed { hashes.append(hashed) }
        }
        guard !hashes.isEmpty else {
            throw settings.error(
                at: "client_secret", "A client_secret, client_secret_file or client_secret_sha256 is needed.")
        }
        return hashes
    }

    /// Addresses that are compared letter by letter: absolute, https (http on the loopback only), nothing that two readers
    /// could understand in two ways.
    private static func addresses(_ key: String, _ settings: SettingsNode) throws -> [String] {
        try settings.stringList(key, default: []).map { text in
            guard RedirectURI.isRegistrable(text) else {
                throw settings.error(
                    at: key,
                    "\"\(text)\" is not accepted. Write an absolute https address without fragment (http on localhost only)."
                )
            }
            return text
        }
    }
}

/// The rules for addresses that we may send people to.
enum RedirectURI {
    static func isRegistrable(_ text: String) -> Bool {
        guard let origin = Origin(of: text), text.utf8.count <= 2048 else { return false }
        guard origin.scheme == "https" || origin.isLoopback else { return false }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E })
        else { return false }
        let path = text.dropFirst(origin.description.utf8.count)
        return !text.contains("#") && (path.isEmpty || path.hasPrefix("/") || path.hasPrefix("?"))
    }

    /// `address` with fields added to its query.
    static func adding(_ fields: [(String, String)], to address: String) -> String {
        address + (address.contains("?") ? "&" : "?") + FormFields.encode(fields)
    }
}
