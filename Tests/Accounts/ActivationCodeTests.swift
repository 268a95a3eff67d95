import Accounts
import Cryptography
import Testing

@Suite("ACT-01: the code of the letter")
struct ActivationCodeTests {
    @Test("Twelve characters of an unambiguous alphabet in three groups")
    func form() {
        for _ in 0..<200 {
            let printed = ActivationCode(random: SystemRandom()).printed
            let groups = printed.split(separator: "-")
            #expect(groups.count == 3)
            #expect(groups.allSatisfy { $0.count == 4 })
            #expect(printed.allSatisfy("0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains))
        }
    }

    @Test("Sixty bits: every character of the alphabet comes at every place, and codes do not repeat")
    func entropy() {
        var seen = [Set<Character>](repeating: [], count: 12)
        var codes: Set<String> = []
        for _ in 0..<2000 {
            let printed = ActivationCode(random: SystemRandom()).printed
            codes.insert(printed)
            for (place, character) in printed.filter({ $0 != "-" }).enumerated() { seen[place].insert(character) }
        }
        #expect(codes.count == 2000)
        #expect(seen.allSatisfy { $0.count == 32 })
    }

    @Test(
        "Case, blanks, dashes and look-alikes do not matter",
        arguments: [
            "0K1M-ABCD-1234", "ok1m abcd i234", "OKLMABCDL234", " 0k1m-abcd-1234\n", "0K1M–ABCD—1234",
            "o k i m a b c d l 2 3 4",
            "0K1M\u{2011}ABCD\u{A0}1234",
        ])
    func tolerant(_ typed: String) throws {
        let code = try #require(ActivationCode(typed: typed))
        #expect(code.printed == "0K1M-ABCD-1234")
        #expect(code.hash == ActivationCode(typed: "0K1M-ABCD-1234")?.hash)
    }

    @Test(
        "What cannot be a code is none",
        arguments: [
            "", "0K1M-ABCD-123", "0K1M-ABCD-12345", "0K1M-ABCD-123U", "0K1M-ABCD-123!", "0K1M_ABCD_1234",
            "éK1M-ABCD-1234",
            String(repeating: "-", count: 1 << 16), "un cheval bleu 42",
        ])
    func refused(_ typed: String) {
        #expect(ActivationCode(typed: typed) == nil)
    }

    @Test("A code does not print itself")
    func secret() {
        let code = ActivationCode(random: SystemRandom())
        #expect(!"\(code)".contains(code.printed))
        #expect(!String(reflecting: code).contains(code.printed))
        var dumped = ""
        dump(code, to: &dumped)
        #expect(!dumped.contains(code.printed.filter { $0 != "-" }))
    }
}
