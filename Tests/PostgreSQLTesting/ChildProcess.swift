import Foundation

/// A program that is run to its end. Foundation's `Process` takes a program for running as long as anybody whom it started
/// holds what it inherited; a server does that for ever.
enum ChildProcess {
    /// Runs a program and waits. - Returns: its status, 0 when all went well.
    ///
    /// - Parameter output: the file that gets what it prints.
    static func run(_ arguments: [String], environment: [String], output: String) throws -> Int32 {
        let child = try start(arguments, environment: environment, output: output)
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        return status
    }

    /// Starts a program. - Returns: its process.
    static func start(_ arguments: [String], environment: [String], output: String) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe argv.forEach { unsafe free($0) }
            unsafe envp.forEach { unsafe free($0) }
        }
        var child: pid_t = 0
        let result = unsafe posix_spawnp(&child, arguments[0], &actions, nil, &argv, &envp)
        guard result == 0 else {
            throw PostgreSQLServer.Failure(description: "\(arguments[0]) cannot be started: errno \(result)")
        }
        return child
    }
}
