import AsyncHTTPClient
import Clocks
import NIOCore
import NIOHTTP1

/// The house's only way out by HTTP: origins of the configuration only, no redirect followed, no compression accepted, time
/// and size bounded, certificates verified against the machine's authorities.
///
/// Owned by the composition root, which calls ``shutdown()`` when the server ends.
public final class GuardedHTTPClient: OutboundHTTP {
    private let policy: OutboundPolicy
    private let client: HTTPClient

    /// A client under `policy`.
    public init(policy: OutboundPolicy) {
        self.policy = policy
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: .milliseconds(policy.limits.connect.wholeMilliseconds),
                read: .milliseconds(policy.limits.whole.wholeMilliseconds)),
            // A small answer that unpacks to a huge one is never asked for.
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // A broken connection is reported, and tried again by the person, not by us: a code is redeemed once.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes every connection.
    public func shutdown() async {
        // What cannot be closed cleanly goes with the process.
        try? await client.shutdown()
    }

    /// Sends the request if the policy lets it pass.
    ///
    /// - Throws: ``OutboundError``.
    public func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        try policy.check(request.url)
        let outgoing = try Self.outgoing(request)
        let origin = request.url.origin
        let limits = policy.limits
        let client = client
        // The client's own deadline ends with the head of the answer; this one covers the last byte too.
        let outcome = await withTaskGroup(of: Result<OutboundResponse, OutboundError>.self) { group in
            group.addTask { await Self.exchange(outgoing, with: origin, client: client, limits: limits) }
            group.addTask {
                try? await Task.sleep(for: limits.whole)
                return .failure(.timedOut(origin))
            }
            let first = await group.next() ?? .failure(.timedOut(origin))
            group.cancelAll()
            return first
        }
        return try outcome.get()
    }

    private static func outgoing(_ request: OutboundRequest) throws(OutboundError) -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: request.url.text)
        outgoing.headers.add(name: "Accept", value: request.accept)
        outgoing.headers.add(name: "User-Agent", value: "Loge")
        if let authorization = request.authorization {
            // CR and LF would begin a header of somebody else's choice.
            guard authorization.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .requestMalformed }
            outgoing.headers.add(name: "Authorization", value: authorization)
        }
        switch request.method {
        case .get: outgoing.method = .GET
        case .post(let form):
            outgoing.method = .POST
            outgoing.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            outgoing.body = .bytes(form)
        }
        return outgoing
    }

    private static func exchange(
        _ request: HTTPClientRequest, with origin: OutboundOrigin, client: HTTPClient, limits: OutboundPolicy.Limits
    ) async -> Result<OutboundResponse, OutboundError> {
        do {
            let response = try await client.execute(request, timeout: .milliseconds(limits.whole.wholeMilliseconds))
            var body: [UInt8] = []
            for try await part in response.body {
                guard body.count + part.readableBytes <= limits.answerBytes else {
                    return .failure(.answerTooLarge(limit: limits.answerBytes))
                }
                body.append(contentsOf: part.readableBytesView)
            }
            return .success(
                OutboundResponse(
                    status: Int(response.status.code), contentTypes: response.headers["Content-Type"], body: body))
        } catch {
            return .failure(failure(error, origin))
        }
    }

    /// The library's errors may quote what the peer sent, so that none of their words are passed on.
    private static func failure(_ error: any Error, _ origin: OutboundOrigin) -> OutboundError {
        if let error = error as? HTTPClientError {
            let timeouts: [HTTPClientError] = [
                .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .tlsHandshakeTimeout,
                .getConnectionFromPoolTimeout, .cancelled,
            ]
            return timeouts.contains(error) ? .timedOut(origin) : .unreachable(origin)
        }
        if error is CancellationError { return .timedOut(origin) }
        // Every error of the TLS library names it in its type.
        return String(reflecting: type(of: error)).contains("NIOSSL") ? .untrustedPeer(origin) : .unreachable(origin)
    }
}
