public import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization

/// The mail server of the demo: takes every mail on the loopback and puts it on the shelf. It relays nothing, knows no
/// STARTTLS and no accounts, and is reachable from this machine alone.
public struct SMTPReceiver: Service {
    private let port: Int
    private let shelf: MessageShelf
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// The most connections at once; further ones are told to come back.
    private static let connectionLimit = 64
    /// A client that says nothing for so long is sent away.
    private static let patience = TimeAmount.seconds(60)

    /// A receiver.
    ///
    /// - Parameters:
    ///   - port: where it listens on 127.0.0.1; 0 takes a free one.
    ///   - shelf: where the mails go.
    ///   - logger: gets one line per mail, without addresses.
    ///   - onListening: told the port once clients can connect.
    public init(
        port: Int, shelf: MessageShelf, logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.port = port
        self.shelf = shelf
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the process shuts down.
    ///
    /// - Throws: when the port is taken.
    public func run() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: Self.patience))
                    try pipeline.addHandler(CloseWhenIdle())
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        onListening(server.channel.localAddress?.port ?? port)
        let connections = Connections()
        do {
            try await cancelWhenGracefulShutdown {
                try await server.executeThenClose { try await accept($0, connections) }
            }
        } catch is CancellationError {
            // The way in which a service that waits for clients is told to stop: no failure.
        }
    }

    private func accept(
        _ clients: NIOAsyncChannelInboundStream<NIOAsyncChannel<ByteBuffer, ByteBuffer>>, _ connections: Connections
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await client in clients {
                let isCrowded = connections.count.add(1, ordering: .relaxed).newValue > Self.connectionLimit
                group.addTask {
                    await serve(client, isCrowded: isCrowded)
                    connections.count.subtract(1, ordering: .relaxed)
                }
            }
        }
    }

    private final class Connections: Sendable {
        let count = Atomic(0)
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>, isCrowded: Bool) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                if isCrowded {
                    try await outbound.write(ByteBuffer(string: "421 4.3.2 too many connections, come back\r\n"))
                    return
                }
                var conversation = SMTPConversation()
                guard try await perform([conversation.greeting], outbound) else { return }
                for try await bytes in inbound {
                    let actions = conversation.receive(bytes.readableBytesView)
                    guard try await perform(actions, outbound) else { return }
                }
            }
        } catch {
            logger.debug("an SMTP client went away", metadata: ["error": "\(error)"])
        }
    }

    /// Does what the conversation wants. - Returns: whether it goes on.
    private func perform(
        _ actions: [SMTPConversation.Action], _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        for action in actions {
            switch action {
            case .reply(let line): try await outbound.write(ByteBuffer(string: line + "\r\n"))
            case .keep(let envelope):
                try await outbound.write(ByteBuffer(string: await keep(envelope) + "\r\n"))
            case .close: return false
            }
        }
        return true
    }

    private func keep(_ envelope: SMTPEnvelope) async -> String {
        do {
            // Files block: not on the threads that everybody shares.
            let id = try await NIOThreadPool.singleton.runIfActive { [shelf] in try shelf.keep(envelope).id }
            logger.info("a mail arrived", metadata: ["message_id": "\(id)", "bytes": "\(envelope.message.count)"])
            return "250 2.0.0 kept as number \(id)"
        } catch {
            logger.error("a mail cannot be kept", metadata: ["error": "\(error)"])
            return "452 4.3.1 no room to keep it"
        }
    }
}

/// Closes a connection on which nothing happens.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }
}
