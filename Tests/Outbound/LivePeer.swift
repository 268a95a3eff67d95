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
        private var arrived = ""

        init(_ answer: Answer, _ received: Received) {
            self.answer = answer
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            let part = String(buffer: buffer)
            received.append(part)
            arrived += part
            // Head and body may come one after the other: what is closed in between never arrives.
            guard !hasAnswered, Self.isWhole(arrived) else { return }
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

        private static func isWhole(_ request: String) -> Bool {
            // What is no request at all (the first bytes of TLS) is answered as it comes.
            guard request.first?.isLetter == true else { return true }
            guard let end = request.firstRange(of: "\r\n\r\n") else { return false }
            let lines = request[..<end.lowerBound].lowercased().split(separator: "\r\n")
            let length = lines.first { $0.hasPrefix("content-length:") }.flatMap { line in
                Int(line.dropFirst("content-length:".count).filter { $0 != " " })
            }
            return request[end.upperBound...].utf8.count >= length ?? 0
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
