import Foundation

/// A plain HTTP/1.1 connection on blocking sockets, kept open: as little work as a client can do, so that what is measured
/// is the server.
@safe final class HTTPConnection {
    struct Answer {
        let status: Int
        let head: String
        let body: [UInt8]

        /// The value of a header, its name in lower case.
        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { continue }
                return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
            return nil
        }
    }

    struct Failed: Error {}

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed() }
        var one: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw Failed()
        }
    }

    deinit { close(descriptor) }

    func get(_ path: String, cookie: String? = nil, authorization: String? = nil) throws -> Answer {
        var head = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if let cookie { head += "Cookie: \(cookie)\r\n" }
        if let authorization { head += "Authorization: \(authorization)\r\n" }
        return try exchange(Array((head + "\r\n").utf8))
    }

    func post(_ path: String, form: String, cookie: String? = nil, authorization: String? = nil) throws -> Answer {
        var head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        if let cookie { head += "Cookie: \(cookie)\r\n" }
        if let authorization { head += "Authorization: \(authorization)\r\n" }
        head += "Content-Length: \(form.utf8.count)\r\n\r\n"
        return try exchange(Array((head + form).utf8))
    }

    private func exchange(_ request: [UInt8]) throws -> Answer {
        var sent = 0
        while sent < request.count {
            let count = unsafe request.withUnsafeBytes { bytes in
                unsafe send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, request.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed() }
            sent += count
        }
        return try answer()
    }

    private func answer() throws -> Answer {
        var end: Int?
        var searched = 0
        while end == nil {
            end = headEnd(from: max(0, searched - 3))
            searched = buffer.count
            if end == nil { try fill() }
        }
        guard let end else { throw Failed() }
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        guard let status = Int(head.dropFirst(9).prefix(3)) else { throw Failed() }
        let length = contentLength(head)
        while buffer.count < end + 4 + length { try fill() }
        let body = Array(buffer[(end + 4)..<(end + 4 + length)])
        buffer.removeFirst(end + 4 + length)
        return Answer(status: status, head: head, body: body)
    }

    private func headEnd(from start: Int) -> Int? {
        var index = start
        while index + 3 < buffer.count {
            if buffer[index] == 13, buffer[index + 1] == 10, buffer[index + 2] == 13, buffer[index + 3] == 10 {
                return index
            }
            index += 1
        }
        return nil
    }

    private func contentLength(_ head: String) -> Int {
        for line in head.split(separator: "\r\n") where line.count > 15 {
            if line.prefix(15).lowercased() == "content-length:" {
                return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
            }
        }
        return 0
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 16384)
        let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw Failed() }
        buffer.append(contentsOf: chunk[..<count])
    }
}
