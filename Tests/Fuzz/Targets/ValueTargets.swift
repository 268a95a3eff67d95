import Foundation
import HTTPTypes
import JOSE
import OAuth
import OpenIDConnectIssuer
import Settings
import SignOnHTTP
import Web

/// Forms, addresses, parameters of OAuth, headers.
enum ValueTargets {
    static let all = [
        FuzzTarget(name: "forms", subject: "FormFields") { { forms($0) } },
        FuzzTarget(name: "addresses", subject: "Origin, LocalPath, RoleSite, redirect_uris") { { addresses($0) } },
        FuzzTarget(name: "parameters", subject: "Scope, ClaimsRequest, PKCE, Prompt") { { parameters($0) } },
        FuzzTarget(name: "cookies", subject: "RoleCookie, X-Forwarded-For, User-Agent") { cookies() },
    ]

    private static func forms(_ input: [UInt8]) {
        let text = String(decoding: input, as: UTF8.self)
        guard let fields = try? FormFields(parsing: text) else { return }
        let pairs = fields.pairs.map { ($0.name, $0.value) }
        guard pairs.allSatisfy({ !$0.0.utf8.contains(0) && !$0.1.utf8.contains(0) }) else {
            return hold(false, "a zero byte is read")
        }
        let again = try? FormFields(parsing: FormFields.encode(pairs))
        // Escaped, a text may be three times as long, and too long.
        hold(again != nil || input.count > FormFields.maximumLength / 3, "fields are refused once written")
        guard let again else { return }
        hold(again.pairs.count == pairs.count, "a field is lost")
        for (one, other) in zip(again.pairs, pairs) {
            hold(one.name.isExactly(other.0) && one.value.isExactly(other.1), "a field reads otherwise once written")
            let times = pairs.count { $0.0 == other.0 }
            hold((try? fields.single(other.0)) == nil || times == 1, "a field that stands twice is read as one")
        }
    }

    private static func addresses(_ input: [UInt8]) {
        let text = String(decoding: input, as: UTF8.self)
        if let origin = Origin(parsing: text) {
            hold(origin.description.isExactly(text), "an origin has two spellings")
        }
        if let site = RoleSite(role: "portal", publicURL: text) {
            hold(Origin(parsing: site.origin) != nil, "a site has no origin")
        }
        if LocalPath.isSafe(text), let base = URL(string: "https://portail.exemple.fr/") {
            let host = URL(string: text, relativeTo: base)?.host()
            hold(host == nil || host == "portail.exemple.fr", "a local path leads to \(host ?? "")")
        }
        registered(text)
    }

    /// What a client may register leads nowhere else for another reader of addresses.
    private static func registered(_ text: String) {
        let quoted = JSONValue.string(text).text
        let yaml = """
            {client_id: ent, client_name: ENT, client_secret: 0123456789abcdef, scope: openid,
             sector_identifier: ent.exemple.org, redirect_uris: [\(quoted)]}
            """
        let reading = try? SettingsFile.read(text: yaml, name: "ent.yaml") { try Client($0) }
        guard let address = reading?.value.redirectURIs.first else { return }
        // The reader of YAML drops a byte order mark at the head of a text.
        let written = text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? String(text.unicodeScalars.dropFirst()) : text
        hold(address.isExactly(written), "an address is registered otherwise than written")
        guard let origin = Origin(of: address) else { return hold(false, "a registered address has no origin") }
        hold(origin.scheme == "https" || origin.isLoopback, "a plain address is registered")
        guard let other = URL(string: address) else { return }
        let host = other.host(percentEncoded: false)?.lowercased()
        let ours = origin.host.filter { !"[]".contains($0) }
        hold(host == nil || host == ours, "\(address) leads to \(host ?? "") for one and to \(ours) for another")
        hold(other.user() == nil && other.fragment() == nil, "an address with userinfo or fragment is registered")
    }

    private static func parameters(_ input: [UInt8]) {
        let text = String(decoding: input, as: UTF8.self)
        if let scope = Scope(parsing: text) {
            hold(Set(scope.values).count == scope.values.count, "a scope holds a value twice")
            hold(Scope(parsing: scope.description) == scope, "a scope reads otherwise once written")
            hold(scope.limited(to: Scope(["openid"])).values.allSatisfy { $0 == "openid" }, "a scope is not limited")
        }
        if let verifier = CodeVerifier(parsing: text) {
            let challenge = CodeChallenge(of: verifier)
            hold(challenge.isAnswered(by: verifier), "a challenge is not answered by its own verifier")
            hold(CodeChallenge(parsing: challenge.value) != nil, "our own challenge is not read")
            if let other = CodeVerifier(parsing: String(text.reversed())), !other.value.isExactly(verifier.value) {
                hold(!challenge.isAnswered(by: other), "a challenge is answered by another verifier")
            }
        }
        if let challenge = CodeChallenge(parsing: text) {
            hold(challenge.value.isExactly(text) && text.utf8.count == 43, "a challenge has two spellings")
        }
        if let prompts = Prompt.parse(text) {
            hold(!prompts.contains(.none) || prompts.count == 1, "prompt=none stands beside another")
        }
        if let request = ClaimsRequest(parsing: text) {
            hold(request.userInfo.count <= 64 && request.idToken.count <= 64, "more claims than anybody needs")
        }
    }

    /// The lines of the input are headers: cookies, then an address, then a browser's name.
    private static func cookies() -> FuzzTarget.Run {
        guard let site = RoleSite(role: "portal", publicURL: "https://portail.exemple.fr") else {
            fatalError("no site")
        }
        let cookie = RoleCookie("session", at: site)
        return { input in
            let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            var headers = HTTPFields()
            for line in lines.prefix(4) { headers.append(HTTPField(name: .cookie, value: line)) }
            if let value = cookie.value(in: headers) {
                hold(value.utf8.count <= 4096 && !value.utf8.contains(0x3B), "a cookie is read beyond its bounds")
                headers.append(HTTPField(name: .cookie, value: cookie.name + "=" + value + "x"))
                hold(cookie.value(in: headers) == nil, "one of two different cookies is believed")
            }
            var forwarded = HTTPFields()
            if let name = HTTPField.Name("X-Forwarded-For") { forwarded[name] = lines.first }
            let address = ClientAddress(trustedProxies: ["192.0.2.1"])
            hold(address.range(peer: "192.0.2.1", headers: forwarded) != nil, "a client counts under no address")
            hold(
                address.range(peer: "192.0.2.9", headers: forwarded) == "192.0.2.9",
                "X-Forwarded-For of a stranger is believed")
            _ = DeviceName.describe(lines.last)
        }
    }
}
