import Foundation
import PupilBase
import Stores
import Synchronization

/// Follows an import: tells how far it is, and what counts when it ends early.
///
/// On a terminal one line is written over and over; elsewhere a line each tenth of large files, and nothing of small ones.
final class ImportWatch: Sendable {
    private struct State {
        var applied: [Int64] = []
        var isWriting = false
        var said = ""
        var tenth: Int64 = -1
        var isLarge = false
    }

    /// Files of fewer bytes are read before anybody wonders.
    private static let large: Int64 = 20_000_000

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    /// The next exports begin.
    func begin() {
        state.withLock { state in
            state.isWriting = false
            state.tenth = -1
        }
    }

    /// They were applied.
    func applied(_ number: Int64?) {
        state.withLock { state in
            if let number { state.applied.append(number) }
            state.isWriting = false
        }
    }

    /// How far it is.
    func report(_ progress: ImportProgress) {
        state.withLock { state in
            let line: String
            var isNews = true
            switch progress {
            case .reading(let bytes, let all, let entries):
                state.isLarge = all >= Self.large
                let percent = all > 0 ? min(100, bytes * 100 / all) : 100
                line = "reading: \(percent) %, \(entries) entries"
                isNews = percent / 10 != state.tenth
                state.tenth = percent / 10
            case .comparing: line = "comparing with the base"
            case .writing:
                state.isWriting = true
                line = "writing the differences"
            case .joining: line = "comparing people of several registers"
            }
            if isTerminal {
                if line != state.said { Console.rewrite(line) }
                state.said = line
            } else if state.isLarge && isNews {
                Console.warn(line)
            }
        }
    }

    /// Takes the line of a terminal away.
    func finish() { if isTerminal { Console.rewrite("") } }

    /// What to say when a signal ends the import.
    var stopped: String {
        finish()
        return state.withLock { state in
            state.isWriting
                ? "stopped while it was being written: it counts whole or not at all, `loge base status` lists it if it does"
                : "stopped: " + Self.outcome(state.applied)
        }
    }

    /// A failure that says what counts.
    func failure(_ sentence: String, _ error: StoreError? = nil) -> Failure {
        finish()
        return state.withLock { state in
            // Nobody can tell whether a commit whose answer is lost was carried out.
            if state.isWriting, error?.code == .unavailable {
                return Failure("\(sentence); it counts whole or not at all, `loge base status` lists it if it does")
            }
            let saysSo = sentence.contains("nothing was changed") && state.applied.isEmpty
            let end = sentence.hasSuffix(".") ? "" : "."
            return Failure(saysSo ? sentence : "\(sentence)\(end) \(Self.outcome(state.applied).capitalizedFirst).")
        }
    }

    private static func outcome(_ applied: [Int64]) -> String {
        guard !applied.isEmpty else { return "nothing was changed" }
        let numbers = applied.map(String.init).joined(separator: ", ")
        return "nothing of this export was changed; before it import \(numbers) was applied"
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
