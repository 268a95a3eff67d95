public import Foundation
import Synchronization

/// A PostgreSQL server of a test's own: in a temporary folder, on a free port of the loopback and on a socket. Debian's
/// binaries; as root they run as the user `postgres`, which is what they insist on.
///
/// The databases are French (ICU), so that whoever forgets to compare texts byte by byte notices. Everybody is let in
/// without a password, but for the user `secured`, whose password is `open sesame`.
public final class PostgreSQLServer: Sendable {
    /// What did not work, with what the program said.
    public struct Failure: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// The port on 127.0.0.1.
    public let port: Int
    /// Where everything is: `data`, `log`, and the socket.
    public let folder: URL

    private static let programs = "/usr/lib/postgresql/15/bin/"
    private let databases = Atomic(0)

    /// In memory where there is room: a hundred databases are written and removed in a moment, and the settings, `fsync`
    /// too, are those of a real server.
    private static var place: URL {
        var room = statvfs()
        let memory = "/dev/shm"
        let isRoomy = unsafe statvfs(memory, &room) == 0 && UInt64(room.f_bavail) * UInt64(room.f_frsize) > 4 << 30
        return isRoomy ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
    }

    private init(port: Int, folder: URL) {
        self.port = port
        self.folder = folder
    }

    /// Makes a server and starts it.
    ///
    /// - Parameter settings: lines of `postgresql.conf`.
    public static func start(_ settings: [String: String] = [:]) async throws -> PostgreSQLServer {
        guard FileManager.default.isExecutableFile(atPath: programs + "initdb") else {
            throw Failure(description: "PostgreSQL 15 is not installed: apt install postgresql-15")
        }
        let folder = place.appendingPathComponent("loge-pg-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let server = PostgreSQLServer(port: try Loopback.freePort(), folder: folder)
        do {
            try server.leaveNothingBehind()
            try await server.make(settings)
            try await server.start()
            try await server.sql("CREATE ROLE secured LOGIN PASSWORD 'open sesame'")
        } catch {
            try? await server.stop("immediate")
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
        return server
    }

    /// A fresh database. - Returns: its name.
    public func makeDatabase(_ options: String = "") async throws -> String {
        let name = "loge\(databases.add(1, ordering: .relaxed).newValue)"
        try await sql("CREATE DATABASE \(name) \(options)")
        return name
    }

    /// The URL of a database, by TCP.
    public func url(_ database: String, user: String = "postgres") -> String {
        "postgresql://\(user)@127.0.0.1:\(port)/\(database)?sslmode=disable"
    }

    /// Runs SQL as the superuser. - Returns: the rows, columns separated by `|`.
    @discardableResult
    public func sql(_ text: String, in database: String = "postgres") async throws -> String {
        // The defaults of the test's own environment are none of its business.
        try await run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder.path, "-p", "\(port)", "-U",
            "postgres", "-d", database, "-c", text)
    }

    /// Starts the server again.
    public func start() async throws {
        try await run("pg_ctl", "start", "-w", "-D", data, "-l", folder.path + "/log/server")
    }

    /// Stops the server; clients lose their connections, transactions that run are undone.
    ///
    /// - Parameter mode: `fast`, or `immediate`: as if the machine had lost its power.
    public func stop(_ mode: String = "fast") async throws {
        try await run("pg_ctl", "stop", "-w", "-D", data, "-m", mode)
    }

    /// Stops the server and removes everything.
    public func remove() async {
        thaw()
        try? await stop("immediate")
        try? FileManager.default.removeItem(at: folder)
    }

    /// Lets no process of the server run any more: connections stay, nothing is answered.
    public func freeze() { signal(SIGSTOP) }

    /// Ends every process of the server at once, as if the machine had lost its power; what the system holds in its own
    /// memory is kept.
    public func kill() async throws {
        let processes = signal(SIGKILL)
        // What a process of it still holds keeps the next server from starting.
        for _ in 0..<500 where processes.contains(where: { Foundation.kill($0, 0) == 0 }) {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Lets the server go on.
    public func thaw() { signal(SIGCONT) }

    /// The folder of the server's files.
    private var data: String { folder.path + "/data" }

    private func make(_ settings: [String: String]) async throws {
        for name in ["data", "log"] {
            let path = folder.path + "/" + name
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        if getuid() == 0 { _ = try await Self.execute(["chown", "-R", "postgres:postgres", folder.path], as: nil) }
        try await run(
            "initdb", "--no-sync", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
            "--locale-provider=icu", "--icu-locale=fr-FR")
        var lines = [
            "listen_addresses": "127.0.0.1", "port": "\(port)", "unix_socket_directories": folder.path,
            "shared_buffers": "32MB", "deadlock_timeout": "200ms", "max_connections": "400",
            // Files of the folder, not of the machine: they are removed with it.
            "dynamic_shared_memory_type": "mmap",
        ]
        lines.merge(settings) { $1 }
        let text = lines.map { "\($0.key) = '\($0.value)'\n" }.joined()
        try await write(text, to: "data/postgresql.conf")
        try await write(
            "host all secured 127.0.0.1/32 scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n",
            to: "data/pg_hba.conf")
    }

    /// Has the server removed when this process is killed, tests and all; from a session of its own, so that it is not killed
    /// with them.
    private func leaveNothingBehind() throws {
        let script = """
            while kill -0 \(getpid()) && test -d "$1"; do sleep 1; done
            test -d "$1" || exit 0
            test -f "$1/data/postmaster.pid" && kill -CONT "$(head -n 1 "$1/data/postmaster.pid")"
            \(Self.prefix("postgres").joined(separator: " ")) \(Self.programs)pg_ctl stop -m immediate -D "$1/data"
            rm -rf "$1"
            """
        _ = try ChildProcess.start(
            ["setsid", "sh", "-c", script, "sh", folder.path], environment: Self.environment, output: "/dev/null")
    }

    /// The file keeps its owner.
    private func write(_ text: String, to name: String) async throws {
        let handle = try FileHandle(forWritingTo: folder.appendingPathComponent(name))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Runs a program of PostgreSQL.
    @discardableResult
    private func run(_ program: String, _ arguments: String...) async throws -> String {
        try await Self.execute([Self.programs + program] + arguments, as: "postgres")
    }

    private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

    /// How to run a program as another user, which only root has to.
    private static func prefix(_ user: String) -> [String] {
        getuid() == 0 ? ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] : []
    }

    private static func execute(_ command: [String], as user: String?) async throws -> String {
        // From a folder that the other user may enter.
        let arguments = ["env", "-C", "/"] + (user.map(prefix) ?? []) + command
        return try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try Self.wait(arguments) }) }.start()
        }
    }

    /// Output goes to a file: a server that was started inherits it, and a pipe would never end.
    private static func wait(_ arguments: [String]) throws -> String {
        let output = FileManager.default.temporaryDirectory.path + "/loge-pg-\(UUID().uuidString).out"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let status = try ChildProcess.run(
            arguments, environment: environment, output: output)
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard status == 0 else { throw Failure(description: "\(arguments.joined(separator: " ")): \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Signals the postmaster and every process that it started. - Returns: whom.
    @discardableResult
    private func signal(_ number: Int32) -> [Int32] {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8),
            let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) })
        else { return [] }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = processes.compactMap { Int32($0) }.filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                // The second field is the program's name in parentheses, and may hold anything.
                let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 1
            else { return false }
            return Int32(fields[1]) == postmaster
        }
        // Found first, the children of a process that has ended are nobody's.
        for process in [postmaster] + children { Foundation.kill(process, number) }
        return [postmaster] + children
    }
}
