import Clocks
import Foundation
import InboxRole
import Logging
import Messaging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

/// The instant at which the tests begin.
let start = Instant(secondsSinceEpoch: 1_788_244_200)

/// A logger that keeps nothing.
let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A mail to `recipient`.
func mail(
    _ subject: String = "Bonjour", _ body: String = "Texte", to recipient: String = "a@b.fr", id: String = "1"
) throws -> Mail {
    Mail(id: id, recipient: try #require(Mailbox(recipient)), subject: subject, body: body)
}

/// A gateway to the loopback.
func gateway(
    port: Int, security: SMTPSecurity = .none, timeout: Duration = .seconds(20), connections: Int = 2,
    fromName: String? = "Portail de l'été"
) throws -> SMTPMailGateway {
    let settings = SMTPSettings(
        host: "127.0.0.1", port: port, security: security, from: try #require(Mailbox("portail@ent.example")),
        fromName: fromName, timeout: timeout, connections: connections)
    return SMTPMailGateway(settings: settings, clock: ManualClock(start))
}

/// Lends a demo mailbox that listens on a free port, or on `port`.
func withInbox<Value: Sendable>(
    port: Int = 0, folder: String? = nil,
    _ body: @escaping @Sendable (Int, MessageShelf) async throws -> Value
) async throws -> Value {
    let shelf = try MessageShelf(folder: folder, clock: ManualClock(start))
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let receiver = SMTPReceiver(port: port, shelf: shelf, logger: quiet) { announce.yield($0) }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await receiver.run()
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(port, shelf) }
            return nil
        }
        defer { group.cancelAll() }
        for try await value in group {
            if let value { return value }
        }
        throw CancellationError()
    }
}

/// Lends a server that answers each line by `reply`; `nil` says nothing. Everything after `DATA` is one line for it.
func withScriptedServer<Value: Sendable>(
    greeting: String?, _ reply: @escaping @Sendable (String) -> String?,
    _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> Value {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    let port = try #require(server.channel.localAddress?.port)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await server.executeThenClose { clients in
                for try await client in clients {
                    try? await client.executeThenClose { inbound, outbound in
                        if let greeting { try await outbound.write(ByteBuffer(string: greeting + "\r\n")) }
                        for try await bytes in inbound {
                            let line = String(buffer: bytes).replacing("\r\n", with: "")
                            if let reply = reply(line) {
                                try await outbound.write(ByteBuffer(string: reply + "\r\n"))
                            }
                        }
                    }
                }
            }
            return nil
        }
        group.addTask { try await body(port) }
        defer { group.cancelAll() }
        for try await value in group {
            if let value { return value }
        }
        throw CancellationError()
    }
}

/// A port on which nobody listens at the moment.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    try await channel.close()
    return port
}
