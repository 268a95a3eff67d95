import Cryptography
import JOSE
import Testing

/// Families of tokens and keys that are nearly right, in the manner of Project Wycheproof and written anew: generated from
/// keys of our own, each with the reasons for which it may be refused, and with its control.
@Suite("JW-09: nearly right")
struct NearMissTests {
    @Test("JW-01, JW-02, JW-05, JW-09: signed tokens", arguments: SignatureAlgorithm.allCases)
    func signatures(_ algorithm: SignatureAlgorithm) throws {
        let misses = try SignatureNearMisses(algorithm)
        for token in try misses.controls() { #expect(throws: Never.self, "the control") { try misses.verify(token) } }
        for miss in try misses.all() {
            let error = #expect(throws: JOSEError.self, "\(miss.family): \(miss.name)") {
                try misses.verify(miss.thing)
            }
            if let error { #expect(miss.codes.contains(error.code), "\(miss.family): \(miss.name): \(error)") }
        }
    }

    @Test("JW-05, JW-07, JW-09: encrypted tokens", arguments: KeyManagementAlgorithm.allCases)
    func encryption(_ algorithm: KeyManagementAlgorithm) throws {
        let misses = try EncryptionNearMisses(algorithm)
        for token in misses.controls() { #expect(throws: Never.self, "the control") { try misses.read(token) } }
        var reasons: Set<String> = []
        for miss in try misses.all() {
            let error = #expect(throws: JWEError.self, "\(miss.family): \(miss.name)") { try misses.read(miss.thing) }
            guard let error else { continue }
            #expect(miss.codes.contains(error.code), "\(miss.family): \(miss.name): \(error)")
            if error.code == .notDecrypted { reasons.insert(error.reason) }
        }
        // RFC 7516 §11.5: whoever tries many learns nothing from the answers.
        #expect(reasons.count == 1)
    }

    @Test("JW-09, JW-10: key sets")
    func keys() throws {
        let misses = try KeyNearMisses()
        for set in misses.controls() { #expect(throws: Never.self, "the control") { try ClientKeySet(json: set) } }
        for miss in try misses.all() {
            let error = #expect(throws: KeySetError.self, "\(miss.family): \(miss.name)") {
                try ClientKeySet(json: miss.thing)
            }
            if let error { #expect(miss.codes.contains(error.code), "\(miss.family): \(miss.name): \(error)") }
        }
    }

    @Test("JW-09: how many cases there are")
    func count() throws {
        var counts: [String: [String: Int]] = [:]
        func count<Thing, Code>(_ kind: String, _ cases: [NearMiss<Thing, Code>]) {
            for miss in cases { counts[kind, default: [:]][miss.family, default: 0] += 1 }
        }
        for algorithm in SignatureAlgorithm.allCases {
            count("json_web_signature", try SignatureNearMisses(algorithm).all())
        }
        for algorithm in KeyManagementAlgorithm.allCases {
            count("json_web_encryption", try EncryptionNearMisses(algorithm).all())
        }
        count("json_web_key", try KeyNearMisses().all())
        var total = 0
        for (kind, families) in counts.sorted(by: { $0.key < $1.key }) {
            let sum = families.values.reduce(0, +)
            total += sum
            let list = families.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            print("JW-09: \(kind): \(sum) cases (\(list))")
        }
        print("JW-09: \(total) cases, each refused for its expected reason")
        // Some depend on the keys of the run.
        #expect(total >= 5000)
    }
}
