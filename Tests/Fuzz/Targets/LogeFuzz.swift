import CFuzzer
import Synchronization

/// `loge-fuzz TARGET [OPTION OF LIBFUZZER…] [FOLDER OR FILE…]`: runs one target; `loge-fuzz --list` names them all.
/// `scripts/fuzz` builds and runs it.
@main
enum LogeFuzz {
    private static let targets =
        TokenTargets.all + ProofTarget.all + ValueTargets.all + SealedTargets.all + EndpointTargets.all
        + FileTargets.all + ONDETarget.all
    private static let chosen = Mutex<FuzzTarget.Run?>(nil)

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        if words.first == "--list" {
            for target in targets { print("\(target.name)\t\(target.subject)") }
            return
        }
        guard let target = targets.first(where: { $0.name == words.first }) else {
            fatalError("usage: loge-fuzz TARGET [OPTION…] [FOLDER OR FILE…]; loge-fuzz --list")
        }
        let run = target.prepare()
        chosen.withLock { $0 = run }
        // libFuzzer reads no options before the first word that is none, and takes that for the program's name.
        var count = CommandLine.argc - 1
        var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv + 1
        _ = unsafe LLVMFuzzerRunDriver(&count, &rest) { data, size in
            LogeFuzz.execute(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
            return 0
        }
    }

    private static func execute(_ input: [UInt8]) {
        let run = chosen.withLock { $0 }
        run?(input)
    }
}
