extension FoldedName {
    /// The description of the name written in `text`, by a shorter way for the letters of French: the same as
    /// `FoldedName(text).description`, for the millions of names of an import.
    public static func folded(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var lead: UInt8 = 0
        // The bytes bound what is folded at all, as `longest` does.
        guard text.utf8.count <= longest else { return FoldedName(text).description }
        for byte in text.utf8 {
            switch (lead, byte) {
            case (0, 0x30...0x39), (0, 0x41...0x5A): bytes.append(byte)
            case (0, 0x61...0x7A): bytes.append(byte - 0x20)
            case (0, 0x20...0x7E): if bytes.last != 0x20, !bytes.isEmpty { bytes.append(0x20) }
            case (0, 0xC3): lead = byte
            case (0xC3, _):
                guard let letter = latin(byte) else { return FoldedName(text).description }
                bytes.append(letter)
                lead = 0
            default: return FoldedName(text).description
            }
        }
        if bytes.last == 0x20 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The plain capital of U+00C0 to U+00FF, given the second byte of its UTF-8; `nil` for what has none or two.
    private static func latin(_ byte: UInt8) -> UInt8? {
        let letters = StaticString("AAAAAA?CEEEEIIII?NOOOOO??UUUUY??AAAAAA?CEEEEIIII?NOOOOO??UUUUY?Y")
        let place = Int(byte) - 0x80
        guard (0..<letters.utf8CodeUnitCount).contains(place) else { return nil }
        let letter = unsafe letters.utf8Start[place]
        return letter == 0x3F ? nil : letter
    }
}
