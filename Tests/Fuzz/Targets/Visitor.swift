import HTTPTypes
import JOSE
import LogeTesting
import Synchronization

/// A browser that is signed in, with what it carries.
struct Visitor: Sendable {
    /// The header with its cookies.
    let cookies: String
    /// A sign-on that waits in it.
    let state: String
    /// An access token of its person.
    let accessToken: String

    /// What stands for them in an input.
    var words: [String: String] {
        let party = TestParty.ent
        return ["{state}": state, "{token}": accessToken, "{basic}": TestPortal.basic(party.id, party.secret)]
    }

    static func signedIn(at portal: TestPortal) async throws -> String {
        let browser = portal.browser()
        try await browser.signIn(as: "paul.durand")
        return cookies(of: browser)
    }

    static func make(at portal: TestPortal) async throws -> Visitor {
        let browser = portal.browser()
        try await browser.signIn(as: "paul.durand")
        let tokens = try await portal.tokens(for: TestParty.ent.attempt(), in: browser, as: "paul.durand")
        guard let token = tokens["access_token"]?.string else { throw MissingPart(description: "no access token") }
        let page = try await browser.open(TestParty.ent.attempt(["prompt": "login"]).address, from: .crossSite)
        let fields = FuzzText.fields(String(page.address.drop { $0 != "?" }.dropFirst()))
        guard let state = fields.values.joined().max(by: { $0.utf8.count < $1.utf8.count }) else {
            throw MissingPart(description: "no state at \(page.address)")
        }
        return Visitor(cookies: cookies(of: browser), state: state, accessToken: token)
    }

    private static func cookies(of browser: TestBrowser) -> String {
        browser.cookieNames.map { "\($0)=\(browser[cookie: $0] ?? "")" }.joined(separator: "; ")
    }
}

/// Counts executions.
final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// A value that executions hand on.
final class Held<Value: Sendable>: Sendable {
    private let held: Mutex<Value>

    init(_ value: Value) { held = Mutex(value) }

    var value: Value {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
