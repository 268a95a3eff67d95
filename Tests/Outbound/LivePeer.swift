import NIOCore
import NIOPosix
import Synchronization

/// A peer on a loopback port that answers every connection with prepared bytes, however wrong they are.
final class LivePeer: Sendable {
    /// What the peer does once a request has come.
    enum Answer: Sendable {
        /// Sends the bytes and closes.
        case bytes(String)
        /// Sends the bytes, then nothing, and keeps the connection.
        case bytesThenSilence(String)
        /// Sends a head and then zeros until the other side has had enough.
        case endless
        /// Closes at once.
        case close
    }

    private let channel: any Channel
    private let received: Received
    let port: Int

    /// What came in, all connections together.
    final class Received: Sendable {
        private let text = Mutex("")
        func append(_ part: String) { text.withLock { $0 += part } }
        var all: String { text.withLock { $0 } }
    }

    var requests: String { received.all }

    init(_ answer: Answer) async throws {
        let received = Received()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answer, received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.received = received
        port = channel.localAddress?.port ?? 0
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: Answer
        private let received: Received
        private var hasAnswered = false

        init(_ answer: Answer, _ received: Received) {
            self.answer = answer
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            received.append(String(buffer: buffer))
            guard !hasAnswered else { return }
            hasAnswered = true
            switch answer {
            case .bytes(let text): send(text, context, closing: true)
            case .bytesThenSilence(let text): send(text, context, closing: false)
            case .endless:
                send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", context, closing: false)
                sendZeros(context)
            case .close: context.close(promise: nil)
            }
        }

        private func send(_ text: String, _ context: ChannelHandlerContext, closing: Bool) {
            let sent = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)))
            if closing {
                let channel = context.channel
                sent.whenComplete { _ in channel.close(promise: nil) }
            }
        }

        private func sendZeros(_ context: ChannelHandlerContext) {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 0x30, count: 16_384))).whenSuccess {
                let (handler, context) = bound.value
                handler.sendZeros(context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
