/// Something that reads what strangers send, given whatever libFuzzer thinks of.
struct FuzzTarget: Sendable {
    /// One execution. It ends the process when a rule is broken.
    typealias Run = @Sendable ([UInt8]) -> Void

    /// Its name on the command line, and that of its corpus.
    let name: String
    /// What it looks at.
    let subject: String
    /// Makes what all executions share: keys, a portal.
    let prepare: @Sendable () -> Run
}

/// Ends the process when a rule does not hold: libFuzzer keeps the input as a crash.
func hold(_ holds: Bool, _ rule: @autoclosure () -> String) {
    if !holds { fatalError("RULE BROKEN: " + rule()) }
}

/// A value, or the end of the process: for what is prepared before the first execution.
func prepared<Value>(_ make: () throws -> Value) -> Value {
    do {
        return try make()
    } catch {
        fatalError("not prepared: \(error)")
    }
}

/// Changes to a text that is good as it stands, written by the fuzzer: pairs of bytes of which the first says where, counted
/// from the place before (0: far on, 255: the last letter), and the second which letter to put there.
struct Edits {
    private let steps: [(skip: Int, letter: UInt8)]

    init(_ bytes: ArraySlice<UInt8>) {
        steps = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { (Int(bytes[$0]), bytes[$0 + 1]) }
    }

    /// The text with the letters put in.
    func applied(to text: String) -> String {
        var bytes = Array(text.utf8)
        var place = 0
        for step in steps where !bytes.isEmpty {
            switch step.skip {
            case 0: place += 256
            case 255: place = bytes.count
            default: place += step.skip
            }
            bytes[(place - 1) % bytes.count] = step.letter
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// Whether the two are the same letter for letter; `==` finds canonically equal texts equal.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
