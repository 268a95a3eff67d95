import Foundation
import Synchronization

/// Writes rows as the spreadsheets of schools open them: UTF-8 with its mark, `;` between cells, CRLF behind rows.
///
/// No cell is a formula: what begins like one gets an apostrophe in front, which a spreadsheet takes for "this is text".
/// The file is its owner's only; on standard output, nothing is kept.
final class SpreadsheetFile: Sendable {
    private struct State {
        var buffer: [UInt8] = Array("\u{FEFF}".utf8)
        var isOpen = true
    }

    private static let piece = 1 << 16

    private let path: String?
    private let handle: FileHandle
    private let state = Mutex(State())

    /// A new file at `path`, or standard output.
    init(_ path: String?) throws {
        self.path = path
        handle = try path.map { try DurableFile.make($0) } ?? .standardOutput
    }

    /// One row.
    func write(_ cells: [String]) throws {
        let line = cells.map(Self.cell).joined(separator: ";") + "\r\n"
        try state.withLock { state in
            state.buffer += Array(line.utf8)
            if state.buffer.count >= Self.piece { try flush(&state) }
        }
    }

    /// The rows are complete, and on the disk.
    func finish() throws {
        try state.withLock { state in
            try flush(&state)
            state.isOpen = false
        }
        guard let path else { return }
        do { try DurableFile.finish(handle) } catch { throw DurableFile.notWritten(path) }
    }

    /// Takes a file away that could not be completed.
    func abandon() {
        guard let path, state.withLock({ $0.isOpen }) else { return }
        try? handle.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    private func flush(_ state: inout State) throws {
        do {
            try handle.write(contentsOf: Data(state.buffer))
        } catch {
            throw path.map(DurableFile.notWritten) ?? Failure("standard output cannot be written")
        }
        state.buffer = []
    }

    private static func cell(_ text: String) -> String {
        var clean = text.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        if let first = clean.first(where: { !$0.isWhitespace }), "=+-@＝＋－＠'".contains(first) { clean = "'" + clean }
        return "\"" + clean.replacing("\"", with: "\"\"") + "\""
    }
}
