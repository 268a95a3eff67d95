internal import CPostgreSQL
internal import Stores

/// Where a connection goes or was to go, for the sentences that tell an operator what to do.
struct ConnectionTarget {
    let host: String
    let port: String
    let database: String
    let user: String
    /// Whether a password was asked for and nobody had one.
    let lacksPassword: Bool
    let sslmode: String
    /// `TLSv1.3` and the like; `nil` without TLS.
    let tls: String?

    init(_ handle: OpaquePointer) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String {
            guard let pointer = unsafe pointer else { return "" }
            return unsafe String(cString: pointer)
        }
        host = unsafe text(PQhost(handle))
        port = unsafe text(PQport(handle))
        database = unsafe text(PQdb(handle))
        user = unsafe text(PQuser(handle))
        lacksPassword = unsafe PQconnectionNeedsPassword(handle) == 1
        let encrypted = unsafe PQsslInUse(handle) == 1
        tls = encrypted ? unsafe text(PQsslAttribute(handle, "protocol")) : nil
        let options = unsafe PQconninfo(handle).map { unsafe ConnectionOptions(takingOwnership: $0) }
        sslmode = options?.value("sslmode") ?? ""
    }

    /// The server.
    var server: String { "PostgreSQL at \(host.isEmpty ? "?" : host):\(port.isEmpty ? "?" : port)" }
}

extension Failure {
    /// What prevented a connection, in words that tell what to do about it.
    func described(by target: ConnectionTarget) -> Failure {
        let message = error.reason
        let state = Self.code(in: message).map { (code: $0, state: SQLSTATE($0)) }
        if kind == .silent { return .silent("\(target.server) does not answer.") }
        if case .refused = kind {
            return Failure(kind: kind, error: StoreError(error.code, "\(target.server): \(message)."))
        }
        let sentence: String
        switch state?.state {
        case .authorization:
            sentence =
                "\(target.server) does not let the user \(target.user) in (\(state?.code ?? "")): check the user name, "
                + "the password and the server's pg_hba.conf."
        case .noDatabase:
            sentence =
                "\(target.server) has no database \(target.database): CREATE DATABASE \(target.database) OWNER "
                + "\(target.user) ENCODING 'UTF8'."
        case .tooManyConnections:
            sentence =
                "\(target.server) has no connection left: raise its max_connections, or open fewer from each node."
        case .insufficientPrivilege:
            sentence =
                "\(target.server) does not let the user \(target.user) use the database \(target.database): "
                + "GRANT CONNECT ON DATABASE."
        case .shutdown: sentence = "\(target.server) is starting or stopping."
        case .some: sentence = "\(target.server) refuses the connection (\(state?.code ?? ""))."
        case nil where target.lacksPassword:
            sentence = "\(target.server) asks the user \(target.user) for a password, and none was given."
        case nil: sentence = "\(target.server) cannot be reached: \(Self.oneLine(message))"
        }
        return Failure(kind: kind, error: StoreError(.unavailable, sentence))
    }

    /// The code with which a server ended the message that libpq was told to keep to the code, as in `FATAL:  28P01`.
    private static func code(in message: String) -> String? {
        guard let last = message.split(whereSeparator: \.isWhitespace).last, last.utf8.count == 5,
            last.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }),
            message.contains(":  \(last)")
        else { return nil }
        return String(last)
    }

    private static func oneLine(_ message: String) -> String {
        String(message.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(400))
    }
}
