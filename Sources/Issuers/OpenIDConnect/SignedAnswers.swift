import HTTPTypes
import Hummingbird
import JOSE
import Keyring
import NIOCore

extension OpenIDProvider {
    /// A signed token as the client receives it: encrypted to the client, when it asked for that (nested, RFC 7519 §5.2).
    func protected(_ token: String, _ encryption: TokenEncryptionKey?) throws -> String {
        guard let encryption else { return token }
        return try encryption.encrypt(nested: token, random: random)
    }

    /// The answer of userinfo in the form that the client asked for (OpenID Connect Core §5.3.2).
    func userInfoAnswer(
        _ claims: [String: JSONValue], to client: Client, _ keys: KeyringSnapshot
    ) throws -> Response {
        let encryption: TokenEncryptionKey?
        switch client.userInfo {
        case .json: return json(.ok, .object(claims))
        case .signed: encryption = nil
        case .signedAndEncrypted(let key): encryption = key
        }
        // Registered names are set last and cannot be overridden. Without exp and iat, and with a typ, it is no ID token.
        var claims = claims
        claims["iss"] = .string(issuer)
        claims["aud"] = .string(client.id)
        let token = try keys.signToken(.object(claims), client.idTokenAlgorithm, type: "JWT")
        var headers = Self.unkept
        // RFC 7519 §10.3.1: signed or encrypted, the type is the same.
        headers[.contentType] = "application/jwt"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: try protected(token, encryption))))
    }
}
