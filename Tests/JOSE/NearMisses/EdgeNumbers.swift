/// Signatures whose numbers lie at the edges of their groups and fields.
enum EdgeNumbers {
    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// `number` and `other`, big-endian and of one length, added; `nil` when the sum is longer.
    private static func sum(_ number: [UInt8], _ other: [UInt8]) -> [UInt8]? {
        var (result, carry) = (number, 0)
        for index in number.indices.reversed() {
            let total = Int(number[index]) + Int(other[index]) + carry
            (result[index], carry) = (UInt8(total & 255), total >> 8)
        }
        return carry == 0 ? result : nil
    }

    /// `number` without `other`, which is not greater.
    private static func difference(_ number: [UInt8], _ other: [UInt8]) -> [UInt8] {
        var (result, borrow) = (number, 0)
        for index in number.indices.reversed() {
            let total = Int(number[index]) - Int(other[index]) - borrow
            (result[index], borrow) = (UInt8(total & 255), total < 0 ? 1 : 0)
        }
        return result
    }

    private static func small(_ value: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: count - 1) + [value]
    }

    /// Pairs of r and s, each of them an edge, but for the good pair and (r, n - s), which holds wherever (r, s) does.
    static func p256(_ signature: [UInt8]) -> [(String, [UInt8])] {
        let order = bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        let prime = bytes("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
        let (r, s, one) = (Array(signature[..<32]), Array(signature[32...]), small(1, 32))
        var edges = [
            ("0", small(0, 32)), ("1", one), ("2", small(2, 32)), ("n - 1", difference(order, one)), ("n", order),
            ("p", prime), ("p - 1", difference(prime, one)), ("p - n", difference(prime, order)),
            ("2^256 - 1", [UInt8](repeating: 255, count: 32)), ("2^255", [128] + small(0, 31)), ("r", r), ("s", s),
            ("n - r", difference(order, r)), ("n - s", difference(order, s)),
        ]
        for (name, number) in [("n + 1", one), ("n + r", r), ("n + s", s)] {
            if let sum = sum(order, number) { edges.append((name, sum)) }
        }
        return edges.flatMap { first in
            edges.filter { second in first.0 != "r" || (second.0 != "s" && second.0 != "n - s") }
                .map { ("r = \(first.0), s = \($0.0)", first.1 + $0.1) }
        }
    }

    /// R of small order or in another spelling, S beyond the order.
    static func ed25519(_ signature: [UInt8]) -> [(String, [UInt8])] {
        // Little-endian.
        let order = bytes("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed")
        let (r, s) = (Array(signature[..<32]), Array(signature[32...]))
        // RFC 7748 and RFC 8032: the points of order 1, 2, 4 and 8, and the spellings with y of p and beyond.
        let points = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ].map(bytes)
        var values: [(String, [UInt8])] = [
            ("0", small(0, 32)), ("1", Array(small(1, 32).reversed())), ("L", Array(order.reversed())),
            ("L - 1", Array(difference(order, small(1, 32)).reversed())),
            ("all ones", [UInt8](repeating: 255, count: 32)),
        ]
        // S and a multiple of L: the equation holds, and RFC 8032 §5.1.7 refuses it all the same.
        var next: [UInt8]? = sum(Array(s.reversed()), order)
        var times = 1
        while let present = next {
            values.append(("S + \(times) L", Array(present.reversed())))
            next = sum(present, order)
            times += 1
        }
        for bit in [0x20, 0x40, 0x80] as [UInt8] {
            values.append(("S with bit \(bit)", s.dropLast() + [s[31] ^ bit]))
        }
        var cases = values.map { ("R good, S = \($0.0)", r + $0.1) }
        for (index, point) in points.enumerated() {
            cases += ([("good", s)] + values.prefix(5)).map { ("R = point \(index), S \($0.0)", point + $0.1) }
        }
        cases += [("R of another sign", r.dropLast() + [r[31] ^ 0x80] + s), ("S, R", s + r), ("R, R", r + r)]
        return cases
    }

    /// Numbers that need no key to be raised to a power, and the good one on the wrong side of the modulus.
    static func rsa(_ signature: [UInt8], _ modulus: [UInt8]) -> [(String, [UInt8])] {
        let count = modulus.count
        let one = small(1, count)
        var cases = [
            ("0", small(0, count)), ("1", one), ("2", small(2, count)), ("n", modulus),
            ("n - 1", difference(modulus, one)), ("n - 2", difference(modulus, small(2, count))),
            ("n - s", difference(modulus, signature)), ("all ones", [UInt8](repeating: 255, count: count)),
            ("half", [128] + small(0, count - 1)), ("s reversed", Array(signature.reversed())),
        ]
        for (name, number) in [("n + 1", one), ("n + s", signature)] {
            if let sum = sum(modulus, number) { cases.append((name, sum)) }
        }
        // The message that every RS256 signature is raised to, as if the exponent were 1 (RFC 8017 §9.2).
        let prefix = bytes("003031300d060960864801650304020105000420")
        let padding = [0, 1] + [UInt8](repeating: 255, count: count - 2 - prefix.count - 32)
        cases.append(("the encoded hash itself", padding + prefix + [UInt8](repeating: 7, count: 32)))
        return cases
    }
}
