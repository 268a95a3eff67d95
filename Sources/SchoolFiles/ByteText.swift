/// A piece of text in UTF-8 where the parser has it: a `String` is made only of what is kept.
@safe struct ByteText {
    private let bytes: UnsafeBufferPointer<UInt8>

    /// The text of these bytes, which somebody else holds; none is the empty text.
    init(_ bytes: UnsafeBufferPointer<UInt8>?) {
        unsafe self.bytes = unsafe bytes ?? UnsafeBufferPointer(start: nil, count: 0)
    }

    var count: Int { unsafe bytes.count }
    var isEmpty: Bool { unsafe bytes.isEmpty }
    var string: String { unsafe String(decoding: bytes, as: UTF8.self) }

    subscript(place: Int) -> UInt8 { unsafe bytes[place] }

    /// Without blanks, tabs and ends of lines around.
    var trimmed: ByteText {
        var begin = 0
        var end = count
        while begin < end, Self.isBlank(self[begin]) { begin += 1 }
        while end > begin, Self.isBlank(self[end - 1]) { end -= 1 }
        return self[begin, end]
    }

    /// The part from `begin` to before `end`.
    subscript(begin: Int, end: Int) -> ByteText {
        unsafe ByteText(UnsafeBufferPointer(rebasing: bytes[begin..<end]))
    }

    /// What stands between the `$` of the AAF: at most `limit` parts, the last of which holds the rest.
    func parts(limit: Int = 16) -> [ByteText] {
        var parts: [ByteText] = []
        parts.reserveCapacity(8)
        var begin = 0
        for place in 0..<count where self[place] == 0x24 && parts.count < limit - 1 {
            parts.append(self[begin, place].trimmed)
            begin = place + 1
        }
        parts.append(self[begin, count].trimmed)
        return parts
    }

    /// Whether a UTF-8 text was taken for ISO-8859: an `Ã` and behind it what its second byte stands for (a control
    /// character, a sign, or one of the letters that ISO-8859-15 has there): no name of any language has these.
    var isMojibake: Bool {
        for place in 0..<Swift.max(count - 3, 0) where self[place] == 0xC3 && self[place + 1] == 0x83 {
            let next = (self[place + 2], self[place + 3])
            switch next {
            case (0xC2, 0x80...0xBF): return true
            // € Š š Ž ž Œ œ Ÿ, which ISO-8859-15 has in the place of signs.
            case (0xE2, 0x82), (0xC5, 0x92), (0xC5, 0x93), (0xC5, 0xA0), (0xC5, 0xA1), (0xC5, 0xB8), (0xC5, 0xBD),
                (0xC5, 0xBE):
                return true
            default: continue
            }
        }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// Finds a text among few words.
struct ByteWords: Sendable {
    private static let slots = 256
    /// The bytes of all words, one after another, and where each begins; one more place tells where the last ends.
    private let bytes: [UInt8]
    private let begins: [Int]
    /// For each hash the place, from 1, of a word that has it or, because that one was taken, a hash before it; 0 ends.
    private let table: [UInt8]

    init(_ names: [String]) {
        precondition(names.count < Self.slots / 2)
        var bytes: [UInt8] = []
        var begins = [0]
        var table = [UInt8](repeating: 0, count: Self.slots)
        for (place, name) in names.enumerated() {
            let word = Array(name.utf8)
            var slot = Self.hash(word.count, word[0], word[word.count / 2], word[word.count - 1])
            while table[slot] != 0 { slot = (slot + 1) % Self.slots }
            table[slot] = UInt8(place + 1)
            bytes += word
            begins.append(bytes.count)
        }
        self.bytes = bytes
        self.begins = begins
        self.table = table
    }

    /// The place of the text among the words, from 1; 0 when it is none of them.
    func place(of text: ByteText) -> Int {
        guard !text.isEmpty else { return 0 }
        var slot = Self.hash(text.count, text[0], text[text.count / 2], text[text.count - 1])
        while table[slot] != 0 {
            let place = Int(table[slot])
            if isWord(place - 1, text) { return place }
            slot = (slot + 1) % Self.slots
        }
        return 0
    }

    private func isWord(_ word: Int, _ text: ByteText) -> Bool {
        let begin = begins[word]
        guard begins[word + 1] - begin == text.count else { return false }
        for place in 0..<text.count where bytes[begin + place] != text[place] { return false }
        return true
    }

    private static func hash(_ count: Int, _ first: UInt8, _ middle: UInt8, _ last: UInt8) -> Int {
        (count &* 31 &+ Int(first) &* 7 &+ Int(middle) &* 13 &+ Int(last)) & (slots - 1)
    }
}
