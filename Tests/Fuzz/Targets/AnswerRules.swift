import HTTPTypes
import HummingbirdTesting
import LogeTesting
import NIOCore
import Web

/// What holds of every answer of the portal.
enum AnswerRules {
    private static let registered = TestParty.all.flatMap { party in
        let home = "https://\(party.id).exemple.org/"
        return [party.redirectURI, home + "callback?avec=question", home + "parti"]
    }
    private static let homes = TestParty.all.map { "https://\($0.id).exemple.org/" }

    static func check(_ response: TestResponse, to request: RawRequest) {
        hold(response.status.code < 500, "\(response.status.code) for \(request)")
        for location in response.headers[values: .location] {
            hold(leadsHome(location), "\(request) leads to \(location)")
        }
        for cookie in response.headers[values: .setCookie] {
            let isStrict = ["; HttpOnly", "; Secure", "; Path=/"].allSatisfy(cookie.contains)
            hold(isStrict && cookie.hasPrefix("__Host-loge-portal-"), "a loose cookie: \(cookie)")
        }
        let type = response.headers[.contentType] ?? ""
        if type.hasPrefix("text/html") { page(String(buffer: response.body), request) }
    }

    /// A path of ours, or an address that a client registered, with nothing but fields added.
    private static func leadsHome(_ location: String) -> Bool {
        if LocalPath.isSafe(location) { return true }
        return registered.contains { address in
            location == address || location.hasPrefix(address + (address.contains("?") ? "&" : "?"))
        }
    }

    /// The page has no surprise for a browser, and its forms and links lead home.
    private static func page(_ html: String, _ request: RawRequest) {
        guard let scan = try? HTMLScan(html) else { return hold(false, "\(request) gives a page that is no HTML") }
        for form in scan.forms { hold(leadsHome(form.action), "\(request) gives a form to \(form.action)") }
        for tag in scan.tags {
            if tag.name == "script" { hold(tag.attributes["src"] != nil, "\(request) gives a script in the page") }
            hold(!tag.attributes.keys.contains { $0.hasPrefix("on") }, "\(request) gives a page with a handler")
            guard tag.name == "a", let address = tag.attributes["href"] else { continue }
            let leads = leadsHome(address) || homes.contains(address) || address.hasPrefix("#")
            hold(leads, "\(request) gives a link to \(address)")
        }
    }
}
