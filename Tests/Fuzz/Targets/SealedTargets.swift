import Clocks
import Cryptography
import Keyring
import LogeTesting
import SignOn

/// What browsers and clients carry for us: session tokens, pending sign-ons, values under the sealing key.
enum SealedTargets {
    static let all = [
        FuzzTarget(name: "sealed", subject: "session tokens, pending sign-ons, sealed values") { sealed() }
    ]

    /// A text that we made and the way it is read; `nil` is a refusal.
    private struct Value: Sendable {
        let text: String
        let opens: @Sendable (String) -> Bool
    }

    /// First byte: which value; second: 0 a text as it came, 1 changes to the good one, 2 the good one of another kind.
    private static func sealed() -> FuzzTarget.Run {
        let values = LivePortal.shared.wait { portal in try await Self.values(portal) }
        return { input in
            guard input.count >= 2 else { return }
            let value = values[Int(input[0]) % values.count]
            let rest = input.dropFirst(2)
            switch input[1] {
            case 1:
                let text = Edits(rest).applied(to: value.text)
                hold(value.opens(text) == text.isExactly(value.text), "a changed text is opened: \(text)")
            case 2:
                let other = values[Int(rest.first ?? 0) % values.count]
                hold(value.opens(other.text) == other.text.isExactly(value.text), "a value of another kind is opened")
            default:
                hold(!value.opens(String(decoding: rest, as: UTF8.self)), "a text is opened that nobody made")
            }
        }
    }

    private static func values(_ portal: TestPortal) async throws -> [Value] {
        let browser = portal.browser()
        try await browser.signIn()
        guard let session = browser[cookie: "session"] else { throw MissingPart(description: "no session") }
        let (clock, random, keyring) = (portal.clock, SystemRandom(), portal.keyring)
        let seals = Seals(keyring: keyring, clock: clock, random: random)
        let tokens = SessionTokens(keyring: keyring, lifetimes: SessionLifetimes())
        let pending = PendingSignOns(seals: seals, random: random)
        let request = SignOnRequest(
            issuer: "oidc", party: "ent", partyName: "ENT", payload: "client_id=ent",
            resumePath: "/oidc/authorize/resume", replyOrigin: nil)
        let cookie = pending.freshBrowserCookie()
        let carried = try pending.carry(Requested(request, now: clock.now()), browserCookie: cookie)
        let sealed = try seals.seal("inside", purpose: "one purpose")
        let bare = try keyring.snapshot.seal([1, 2, 3], purpose: "one purpose", random: random)
        return [
            Value(text: session) { tokens.read($0, now: clock.now()) != nil },
            Value(text: carried) { (try? pending.takeUp($0, browserCookie: cookie)) != nil },
            // The cookie is the text here: the sign-on was sealed for this browser alone.
            Value(text: cookie) { (try? pending.takeUp(carried, browserCookie: $0)) != nil },
            Value(text: sealed) {
                seals.open($0, purpose: "one purpose", lifetime: .minutes(5), as: String.self) != nil
            },
            Value(text: bare) { (try? keyring.snapshot.open($0, purpose: "one purpose")) == [1, 2, 3] },
        ]
    }
}
