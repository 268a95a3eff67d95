import Dispatch
import HTTPTypes
import HummingbirdTesting
import LogeTesting
import NIOCore
import Synchronization

/// The test portal of this process, for a caller that cannot wait in Swift's way: libFuzzer calls from C.
final class LivePortal: Sendable {
    /// The one of the process, made when first asked for.
    static let shared = LivePortal()

    private let portal: TestPortal

    private init() {
        let lent = Handover<TestPortal>()
        Task.detached {
            do {
                var options = TestPortalOptions()
                // Every other request fails to prove itself, and none shall be put off for that.
                options.failedClientAuthentications = .max
                try await withPortal(options) { portal in
                    lent.give(portal)
                    // Until the process ends.
                    while true { try await Task.sleep(for: .seconds(3600)) }
                }
            } catch {
                fatalError("no portal: \(error)")
            }
        }
        portal = lent.take()
    }

    /// Runs `body` with the portal, to its end.
    func wait<Value: Sendable>(_ body: @escaping @Sendable (TestPortal) async throws -> Value) -> Value {
        let handover = Handover<Value>()
        let portal = portal
        Task.detached {
            do {
                handover.give(try await body(portal))
            } catch {
                // No answer of the portal is an error of the test client's, whatever the request.
                fatalError("RULE BROKEN: the portal throws: \(error)")
            }
        }
        return handover.take()
    }
}

/// One value, from a task to a thread that waits.
private final class Handover<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let isGiven = DispatchSemaphore(value: 0)

    func give(_ given: Value) {
        value.withLock { $0 = given }
        isGiven.signal()
    }

    func take() -> Value {
        isGiven.wait()
        guard let taken = value.withLock({ $0 }) else { fatalError("nothing was handed over") }
        return taken
    }
}

/// A request as a stranger writes it.
struct RawRequest: Sendable {
    var method = HTTPRequest.Method.get
    var address: String
    var headers = HTTPFields()
    var body: String?

    /// Whether a server of HTTP/1 would hand it on at all.
    var isHTTP: Bool { address.hasPrefix("/") && address.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }

    func send(to portal: TestPortal) async throws -> TestResponse {
        try await portal.client.executeRequest(
            uri: address, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }
}
