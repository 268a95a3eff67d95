import Cryptography
import Synchronization
import Testing

@testable import Keyring

/// Gives bytes that were written down before.
private final class DictatedRandom: RandomSource {
    private let left: Mutex<[[UInt8]]>

    init(_ answers: [[UInt8]]) { left = Mutex(answers) }

    func bytes(_ count: Int) -> [UInt8] { left.withLock { $0.removeFirst() } }
}

@Suite("The names of keys")
struct KeyNameTests {
    @Test("A name never begins with a dash: an operator types it, and a command would take it for an option")
    func dash() {
        // 0xFB makes the first letter of base64url a dash.
        let dashed = [UInt8](repeating: 0xFB, count: 9)
        let plain = [UInt8](repeating: 0, count: 9)
        #expect(Base64URL.encode(dashed).hasPrefix("-"), "the positive control")
        #expect(KeyMaker.name(DictatedRandom([dashed, dashed, plain])) == Base64URL.encode(plain))
    }
}
