import Cryptography
public import JOSE
import Settings

/// What userinfo answers a client (OpenID Connect Core §5.3.2).
public enum UserInfoFormat: Sendable {
    /// A JSON object.
    case json
    /// A token under the one algorithm of the client.
    case signed
    /// The same, encrypted to the client.
    case signedAndEncrypted(TokenEncryptionKey)
}

/// How a client wants to receive what we tell it of people: the keys `id_token_…_response_…` and `userinfo_…_response_…`
/// of its file.
///
/// - one algorithm for all that is signed for the client, so that its key set has one right answer
/// - what is encrypted is signed first (RFC 7519 §11.2): encryption alone says nothing of who speaks
/// - a key to encrypt to stands in the client's file; none is fetched
struct ClientAnswers {
    let algorithm: SignatureAlgorithm
    let idTokenEncryption: TokenEncryptionKey?
    let userInfo: UserInfoFormat

    /// Whether a file asks for anything encrypted, so that it needs keys.
    static func needKeys(_ settings: SettingsNode) -> Bool {
        ["id_token_encrypted_response_alg", "userinfo_encrypted_response_alg"].contains { settings.has($0) }
    }

    /// Reads the keys.
    ///
    /// - Throws: `SettingsError` with the line and what is accepted.
    init(_ settings: SettingsNode, _ keys: ClientKeys?) throws {
        algorithm = try settings.enumeration("id_token_signed_response_alg", default: SignatureAlgorithm.es256)
        idTokenEncryption = try Self.encryption("id_token", settings, keys)
        let signed = try settings.optionalEnumeration("userinfo_signed_response_alg", of: SignatureAlgorithm.self)
        if let signed, signed != algorithm {
            throw settings.error(
                at: "userinfo_signed_response_alg",
                "A client has one algorithm, and this one's ID tokens are signed with \(algorithm.rawValue). Write "
                    + "\(algorithm.rawValue), or \(signed.rawValue) as id_token_signed_response_alg too.")
        }
        switch (signed, try Self.encryption("userinfo", settings, keys)) {
        case (nil, nil): userInfo = .json
        case (_?, nil): userInfo = .signed
        case (_?, let key?): userInfo = .signedAndEncrypted(key)
        case (nil, _?):
            throw settings.error(
                at: "userinfo_encrypted_response_alg",
                "What is encrypted is signed first. Write userinfo_signed_response_alg: \(algorithm.rawValue) too.")
        }
    }

    /// `…_encrypted_response_alg` and `…_encrypted_response_enc`; `nil` when nothing is to be encrypted.
    private static func encryption(
        _ answer: String, _ settings: SettingsNode, _ keys: ClientKeys?
    ) throws -> TokenEncryptionKey? {
        let (algorithmKey, contentKey) = (answer + "_encrypted_response_alg", answer + "_encrypted_response_enc")
        let algorithm = try settings.optionalEnumeration(algorithmKey, of: KeyManagementAlgorithm.self)
        let content = try settings.optionalEnumeration(contentKey, of: ContentEncryptionAlgorithm.self)
        guard let algorithm else {
            // OpenID Connect Dynamic Client Registration §2: "When …_enc is included, …_alg MUST also be provided."
            if content != nil { throw settings.error(at: contentKey, "\(algorithmKey) is needed too.") }
            return nil
        }
        // The default of the standard, A128CBC-HS256, is not offered: there is one way, and it need not be written.
        guard let key = keys?.declared.encryptionKey(for: algorithm, contentEncryption: content ?? .a256GCM) else {
            let kind = algorithm.keyKind == .rsa ? "RSA" : "P-256"
            throw settings.error(
                at: keys?.place ?? algorithmKey,
                "No key of the set is for encryption with \(algorithm.rawValue): a key \(kind) with \"use\": \"enc\" is "
                    + "needed.\(keys?.reasons ?? "")")
        }
        return key
    }
}

extension Client {
    /// The keys that answers are encrypted to, as JSON.
    var encryptionKeys: [JSONValue] {
        get throws {
            var keys = [idTokenEncryption]
            if case .signedAndEncrypted(let key) = userInfo { keys.append(key) }
            return try keys.compactMap { try $0?.json() }
        }
    }
}

/// `jwks` or `jwks_file` of a client's file, for the client's signatures and for what is encrypted to it.
struct ClientKeys {
    /// The keys.
    let declared: ClientKeySet
    /// Which of the two it is.
    let place: String

    /// Why keys were passed over, to be said when one is missing.
    var reasons: String { declared.passedOver.map { " \($0)." }.joined() }

    /// Reads the keys of a file that needs them.
    ///
    /// - Throws: `SettingsError` when there are none, or they are not right.
    init(_ settings: SettingsNode) throws {
        guard let document = try settings.optionalDocument("jwks") else {
            throw settings.error(at: "jwks", "jwks or jwks_file is needed: the public keys of the client.")
        }
        place = settings.has("jwks") ? "jwks" : "jwks_file"
        do {
            declared = try ClientKeySet(parsing: document)
        } catch {
            throw settings.error(at: place, "\(error).")
        }
    }
}
