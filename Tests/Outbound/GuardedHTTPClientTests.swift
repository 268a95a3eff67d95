import Outbound
import Testing

@Suite("The guarded client, over a live socket", .serialized)
struct GuardedHTTPClientTests {
    /// Asks a peer that answers so; gives the answer and what the peer read.
    private func ask(
        _ answer: LivePeer.Answer, limits: OutboundPolicy.Limits = .init(), path: String = "/x",
        _ method: OutboundRequest.Method = .get, authorization: String? = nil
    ) async throws -> (answer: Result<OutboundResponse, OutboundError>, request: String, origin: OutboundOrigin) {
        let peer = try await LivePeer(answer)
        let origin = "http://127.0.0.1:\(peer.port)"
        let client = GuardedHTTPClient(
            policy: try OutboundPolicy(origins: [], insecurePlainLoopback: [origin], limits: limits))
        let request = OutboundRequest(
            method, try OutboundURL(parsing: origin + path), accept: "application/json", authorization: authorization)
        let result: Result<OutboundResponse, OutboundError>
        do throws(OutboundError) {
            result = .success(try await client.send(request))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await peer.stop()
        return (result, peer.requests, try OutboundOrigin(parsing: origin))
    }

    private let good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"

    @Test("A GET and its answer")
    func get() async throws {
        let (answer, request, _) = try await ask(.bytes(good), authorization: "Bearer abc")
        let response = try answer.get()
        #expect(response.status == 200)
        #expect(try response.body(ofType: "application/json") == Array("{\"a\":1}".utf8))
        #expect(request.hasPrefix("GET /x HTTP/1.1\r\n"))
        let head = request.lowercased()
        #expect(head.contains("\r\naccept: application/json\r\n"))
        #expect(head.contains("\r\nauthorization: bearer abc\r\n"))
        #expect(!head.contains("accept-encoding"))
        #expect(!head.contains("cookie"))
    }

    @Test("A POST and its form")
    func post() async throws {
        let (answer, request, _) = try await ask(.bytes(good), .post(form: Array("a=b&c=d".utf8)))
        #expect(try answer.get().status == 200)
        #expect(request.hasPrefix("POST /x HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"))
        #expect(request.hasSuffix("\r\n\r\na=b&c=d"))
    }

    @Test("ASVS 15.3.2: a redirect is an answer, and leads nowhere", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let text = "HTTP/1.1 \(status) Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        let (answer, request, _) = try await ask(.bytes(text))
        #expect(try answer.get().status == status)
        #expect(!request.contains("elsewhere"))
    }

    @Test("OA-36: an answer longer than the limit is refused: announced, in chunks, or without end")
    func tooLarge() async throws {
        let limits = OutboundPolicy.Limits(answerBytes: 100_000)
        let full = String(repeating: "a", count: 100_000)
        let exact = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + full
        #expect(try await ask(.bytes(exact), limits: limits).answer.get().body.count == 100_000, "the control")
        let tooLong: [LivePeer.Answer] = [
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\na" + full),
            .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\na" + full + "\r\n0\r\n\r\n"),
            .endless,
        ]
        for answer in tooLong {
            let (result, _, _) = try await ask(answer, limits: limits)
            #expect(throws: OutboundError.answerTooLarge(limit: 100_000)) { try result.get() }
        }
    }

    @Test("OA-36: a peer that says nothing, or stops in the midst, is waited for so long and no longer")
    func slow() async throws {
        let limits = OutboundPolicy.Limits(whole: .milliseconds(300))
        #expect(try await ask(.bytes(good)).answer.get().status == 200, "the control")
        for text in [
            "", "HTTP/1.1 200 OK\r\nContent-",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a",
        ] {
            let (result, _, origin) = try await ask(.bytesThenSilence(text), limits: limits)
            #expect(throws: OutboundError.timedOut(origin), "\(text)") { try result.get() }
        }
    }

    @Test("OA-36: a peer that hangs up, cuts its answer short or talks no HTTP")
    func broken() async throws {
        let answers: [LivePeer.Answer] = [
            .close, .bytes("SSH-2.0-OpenSSH\r\n"), .bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":1}"),
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n{\"a\":1}"),
            .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ]
        for answer in answers {
            let (result, _, origin) = try await ask(answer)
            #expect(throws: OutboundError.unreachable(origin), "\(answer)") { try result.get() }
        }
    }

    @Test("OA-36: nobody listens")
    func nobody() async throws {
        let peer = try await LivePeer(.close)
        let origin = "http://127.0.0.1:\(peer.port)"
        await peer.stop()
        let client = GuardedHTTPClient(policy: try OutboundPolicy(origins: [], insecurePlainLoopback: [origin]))
        await #expect(throws: OutboundError.unreachable(try OutboundOrigin(parsing: origin))) {
            try await client.send(OutboundRequest(.get, OutboundURL(parsing: origin + "/x"), accept: "*/*"))
        }
        await client.shutdown()
    }

    @Test("OA-36: a peer whose certificate is none is not trusted")
    func untrusted() async throws {
        // Plain HTTP where TLS is expected: the handshake fails, and nothing of the request is in what was sent.
        let peer = try await LivePeer(.bytes(good))
        let origin = "https://127.0.0.1:\(peer.port)"
        let client = GuardedHTTPClient(policy: try OutboundPolicy(origins: [origin]))
        let request = OutboundRequest(
            .get, try OutboundURL(parsing: origin + "/canary"), accept: "*/*", authorization: "Bearer canary")
        await #expect(throws: OutboundError.untrustedPeer(try OutboundOrigin(parsing: origin))) {
            try await client.send(request)
        }
        await client.shutdown()
        await peer.stop()
        #expect(!peer.requests.contains("canary"))
    }

    @Test("OA-23: an origin that is not on the list receives no byte")
    func notAllowed() async throws {
        let peer = try await LivePeer(.bytes(good))
        let client = GuardedHTTPClient(
            policy: try OutboundPolicy(origins: ["https://idp.example"], insecurePlainLoopback: ["http://127.0.0.1:1"]))
        let url = try OutboundURL(parsing: "http://127.0.0.1:\(peer.port)/x")
        await #expect(throws: OutboundError.insecureOrigin(url.origin)) {
            try await client.send(OutboundRequest(.get, url, accept: "*/*"))
        }
        await client.shutdown()
        await peer.stop()
        #expect(peer.requests.isEmpty)
    }

    @Test(
        "WEB-06: a header of our own that would begin another one is not sent",
        arguments: ["a\r\nX: y", "a\nb", "a\u{0}", "é"])
    func headerInjection(value: String) async throws {
        let (result, request, _) = try await ask(.bytes(good), authorization: "Bearer " + value)
        #expect(throws: OutboundError.requestMalformed) { try result.get() }
        #expect(request.isEmpty)
    }
}
