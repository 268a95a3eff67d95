import Cryptography
import JOSE
import Testing

/// Key sets that are nearly right, generated from keys of our own.
struct KeyNearMisses {
    typealias Case = NearMiss<JSONValue, KeySetError.Code>

    private let keys: [(String, [String: JSONValue])]

    init() throws {
        let tokens = try Tokens.get()
        keys = try [("RSA", tokens.rsa), ("EC", tokens.p256), ("OKP", tokens.ed25519)].map { name, key in
            var members = try #require(JWK(keyID: "k", algorithm: nil, key: key.publicKey()).json().object)
            members["use"] = nil
            return (name, members)
        }
    }

    func controls() -> [JSONValue] { keys.map { ["keys": [.object($0.1)]] } + [["keys": []]] }

    func all() throws -> [Case] { try members() + numbers() + sets() }

    private func one(
        _ family: String, _ name: String, _ key: [String: JSONValue], _ changes: [String: JSONValue?],
        _ code: KeySetError.Code
    ) -> Case {
        var changed = key
        for (name, value) in changes { changed[name] = value }
        return Case(family: family, name: name, thing: ["keys": [.object(changed)]], codes: [code])
    }

    private func members() throws -> [Case] {
        var cases: [Case] = []
        for (type, key) in keys {
            for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
                for value: JSONValue in ["AQAB", "", .null, 1, []] {
                    cases.append(one("PrivateMember", "\(type) \(name) \(value)", key, [name: value], .secretKey))
                }
            }
            for name in key.keys.sorted() where name != "kid" {
                cases.append(one("Missing", "\(type) \(name)", key, [name: nil], .malformed))
                for value: JSONValue in [.null, 1, true, [], [:], ["AQAB"]] {
                    cases.append(one("WrongForm", "\(type) \(name) \(value)", key, [name: value], .malformed))
                }
            }
            for value: JSONValue in [
                "", .null, 1, [], "\u{0}", "a\nb", "\u{7F}", .string(String(repeating: "k", count: 257)),
            ] {
                cases.append(one("KeyID", "\(type) \(value)", key, ["kid": value], .keyID))
            }
            cases.append(one("WrongPrimitive", "\(type) as oct", key, ["kty": "oct"], .secretKey))
            for algorithm in SignatureAlgorithm.allCases {
                let fits = algorithm.keyKind.rawValue.hasPrefix(type == "RSA" ? "RSA" : type == "EC" ? "P-" : "Ed")
                let alg = JSONValue.string(algorithm.rawValue)
                if !fits { cases.append(one("Contradiction", "\(type) \(alg)", key, ["alg": alg], .contradiction)) }
                cases.append(
                    one("Contradiction", "\(type) enc, \(alg)", key, ["use": "enc", "alg": alg], .contradiction))
            }
            for operations: JSONValue in [["verify", "verify"], ["verify", "encrypt"], ["sign", "deriveKey"]] {
                cases.append(
                    one("Contradiction", "\(type) \(operations)", key, ["key_ops": operations], .contradiction))
            }
        }
        return cases
    }

    private func numbers() throws -> [Case] {
        var cases: [Case] = []
        for (type, key) in keys {
            for name in ["n", "e", "x", "y"] {
                guard let text = key[name]?.string, let bytes = Base64URL.decode(text) else { continue }
                for (spelling, other) in Spellings.modified(text) {
                    cases.append(
                        one("ModifiedPadding", "\(type) \(name): \(spelling)", key, [name: .string(other)], .encoding))
                }
                let zeroed = JSONValue.string(Base64URL.encode([0] + bytes))
                cases.append(one("LeadingZero", "\(type) \(name)", key, [name: zeroed], .encoding))
                guard type != "RSA" else { continue }
                for other in Spellings.resized(bytes) where other.count != 32 {
                    let value = JSONValue.string(Base64URL.encode(other))
                    cases.append(one("Truncated", "\(type) \(name) \(other.count)", key, [name: value], .encoding))
                }
                guard type == "EC" else { continue }
                for (index, other) in Spellings.flipped(bytes).enumerated() {
                    let value = JSONValue.string(Base64URL.encode(other))
                    cases.append(one("InvalidCurve", "\(name) \(index)", key, [name: value], .notAKey))
                }
            }
        }
        let rsa = keys[0].1
        for bits in [512, 768, 1024, 1536, 2047, 4097, 8192, 16384] {
            let count = (bits + 7) / 8
            let first: UInt8 = bits % 8 == 0 ? 0xC5 : bits % 8 == 1 ? 1 : 0x7F
            let modulus = [first] + [UInt8](repeating: 0x35, count: count - 1)
            // Longer than any number may be written, it is not even decoded.
            let code: KeySetError.Code = bits > 12_288 ? .encoding : .keySize
            cases.append(
                one("KeyLength", "\(bits) bits", rsa, ["n": .string(Base64URL.encode(modulus))], code))
        }
        for exponent: [UInt8] in [
            [1], [2], [3], [5], [17], [1, 1], [0xFF, 0xFF], [1, 0, 0], [1, 0, 2], [1, 0, 0, 0, 1],
        ] {
            cases.append(
                one("Exponent", "\(exponent)", rsa, ["e": .string(Base64URL.encode(exponent))], .exponent))
        }
        return cases
    }

    private func sets() throws -> [Case] {
        var cases: [Case] = []
        func set(_ family: String, _ name: String, _ entries: [JSONValue], _ code: KeySetError.Code) {
            cases.append(Case(family: family, name: name, thing: ["keys": .array(entries)], codes: [code]))
        }
        let all = keys.map { JSONValue.object($0.1) }
        for first in all { for second in all { set("DuplicateKid", "two", [first, second], .duplicateKeyID) } }
        var named = keys.map(\.1)
        for index in named.indices { named[index]["kid"] = .string("\(index)") }
        let good = named.map(JSONValue.object)
        set("MixedKeySet", "a symmetric key among good ones", good + [["kty": "oct", "k": "AAAA"]], .secretKey)
        set(
            "MixedKeySet", "a private key among good ones", good + [["kty": "EC", "crv": "P-384", "d": "AAAA"]],
            .secretKey)
        set("MixedKeySet", "what is no key among good ones", good + [1], .malformed)
        set("MixedKeySet", "a set in a set", good + [["keys": .array(good)]], .malformed)
        set("MixedKeySet", "seventeen", (0..<17).map { ["kty": "x", "kid": .string("\($0)")] }, .tooLarge)
        for json: JSONValue in [[:], [], .null, "", ["keys": .null], ["keys": [:]], ["keys": "x"], ["Keys": []]] {
            cases.append(Case(family: "NoSet", name: json.text, thing: json, codes: [.malformed]))
        }
        return cases
    }
}
