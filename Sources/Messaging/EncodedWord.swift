internal import Foundation

/// Text in header fields beyond ASCII: the encoded words of RFC 2047, always UTF-8 and base64.
enum EncodedWord {
    /// `text` as it may stand in an unstructured field such as `Subject`, folded after at most 76 columns (§2).
    ///
    /// - Parameter column: how many columns of the first line are taken by the field's name.
    static func unstructured(_ text: String, after column: Int) -> String {
        // Text that looks like an encoded word must be one, else the reader decodes what we never encoded.
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        let hasSafeBlanks = !text.hasPrefix(" ") && !text.hasSuffix(" ")
        if isPlain, hasSafeBlanks, column + text.utf8.count <= 76 { return text }
        return words(text, after: column).joined(separator: "\r\n ")
    }

    /// `text` as it may stand in a phrase, such as the name before an address.
    static func phrase(_ text: String, after column: Int) -> String {
        let isAtoms = text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 0x20 || $0 == 0x2D }
        let hasSafeBlanks = !text.hasPrefix(" ") && !text.hasSuffix(" ")
        if isAtoms, hasSafeBlanks, column + text.utf8.count <= 60 { return text }
        return words(text, after: column).joined(separator: "\r\n ")
    }

    /// Encoded words of at most 75 columns each (§2), none of which cuts a character (§5).
    private static func words(_ text: String, after column: Int) -> [String] {
        let frame = "=?utf-8?B??=".utf8.count
        var words: [String] = []
        var chunk: [UInt8] = []
        func close() {
            words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
            chunk = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            let columns = frame + (chunk.count + bytes.count + 2) / 3 * 4
            let room = words.isEmpty ? 76 - column : 75
            if columns > room, !chunk.isEmpty { close() }
            chunk += bytes
        }
        close()
        return words
    }
}

/// The quoted-printable encoding of RFC 2045 §6.7.
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// `text` with CRLF line ends, lines of at most 76 columns and one line end at its end.
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        for line in lines(of: text) {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                // Rule 3: a blank may not end a line. A leading dot or `From ` is no trouble of ours: SMTP stuffs dots.
                let isLiteral =
                    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
                    || ((byte == 0x20 || byte == 0x09) && !isLast)
                let width = isLiteral ? 1 : 3
                // Rule 5: 76 columns, the `=` of a soft line break included.
                if column + width > (isLast ? 76 : 75) {
                    encoded += Array("=\r\n".utf8)
                    column = 0
                }
                if isLiteral {
                    encoded.append(byte)
                } else {
                    encoded += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
                column += width
            }
            encoded += [0x0D, 0x0A]
        }
        return encoded
    }

    /// The lines of `text`, whose ends may be CRLF, LF or CR; a line end at the end begins no further line.
    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0A where previous == 0x0D: break
            case 0x0A, 0x0D: lines.append([])
            default: lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
